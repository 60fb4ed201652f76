"""Sentences as print has them, whatever was typed."""

import pytest

from riskapp.risk import published
from riskapp.risk.limits import in_print


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("this age's line", "this age’s line"),
        ("isn't", "isn’t"),
        ("it is 'quoted' here", "it is 'quoted' here"),
        ("[hnsf'U]", "[hnsf'U]"),  # a UCUM code
        ("40' of arc", "40' of arc"),
        ("", ""),
    ],
)
def test_an_apostrophe_within_a_word_is_printed(typed: str, printed: str) -> None:
    assert in_print(typed) == printed


def test_a_file_of_sentences_is_printed_and_its_hash_is_that_of_its_bytes() -> None:
    name = "guidelines/nogg-2024"
    before = published.sha256(name)
    assert "this age's line" in str(published.read(name))
    assert "this age’s line" in str(published.printed(name))
    assert published.sha256(name) == before
