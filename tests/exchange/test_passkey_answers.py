"""What a browser answers with a passkey, of whatever kind: believed, or refused without harm."""

import json
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.passkeys import LONGEST_ANSWER, NotBelieved, credential_of, made, signed
from tests.software_authenticator import ORIGIN, SoftwareAuthenticator

BROKEN = st.one_of(
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    ).map(json.dumps),
)
ANSWERS = [
    SoftwareAuthenticator().make({"user": {"id": "eA"}, "challenge": "eA"}),
    SoftwareAuthenticator().show({"challenge": "eA"}),
]


@hypothesis.settings(max_examples=40)
@given(st.sampled_from(ANSWERS), st.data())
def test_bytes_of_whatever_kind_are_refused_and_break_nothing(answer: str, data: Any) -> None:
    told = json.loads(answer)
    name = data.draw(st.sampled_from(sorted(told["response"])))
    told["response"][name] = data.draw(
        st.none() | st.integers() | st.text(alphabet="AZaz09-_=+/\0é", max_size=60)
    )
    for broken in (json.dumps(told), data.draw(BROKEN)):
        with pytest.raises(NotBelieved):
            made((ORIGIN,), broken, "eQ")
        with pytest.raises(NotBelieved):
            signed((ORIGIN,), broken, "eQ", public_key="eA", sign_count=0, verified=False)
        try:
            credential_of(broken)
        except NotBelieved:
            pass


@pytest.mark.parametrize(("more", "why"), [(0, ""), (1, "too long")])
def test_an_answer_has_a_longest_length(more: int, why: str) -> None:
    answer = SoftwareAuthenticator().show({"challenge": "eA"})
    padded = answer + " " * (LONGEST_ANSWER + more - len(answer))
    if why:
        with pytest.raises(NotBelieved, match=why):
            credential_of(padded)
    else:
        assert credential_of(padded)[0]
