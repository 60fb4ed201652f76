"""Rules of which a part is settled already: judged as the whole is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.risk.test_rules import READER

names = st.sampled_from(["a", "b", "c"])
leaves = st.one_of(
    st.builds(lambda name, value: {"field": name, "is": value}, names, st.booleans()),
    st.builds(lambda name: {"field": name, "at_least": {"table": "limit"}}, names),
    st.builds(lambda name: {"given": [name]}, names),
    st.just({"not_recorded": "something else"}),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda of: {"all": of}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda of: {"any": of}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda of: {"count": len(of) // 2 + 1, "of": of},
            st.lists(inner, min_size=1, max_size=4),
        ),
    ),
)
values = st.sampled_from([None, False, True, 10.0])
answers = st.fixed_dictionaries(dict.fromkeys("abc", values))


@given(conditions, answers, answers, st.sets(names))
def test_what_is_settled_is_judged_as_before_whatever_becomes_of_what_is_open(
    condition: Any, facts: Any, later: Any, open_names: set[str]
) -> None:
    parsed = READER.condition(condition)
    known = {"age_years": 60, **facts}
    then = {**known, **{name: later[name] for name in open_names}}
    assert parsed.settled(known, open_names).judge(then) == parsed.judge(then)
