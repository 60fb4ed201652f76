"""Whatever stands in a record: sentences, or the one named error, and never anything else."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import UnreadableRecord
from riskapp.exchange.reading import read_profile
from riskapp.risk.errors import InvalidProfile

TODAY = date(2026, 11, 22)
BUNDLES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path("fixtures/fhir").glob("*.json"))
]


def deep() -> Any:
    """Nested as no parser lets through, but a caller may build."""
    tree: Any = "x"
    for number in range(2_000):
        tree = [tree] if number % 2 else {"reference": tree, "coding": tree}
    return tree


ANYTHING = st.one_of(
    st.builds(deep),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.just([[{}], None]),
    st.just({"coding": [{"code": ["x"]}, 3, None]}),
    st.just({"reference": "#"}),
    st.just("9999-12-31"),
    st.just("0001-01-01T00:00:00+14:00"),
    st.just(10**400),
)


def _own(value: Any) -> Any:
    """A copy, so that one mutation is not seen in the next."""
    return value if isinstance(value, list | dict) and _is_deep(value) else copy.deepcopy(value)


def _is_deep(value: Any) -> bool:
    for _ in range(50):
        if not isinstance(value, list | dict) or not value:
            return False
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return True


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a JSON tree but its root."""
    found = [path] if path else []
    if not isinstance(tree, dict | list) or len(path) > 12:
        return found
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        found += places(value, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    tree = copy.deepcopy(draw(st.sampled_from(BUNDLES)))
    for _ in range(draw(st.integers(1, 6))):
        found = places(tree)
        if not found:
            break
        path = draw(st.sampled_from(found))
        holder = tree
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            holder[path[-1]] = draw(ANYTHING.map(_own))
        else:
            del holder[path[-1]]
    return tree


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_record_with_anything_anywhere_is_read_or_refused_in_a_sentence(tree: Any) -> None:
    try:
        record = read_record([tree], today=TODAY)
    except UnreadableRecord:
        return
    for one in record.passed_over:
        assert one.resource
        assert one.why.endswith(".")
    assert len(record.answers) == len(record.chosen)
    # What a record answers, a profile takes, but for ages outside the published tables.
    answers = {"population": "gb", "age_years": 70, "sex": "female", **record.answers}
    assert problems(answers) <= {"age_years"}


def problems(answers: dict[str, Any]) -> set[str]:
    try:
        read_profile(answers, clamp_age=True)
    except InvalidProfile as refusal:
        return set(refusal.by_field)
    return set()


@pytest.mark.parametrize("given", [[], [None], [3, "x", [], {}], [{"resourceType": []}], {}])
def test_what_holds_no_resource_answers_nothing(given: Any) -> None:
    record = read_record(given, today=TODAY)
    assert (record.person, record.answers) == (None, {})


def test_thousands_of_entries_of_one_thing_are_read_one_by_one() -> None:
    person = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-01-01"}
    many = [
        {
            "resourceType": "Observation",
            "id": f"o{number % 4_000}",
            "status": "final",
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "38267-1"}]},
            "effectiveDateTime": "2026-01-01",
            "valueQuantity": {"value": -1 - number / 10_000},
        }
        for number in range(8_000)
    ]
    record = read_record([person, *many], today=TODAY)
    assert record.answers["lumbar_spine_t_score"] == -1.7999
    assert len({one.resource for one in record.passed_over}) == 4_001


def test_a_resource_with_its_address_once_and_once_without_is_one() -> None:
    broken = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "icd-10", "code": "S52.5"}]},
        "onsetDateTime": "2020-01-01",
    }
    person = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-01-01"}
    entry = {"fullUrl": "https://ehr.example/fhir/Condition/c", "resource": broken}
    for both in ([entry, broken], [broken, entry]):
        record = read_record([person, *both], today=TODAY)
        assert record.answers["number_of_prior_fractures"] == 1
        assert [one.why for one in record.passed_over if one.resource == "Condition/c"] == [
            "It is here twice."
        ]


def test_what_is_no_list_is_refused() -> None:
    for record in ("Bundle", b"x", 3, None):
        with pytest.raises(UnreadableRecord, match="a list of FHIR resources"):
            read_record(record, today=TODAY)  # type: ignore[arg-type]
