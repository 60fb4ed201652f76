"""What the description says of search parameters is what their reader takes."""

import re

import pytest

from riskapp.api.fhir.parameters import COMMA, _moment, _unescaped
from riskapp.api.fhir.problems import FhirRefused
from riskapp.api.fhir.search_shapes import DATES, SOMETHING


@pytest.mark.parametrize(
    "written",
    [
        "2026", "ge2026-02", "2026-02-28", "eb2024-02-29", "2026-04-30,lt2026-12-31",
        "2026-02-28T23:59", "2026-02-28T23:59:59.123Z", "2026-02-28T12:00+01:00",
        "", "x", "26", "2026-13", "2026-00", "2026-04-31", "2026-02-30", "2026-2-3", "ap2026",
        "2026-02-28T24:01", "2026-02-28T1", "2026,", ",2026", "2026 ", "ge", "2026-02-28T12:60",
    ],
)  # fmt: skip
def test_a_date_is_taken_where_its_shape_says_so(written: str) -> None:
    def is_taken(one: str) -> bool:
        try:
            _moment("date", one)
        except FhirRefused:
            return False
        return True

    taken = all(is_taken(one) for one in written.split(","))
    assert bool(re.search(DATES, written)) == taken


@pytest.mark.parametrize(
    "written", ["a", "a,b", " a ", r"a\,b", "\\", r"\,", "", " ", ",", "a,", ",a", "a,,b", "a, ,b"]
)
def test_a_value_is_taken_where_its_shape_says_so(written: str) -> None:
    taken = all(_unescaped(part) for part in COMMA.split(written))
    assert bool(re.search(SOMETHING, written)) == taken
