"""A bundle is written entry by entry, with the bytes of one written at once."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from riskapp.api.fhir.media import FhirRenderer
from riskapp.exchange.fhir.writing.elements import percent

ENTRIES = [
    {"resource": {"id": "a", "text": 'Lühr’s \u2028 \u2029 \u00a0 \\ " </p>', "value": 1e-05}},
    {"resource": {"id": "b", "entry": [], "extension": [{"entry": [1, None, True]}]}},
]


@pytest.mark.parametrize(
    "told",
    [
        {"resourceType": "Bundle", "total": 2, "entry": ENTRIES},
        {"resourceType": "Bundle", "total": 1, "entry": ENTRIES[:1]},
        {"resourceType": "Bundle", "total": 0, "entry": []},
        {"resourceType": "Bundle", "total": 0},
        {"entry": ENTRIES, "total": 2},
        ENTRIES[1]["resource"],
        {"entry": "of something else"},
    ],
)
def test_the_bytes_are_those_of_one_written_at_once(told: dict[str, Any]) -> None:
    assert FhirRenderer().render(told) == JSONRenderer().render(told)


@given(st.floats(min_value=0, max_value=1))
@example(1e-05)
@example(5e-324)
@example(0.2163)
def test_a_percentage_is_the_probability_with_its_point_moved(probability: float) -> None:
    assert percent(probability) == float(Decimal(repr(probability)) * 100)
