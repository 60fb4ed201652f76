"""Verdicts from forms are those of judging each person alone, number for number."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk import guideline_data, verdict_forms
from riskapp.risk.comparisons import comparisons, truths, truths_but
from riskapp.risk.guideline_data import Rule, guideline, listed, placeholders
from riskapp.risk.guidelines import BOTH_PERCENT, facts_of, judge, verdicts, with_doubt
from riskapp.risk.profile import RiskProfile
from riskapp.risk.reached import reached
from riskapp.risk.rules import BESIDE, Compare, limit_at
from riskapp.risk.verdict import FiredRule, Verdict, with_numbers
from riskapp.risk.verdict_forms import category_of, form_of, limits_at
from tests.risk.guideline_cases import PROFILES

CHANCES = st.floats(0, 1) | st.sampled_from([0.2, 0.03, 0.199999999999, 0.0300000000001])


def fired(rules: tuple[Rule, ...], facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [(rule.source, rule.mark) for rule in rules if rule.when.judge(facts).truth]


def told(rules: tuple[FiredRule, ...]) -> list[tuple[str, str]]:
    return [(rule.source, rule.mark) for rule in rules]


@settings(max_examples=150, deadline=None)
@given(answers=PROFILES, major=CHANCES, hip=CHANCES)
def test_a_form_decides_as_judging_everything_does(
    answers: dict[str, Any], major: float, hip: float
) -> None:
    facts = facts_of(RiskProfile(**answers), major, hip)
    for one in listed():
        found, direct = judge(one, facts), reached(one, facts)
        assert (found.applies, found.why_not) == (direct.applies, direct.why_not)
        assert found.at_least == direct.at_least
        assert (found.missing, found.missing_words) == (direct.missing.fields, direct.missing.words)
        if direct.category is not None:
            assert found.possible[:-1] == tuple(each.name for each in direct.still_open)
            assert told(found.rules) == fired(direct.category.rules, facts)
            assert told(found.remarks) == fired(one.remarks, facts)
        said = [found.means, *(rule.says for rule in (*found.rules, *found.remarks))]
        assert not any("{" in sentence for sentence in said)


@settings(max_examples=150, deadline=None)
@given(answers=PROFILES, major=CHANCES, hip=CHANCES)
def test_each_comparison_comes_out_as_when_it_is_made_alone(
    answers: dict[str, Any], major: float, hip: float
) -> None:
    facts = facts_of(RiskProfile(**answers), major, hip)
    alone = tuple(one.judge(facts).truth for one in comparisons())
    assert truths(facts) == alone


@settings(max_examples=100, deadline=None)
@given(answers=PROFILES, major=CHANCES, hip=CHANCES)
def test_at_other_probabilities_the_rest_comes_out_as_before(
    answers: dict[str, Any], major: float, hip: float
) -> None:
    profile = RiskProfile(**answers)
    before, facts = truths(facts_of(profile, 0.15, 0.01)), facts_of(profile, major, hip)
    after = truths_but(before, facts, BOTH_PERCENT)
    assert after == truths(facts)
    for one in listed():
        assert category_of(one.code, after) == reached(one, facts).at_least


@pytest.mark.parametrize("beside", [-2, -1e-2, -1e-4, 0, 1e-4, 1e-2, 2])
def test_a_number_beside_a_limit_comes_out_as_when_it_is_compared_alone(beside: float) -> None:
    facts = facts_of(RiskProfile(population="gb", age_years=60, sex="female"), 0.1, 0.01)  # type: ignore[arg-type]
    for place, one in enumerate(comparisons()):
        if isinstance(one, Compare) and isinstance(one.limit, float | int):
            near = facts | {one.field: float(one.limit) + beside * BESIDE}
            assert truths(near)[place] == one.judge(near).truth


@pytest.mark.parametrize("one", listed(), ids=lambda one: one.code)
def test_limits_are_those_of_the_tables_at_every_age(one: Any) -> None:
    for age in (0.0, *(age / 4 for age in range(30 * 4, 100 * 4))):
        expected = {name: limit_at(table, age) for name, table in one.tables.items()}
        assert limits_at(one.code, age) == expected


def test_who_differs_in_numbers_alone_has_the_same_form() -> None:
    verdict_forms._form.cache_clear()
    for number in range(5):
        answers = {"population": "gb", "age_years": 72 + number / 8, "sex": "female"}
        answers |= {"femoral_neck_t_score": -3.1 - number / 50}
        verdicts(RiskProfile(**answers), 0.15, 0.01, evidence_set="meta-2025")  # type: ignore[arg-type]
    kept = verdict_forms._form.cache_info()
    assert (kept.misses, kept.hits) == (len(listed()), 4 * len(listed()))


def test_a_verdict_that_was_changed_is_not_taken_for_its_form() -> None:
    profile = RiskProfile(population="gb", age_years=72, sex="female", femoral_neck_t_score=-1.0)  # type: ignore[arg-type]
    for before, after in zip(
        first := verdicts(profile, 0.12, 0.02),
        with_doubt(first, profile, [(0.01, 0.001), (0.6, 0.3)]),
        strict=True,
    ):
        assert before.filled is not None
        assert (after.filled is None) == (after != before)
    assert any(one.within_interval for one in with_doubt(first, profile, [(0.01, 0), (0.6, 0.3)]))


@pytest.mark.parametrize("says", ["{major_percent:>30} %", "{{major_percent}}"])
def test_a_sentence_in_braces_beyond_names_is_refused(says: str) -> None:
    with pytest.raises(ValueError, match="more than names"):
        guideline_data._checked(says, {})


def test_every_name_of_a_form_is_filled() -> None:
    for one in listed():
        for category in one.categories:
            for text in (category.means, *(rule.says for rule in category.rules)):
                assert "{" not in with_numbers(text, dict.fromkeys(placeholders(text), "1"))


def test_notes_are_left_out_where_a_guideline_does_not_apply() -> None:
    nothing = truths(facts_of(RiskProfile(population="gb", age_years=45, sex="male"), 0.1, 0.01))  # type: ignore[arg-type]
    forms = [form_of(one.code, nothing, ("A note.",), "meta-2025") for one in listed()]
    found: list[Verdict] = [form.verdict for form in forms]
    assert any(one.applies is False for one in found)
    for one in found:
        has_thresholds = guideline(one.guideline).has_thresholds
        about_frax = int(bool(one.applies and has_thresholds))
        assert len(one.notes) == (0 if one.applies is False else 1 + about_frax)
