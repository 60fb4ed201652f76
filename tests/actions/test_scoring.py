"""Scoring: stateless, only the engines asked for, and every refusal a sentence."""

import pytest

from riskapp.actions.errors import Refused
from riskapp.actions.scoring import check_engines, score
from riskapp.models import Assessment, AuditEvent
from riskapp.risk.errors import InvalidProfile, UnknownModel
from riskapp.risk.estimate import EstimateOptions

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
        check_engines(["oracle"], "frax-2008")
    with pytest.raises(UnknownModel):
        check_engines(["evidence"], "../../etc/passwd")
    with pytest.raises(Refused, match="at least one engine"):
        check_engines([], "frax-2008")
