"""What began is dated however FHIR lets it be told, and by nothing that may mean another time."""

from typing import Any

import pytest

from tests.exchange.fhir.resources import ICD, UCUM, condition, read, why


def ages(low: int | None, high: int | None) -> dict[str, Any]:
    told = {"low": low, "high": high}
    return {
        name: {"value": value, "code": "a", "system": UCUM} for name, value in told.items() if value
    }


@pytest.mark.parametrize(
    "onset",
    [
        {"onsetRange": ages(18, 30)},
        {"onsetRange": ages(70, 95)},
        {"onsetAge": ages(None, 60)["high"]},
        {"onsetPeriod": {"start": "2015", "end": "2016"}},
        {"onsetString": "2015-03"},
        {"onsetString": "at the age of 62"},
        {"onsetString": "62 years old"},
    ],
)
def test_a_fracture_of_adult_life_counts_however_its_onset_is_told(onset: dict[str, Any]) -> None:
    """FHIR R4: onset[x] is a dateTime, Age, Period, Range or string."""
    answers = read(condition(ICD, "S52.5", **onset)).answers
    assert answers["prior_fracture_site"] == "forearm"


@pytest.mark.parametrize(
    "onset",
    [
        {"onsetRange": ages(None, 60)},
        {"onsetRange": ages(60, None)},
        {"onsetRange": ages(60, 50)},
        {"onsetRange": ages(50, 123)},
        {"onsetRange": [7]},
        {"onsetRange": {"low": {"value": 50}, "high": {"value": 60}}},
        {"onsetString": "age 9999"},
        {"onsetString": 62},
        {"onsetString": "10 years"},  # of age, or ago
        {"onsetRange": ages(17, 18)},
        {"onsetString": "fell while playing with her children"},
        {"onsetString": "after the birth of her son"},
    ],
)
def test_what_tells_no_age_is_no_date(onset: dict[str, Any]) -> None:
    record = read(condition(ICD, "S52.5", **onset))
    assert "is not dated, so it may be of childhood" in why(record, "Condition/c")


@pytest.mark.parametrize(
    "onset",
    [
        {"onsetString": "in early childhood"},
        {"onsetString": "As a child"},
        {"onsetString": "in der Kindheit"},
        {"onsetRange": ages(12, 17)},
    ],
)
def test_what_was_in_childhood_does_not_count(onset: dict[str, Any]) -> None:
    record = read(condition(ICD, "S72.0", **onset))
    assert "is of childhood" in why(record, "Condition/c")


def test_an_operation_is_dated_by_how_old_the_person_was_too() -> None:
    """FHIR R4: performed[x] of a Procedure has the same types."""
    done = {**condition(ICD, "S72.0"), "resourceType": "Procedure", "status": "completed"}
    assert read({**done, "performedRange": ages(60, 64)}).answers["prior_fracture_site"] == "hip"
    early = read({**done, "performedAge": ages(None, 9)["high"]})
    assert "is of childhood" in why(early, "Procedure/c")
