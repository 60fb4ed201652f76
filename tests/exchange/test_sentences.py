"""Parts of a sentence: lists and first letters."""

import pytest

from riskapp.exchange.sentences import listed_in_words, small


@pytest.mark.parametrize(
    ("parts", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_a_list_ends_in_its_word(parts: list[str], said: str) -> None:
    assert listed_in_words(parts, "or") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Body mass index", "body mass index"),
        ("L1 attenuation", "L1 attenuation"),
        ("DXA machine", "DXA machine"),
        ("X", "x"),
        ("", ""),
    ],
)
def test_only_abbreviations_stay_large_within_a_sentence(text: str, said: str) -> None:
    assert small(text) == said
