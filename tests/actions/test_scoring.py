"""Scoring: stateless, only the engines asked for, and every refusal a sentence."""

import pytest

from riskapp.actions.errors import Refused, TooLarge
from riskapp.actions.scoring import Scored, engines_named, score, score_many
from riskapp.models import Assessment, AuditEvent
from riskapp.modelstore import ENGINES
from riskapp.risk import predicting
from riskapp.risk.errors import InvalidProfile, UnknownModel
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.profile import FACTORS

ANN = {"population": "gb", "age_years": 70, "sex": "female", "body_mass_index": 24}
QUICK = EstimateOptions(explain=False, interval=False)


def test_only_published_evidence_answers_unless_more_is_asked_for() -> None:
    scored = score(ANN, options=QUICK)
    assert [estimate.engine for estimate in scored.estimates] == ["evidence"]


def test_an_engine_named_twice_answers_once() -> None:
    assert len(score(ANN, engines=("evidence", "evidence"), options=QUICK).estimates) == 1


@pytest.mark.django_db
def test_nothing_is_stored() -> None:
    score(ANN, options=QUICK)
    assert not Assessment.objects.exists()
    assert not AuditEvent.objects.exists()


def test_what_the_reader_changed_is_said_with_every_estimate() -> None:
    scored = score(ANN | {"age_years": 95}, options=QUICK, clamp_age=True)
    assert scored.profile.age_years == 90
    assert "computed at 90" in scored.to_json()[0]["warnings"][0]


@pytest.mark.parametrize(
    ("age_years", "accepted"), [(39, False), (40, True), (90, True), (91, False)]
)
def test_ages_are_accepted_from_40_to_90(age_years: int, accepted: bool) -> None:
    if accepted:
        assert score(ANN | {"age_years": age_years}, options=QUICK).estimates
    else:
        with pytest.raises(InvalidProfile, match="40 to 90"):
            score(ANN | {"age_years": age_years}, options=QUICK)


def test_unknown_engines_and_evidence_sets_are_refused_by_name() -> None:
    with pytest.raises(UnknownModel, match="oracle"):
        engines_named(["oracle"], "frax-2008")
    with pytest.raises(UnknownModel):
        engines_named(["evidence"], "../../etc/passwd")
    with pytest.raises(Refused, match="at least one engine"):
        engines_named([], "frax-2008")


def test_many_are_answered_as_one_by_one_each_refusal_in_its_place() -> None:
    complete = ANN | dict.fromkeys(FACTORS, False) | {"femoral_neck_t_score": -2.5}
    people = [complete, ANN | {"age_years": 39}, ANN, complete | {"current_smoker": True}]
    engines = engines_named(["evidence", "cox"], "frax-2008")
    found = score_many(people, engines=engines, options=QUICK)
    assert isinstance(found[1], InvalidProfile)
    for index in (0, 2, 3):
        many, alone = found[index], score(people[index], engines=("evidence", "cox"), options=QUICK)
        assert isinstance(many, Scored)
        assert (many.profile, many.silent) == (alone.profile, alone.silent)
        for ours, theirs in zip(many.estimates, alone.estimates, strict=True):
            assert (ours.engine, ours.guidelines) == (theirs.engine, theirs.guidelines)
            for outcome in Outcome:
                assert ours.outcomes[outcome].probability_10y == pytest.approx(
                    theirs.outcomes[outcome].probability_10y, abs=1e-12, rel=0
                )


@pytest.mark.parametrize(
    ("told", "how", "work"),
    [
        ({}, {}, 1),
        ({"falls_last_year": 0}, {}, 2),
        ({"falls_last_year": 2, "type_2_diabetes_years": 5, "trabecular_bone_score": 1.2}, {}, 8),
        ({"falls_last_year": 2}, {"explain": False}, 1),
        ({"falls_last_year": 2}, {"unknown_as_no": True}, 1),  # modifiers are off
        ({"falls_last_year": 2}, {"explain": False, "interval": False}, 0),
    ],
)
def test_the_work_that_is_taken_counts_what_reasons_with_modifiers_cost(
    told: dict[str, object], how: dict[str, bool], work: int
) -> None:
    engines = engines_named(["evidence"], "frax-2008")
    options = EstimateOptions(**how)
    found = score_many([ANN | told], engines=engines, options=options, most_work=work)
    assert isinstance(found[0], Scored)
    if work:
        with pytest.raises(TooLarge, match="at a time"):
            score_many([ANN | told] * 2, engines=engines, options=options, most_work=2 * work - 1)


def test_all_engines_share_the_reasons_that_the_evidence_gives() -> None:
    people = [ANN | {"age_years": 61 + age, "current_smoker": True} for age in range(6)]
    engines = engines_named(ENGINES, "frax-2008")
    predicting.explained.cache_clear()
    together = score_many(people, engines=engines, options=EstimateOptions(interval=False))
    assert predicting.explained.cache_info().misses == len(people)
    # Another order of asking gives everybody the same reasons.
    predicting.explained.cache_clear()
    for answers, one in zip(reversed(people), reversed(together), strict=True):
        alone = score(answers, engines=ENGINES[::-1], options=EstimateOptions(interval=False))
        for engine in ENGINES:
            assert alone.by_engine[engine].explanation == one.by_engine[engine].explanation
