"""Contributions that add up, intervals that hold the point, and what would help most."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.assessment_json import estimate_json
from riskapp.risk.estimate import Cause, Outcome
from tests.risk.asking import COMPLETE, PEOPLE, WHO, estimate

ADDS_UP = 1e-6  # as promised to other programs


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.booleans())
def test_contributions_add_up_to_what_is_shown(
    answers: dict[str, object], unknown_as_no: bool
) -> None:
    answer = estimate(answers, interval=False, unknown_as_no=unknown_as_no)
    explanation = answer.explanation
    assert explanation is not None
    assert explanation.baseline is not None
    for outcome in Outcome:
        total = explanation.baseline[outcome] + sum(
            one.probability[outcome] for one in explanation.contributions if one.probability
        )
        assert total == pytest.approx(answer.outcomes[outcome].probability_10y, abs=ADDS_UP)


def test_the_baseline_is_the_answer_for_age_and_sex_alone() -> None:
    bare = estimate(WHO, interval=False)
    explained = estimate(COMPLETE, interval=False).explanation
    assert explained is not None
    assert explained.baseline is not None
    for outcome in Outcome:
        expected = bare.outcomes[outcome].probability_10y
        assert explained.baseline[outcome] == pytest.approx(expected, abs=ADDS_UP)


def test_weight_and_height_are_one_player_and_unknown_inputs_are_none() -> None:
    explanation = estimate(WHO | {"weight_kg": 64, "height_cm": 160}, interval=False).explanation
    assert explanation is not None
    (only,) = explanation.contributions
    assert (only.field, only.value, only.unit) == ("body_mass_index", pytest.approx(25), "kg/m2")
    assert "De Laet" in only.source


def test_a_known_t_score_alone_moves_the_log_hazard_by_its_distance_from_the_mean() -> None:
    low = estimate(WHO | {"femoral_neck_t_score": -4.0}, interval=False).explanation
    high = estimate(WHO | {"femoral_neck_t_score": 0.0}, interval=False).explanation
    assert low is not None
    assert high is not None
    assert (
        low.contributions[0].log_hazard[Cause.HIP] > 0 > high.contributions[0].log_hazard[Cause.HIP]
    )
    assert low.baseline_log_hazard == pytest.approx(high.baseline_log_hazard)


def test_every_contribution_names_a_publication() -> None:
    explanation = estimate(COMPLETE, interval=False).explanation
    assert explanation is not None
    assert len(explanation.contributions) == 9
    assert all("doi" in one.source or "WHO" in one.source for one in explanation.contributions)


def test_without_interval_and_reasons_none_are_made_up() -> None:
    answer = estimate(WHO, explain=False, interval=False)
    assert answer.explanation is None
    assert answer.would_help_most == ()
    assert answer.outcomes[Outcome.HIP].interval_95 is None


def test_the_json_has_the_promised_shape() -> None:
    found = estimate_json(estimate(COMPLETE))
    assert set(found["outcomes"]) == {"major_osteoporotic", "hip"}
    assert len(found["outcomes"]["hip"]["interval_95"]) == 2
    assert found["outcomes"]["hip"]["curve"][9] == [10, found["outcomes"]["hip"]["probability_10y"]]
    contribution = found["explanation"]["contributions"][0]
    assert set(contribution) == {
        "field",
        "label",  # a site's own column is in no list of fields that a reader could look it up in
        "value",
        "unit",
        "log_hazard",
        "probability",
        "wording",
        "source",
        "beside",
    }
    assert "goes with" in contribution["wording"]


def test_a_source_that_was_not_read_says_so() -> None:
    answer = estimate(COMPLETE, interval=False)
    assert answer.explanation is not None
    sources = {one.field: one.source for one in answer.explanation.contributions}
    assert "[recalled, to be confirmed]" in sources["rheumatoid_arthritis"]
    assert "all ages recalled, to be confirmed" in sources["glucocorticoids"]
    assert (
        "[in part recalled, to be confirmed; in part no published counterpart]"
        in sources["femoral_neck_t_score"]
    )
    for source in sources.values():
        named = [part.rstrip(";") for part in source.split() if part.startswith("doi:")]
        assert len(named) == len(set(named))  # a publication is named once
    seen, *rest = sources["alcohol_3_or_more_units_daily"].split("; ")
    assert seen.endswith("doi:10.1007/s00198-004-1734-y")
