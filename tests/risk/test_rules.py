"""The language of rules: three truth values, and what it refuses to read."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk.rule_reader import Reader
from riskapp.risk.rules import Facts, limit_at

FIELDS = frozenset(("age_years", "a", "b", "c"))
TABLES = {"limit": ((50.0, 7.3), (60.0, 12.2))}
READER = Reader(FIELDS, TABLES, {"is_a": {"field": "a", "is": True}})
A, B = ({"field": name, "is": True} for name in "ab")


def truth(condition: Any, **facts: Any) -> bool | None:
    known: Facts = {"age_years": 60, "a": None, "b": None, "c": None, **facts}
    return READER.condition(condition).judge(known).truth


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (False, False, False, False),
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_all_and_any_are_kleene_s(
    a: bool | None, b: bool | None, both: bool | None, either: bool | None
) -> None:
    assert truth({"all": [A, B]}, a=a, b=b) is both
    assert truth({"all": [B, A]}, a=a, b=b) is both
    assert truth({"any": [A, B]}, a=a, b=b) is either
    assert truth({"not": {"any": [A, B]}}, a=a, b=b) is (None if either is None else not either)


def test_counting_is_unknown_only_while_it_may_be_reached() -> None:
    two = {"count": 2, "of": [A, B, {"field": "c", "is": True}]}
    assert truth(two, a=True, b=True) is True
    assert truth(two, a=True) is None
    assert truth(two, a=False, b=False) is False


@pytest.mark.parametrize(
    ("how", "below", "at", "above"),
    [
        ("at_least", False, True, True),
        ("above", False, False, True),
        ("at_most", True, True, False),
        ("below", True, False, False),
    ],
)
def test_both_sides_of_a_limit(how: str, below: bool, at: bool, above: bool) -> None:
    told = [truth({"field": "a", how: 2.5}, a=value) for value in (2.49, 2.5, 2.51)]
    assert told == [below, at, above]


def test_what_binary_fractions_leave_below_a_limit_still_is_the_limit() -> None:
    assert 100 * 0.203 != 20.3 or 0.1 + 0.2 != 0.3
    assert truth({"field": "a", "at_least": 0.3}, a=0.1 + 0.1 + 0.1) is True
    assert truth({"field": "a", "at_least": 20.3}, a=20.3 - 1e-12) is True


def test_a_table_gives_the_limit_of_the_age() -> None:
    rule = {"field": "a", "at_least": {"table": "limit"}}
    assert [truth(rule, a=10, age_years=age) for age in (50, 59.9, 60)] == [True, True, False]
    assert limit_at(TABLES["limit"], 40) == 7.3


def test_given_asks_about_knowledge_itself_and_what_no_field_holds_stays_unknown() -> None:
    assert truth({"given": ["a", "b"]}, b=0.0) is True
    assert truth({"given": ["a", "b"]}) is False
    judged = READER.condition({"all": [A, {"not_recorded": "the site"}]}).judge(
        {"age_years": 60, "a": None}
    )
    assert (judged.truth, judged.fields, judged.words) == (None, ("a",), ("the site",))


def test_only_what_matters_is_named_as_missing() -> None:
    rule = {"any": [{"all": [A, B]}, {"term": "is_a"}]}
    judged = READER.condition(rule).judge({"age_years": 60, "a": None, "b": False, "c": None})
    assert judged.fields == ("a",)


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        [],
        "a > 3",
        {"all": []},
        {"any": A},
        {"all": [A], "any": [B]},
        {"count": 3, "of": [A, B]},
        {"count": True, "of": [A, B]},
        {"field": "weight"},
        {"field": "strange", "is": True},
        {"field": "a", "at_least": 1, "below": 2},
        {"field": "a", "at_least": "1"},
        {"field": "a", "at_least": True},
        {"field": "a", "at_least": {"table": "none"}},
        {"field": "a", "in": "abc"},
        {"field": "a", "matches": 1},
        {"given": ["strange"]},
        {"term": "strange"},
        {"eval": "1"},
    ],
)
def test_what_is_not_of_the_language_is_refused(nonsense: Any) -> None:
    with pytest.raises(ValueError, match="."):
        READER.condition(nonsense)


LEAVES = st.sampled_from(
    [A, B, {"field": "c", "at_least": 2}, {"field": "c", "below": 1}, {"not_recorded": "x"}]
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"count": 2, "of": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)
ANSWERS = st.fixed_dictionaries({"a": st.booleans(), "b": st.booleans(), "c": st.integers(0, 3)})


@settings(deadline=None)  # a busy machine is no fault of the rules
@given(CONDITIONS, ANSWERS, st.sets(st.sampled_from("abc")))
def test_knowing_more_never_turns_an_answer_round(
    condition: Any, answers: dict[str, Any], forgotten: set[str]
) -> None:
    before = truth(condition, **{k: v for k, v in answers.items() if k not in forgotten})
    after = truth(condition, **answers)
    assert before is None or before is after
