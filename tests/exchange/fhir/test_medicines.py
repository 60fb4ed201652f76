"""What somebody takes or took: glucocorticoids and treatment, with dose and time."""

from typing import Any

import pytest

from tests.exchange.fhir.resources import (
    SNOMED,
    UCUM,
    WHO,
    concept,
    medicine,
    read,
    why,
)


def dosage(value: float, unit: str, **repeat: Any) -> dict[str, Any]:
    quantity = {"value": value, "unit": unit, "code": unit, "system": UCUM}
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}}
    return {"doseAndRate": [{"doseQuantity": quantity}], "timing": timing}


# BNF, Glucocorticoid therapy: doses as strong as 5 mg prednisolone (recalled).
@pytest.mark.parametrize(
    ("code", "mg", "as_prednisolone"),
    [
        ("H02AB06", 5, 5),
        ("H02AB07", 5, 5),
        ("H02AB04", 4, 5),
        ("H02AB09", 20, 5),
        ("H02AB02", 0.75, 5),
        ("H02AB13", 6, 5),
        ("H02AB10", 25, 5),
    ],
)
def test_doses_are_told_as_prednisolone(code: str, mg: float, as_prednisolone: float) -> None:
    answers = read(medicine(code, dosage=[dosage(mg, "mg")])).answers
    assert answers["glucocorticoids"] is True
    assert answers["glucocorticoid_dose_mg_daily"] == pytest.approx(as_prednisolone)


@pytest.mark.parametrize(
    ("given", "mg"),
    [
        (dosage(5, "mg", frequency=2), 10),
        (dosage(10, "mg", period=2), 5),
        (dosage(35, "mg", period=1, periodUnit="wk"), 5),
        (dosage(0.005, "g"), 5),
        (dosage(5, "mg", when=["MORN", "CV"], frequency=None), 10),
        (dosage(5, "mg", frequencyMax=3), None),
        (dosage(7, "mg", dayOfWeek=["mon", "wed", "fri"]), 3),
        (dosage(7, "mg", dayOfWeek=["mon", "wed", "fri"], periodUnit="wk"), 3),
        (dosage(7, "mg", dayOfWeek=["mon"], period=2, periodUnit="wk"), None),
        ({**dosage(5, "mg"), "asNeededBoolean": True}, None),
        (dosage(2, "{tbl}"), None),  # how much one holds is not told
        (dosage(5, "mL"), None),
        ({"text": "one in the morning"}, None),
    ],
)
def test_a_daily_dose_is_read_or_not_known(given: dict[str, Any], mg: float | None) -> None:
    record = read(medicine("H02AB06", dosage=[given]))
    assert record.answers["glucocorticoids"] is True
    assert record.answers.get("glucocorticoid_dose_mg_daily") == mg
    assert mg or why(record, "MedicationStatement/m")


@pytest.mark.parametrize(
    "more",
    [
        {"medicationCodeableConcept": {"text": "Prednisolone acetate 1% ophthalmic suspension"}},
        {"medicationCodeableConcept": {"text": "Hydrocortisone cream 1%"}},
        {"dosage": [{"route": concept(SNOMED, "46713006")}]},
        {"status": "entered-in-error"},
        {"status": "not-taken"},
        {"status": "intended"},
        {"effectivePeriod": {"start": "2027-01-01"}},
    ],
)
def test_what_is_applied_locally_or_not_taken_does_not_count(more: dict[str, Any]) -> None:
    record = read(medicine("H02AB09", **more))
    assert "glucocorticoids" not in record.answers
    assert why(record, "MedicationStatement/m")


def test_a_medicine_may_be_known_by_its_name_alone() -> None:
    told = medicine("", medicationCodeableConcept={"text": "predniSONE 5 MG Oral Tablet"})
    assert read(told).answers["glucocorticoids"] is True


@pytest.mark.parametrize(
    ("period", "mg", "answer"),
    [
        ({"start": "2020-01-01", "end": "2020-07-01"}, 7.5, True),
        ({"start": "2020-01-01", "end": "2020-07-01"}, 4, None),
        ({"start": "2020-01-01", "end": "2020-02-01"}, 40, None),
        ({"end": "2020-02-01"}, 40, None),
    ],
)
def test_past_glucocorticoids_count_after_three_months_at_five_milligrams(
    period: Any, mg: float, answer: bool | None
) -> None:
    past = medicine(
        "H02AB06", status="completed", effectivePeriod=period, dosage=[dosage(mg, "mg")]
    )
    record = read(past)
    assert record.answers.get("glucocorticoids") is answer
    assert answer or "are not on record." in why(record, "MedicationStatement/m")


def ordered(day: str, supply: int, repeats: int = 0, status: str = "active") -> dict[str, Any]:
    """An order of prednisolone 5 mg a day for some days."""
    return {
        **medicine("H02AB06", f"of-{day}", status=status, dosageInstruction=[dosage(5, "mg")]),
        "resourceType": "MedicationRequest",
        "intent": "order",
        "authoredOn": day,
        "dispenseRequest": {
            "expectedSupplyDuration": {"value": supply, "unit": "days", "code": "d"},
            "numberOfRepeatsAllowed": repeats,
        },
    }


def test_an_order_lasts_as_long_as_what_it_supplies() -> None:
    """An order that nobody closed says nothing of today."""
    assert read(ordered("2026-11-01", 10)).answers.get("glucocorticoids") is None
    assert read(ordered("2026-11-01", 10, repeats=2)).answers["glucocorticoids"] is True


def test_orders_in_a_row_are_one_course_and_bursts_far_apart_are_none() -> None:
    row = [ordered(f"2024-{month:02d}-01", 28, status="completed") for month in range(1, 6)]
    assert read(*row).answers["glucocorticoids"] is True
    bursts = [ordered(f"{year}-01-01", 14, status="completed") for year in range(2014, 2025)]
    assert "glucocorticoids" not in read(*bursts).answers


@pytest.mark.parametrize("words", ["No prednisone", "Prednisolone (allergy)", "Kein Prednisolon"])
def test_a_medicine_that_is_denied_is_not_taken(words: str) -> None:
    record = read(medicine("", medicationCodeableConcept={"text": words}))
    assert "glucocorticoids" not in record.answers


def test_courses_that_overlap_are_counted_once() -> None:
    record = read(
        medicine(
            "H02AB06",
            "a",
            status="completed",
            effectivePeriod={"start": "2024-01-01", "end": "2024-07-01"},
        ),
        medicine(
            "H02AB06",
            "b",
            status="completed",
            effectivePeriod={"start": "2024-04-01", "end": "2024-10-01"},
        ),
        medicine("H02AB06", "c", effectivePeriod={"start": "2026-05-22"}),
    )
    # 9 months and 6 months.
    assert record.answers["glucocorticoid_duration_months"] == pytest.approx(15, abs=0.2)


@pytest.mark.parametrize(
    ("code", "drug"),
    [
        ("M05BA04", "oral_bisphosphonate"),
        ("M05BB03", "oral_bisphosphonate"),
        ("M05BA08", "zoledronate"),
        ("M05BX04", "denosumab"),
        ("G03XC01", "raloxifene"),
        ("H05AA02", "teriparatide"),
        ("H05AA04", "abaloparatide"),
        ("M05BX06", "romosozumab"),
        ("G03FA01", "menopausal_hormone_therapy"),
        ("M05BX03", "other"),
    ],
)
def test_treatment_is_told_by_its_class_and_years(code: str, drug: str) -> None:
    answers = read(medicine(code, effectivePeriod={"start": "2023-11-22"})).answers
    assert answers["osteoporosis_treatment"] == drug
    assert answers["osteoporosis_treatment_years"] == 3.0


@pytest.mark.parametrize(
    ("code", "day", "works"),
    [
        ("M05BX04", "2026-05-01", True),
        ("M05BX04", "2026-02-01", False),
        ("M05BA08", "2025-10-22", True),
        ("M05BA08", "2025-08-01", False),
        ("M05BA04", "2026-11-01", False),  # a tablet taken is no course
    ],
)
def test_an_injection_counts_as_long_as_it_acts(code: str, day: str, works: bool) -> None:
    given = {
        "resourceType": "MedicationAdministration",
        "id": "a",
        "status": "completed",
        "subject": WHO,
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", code),
        "effectiveDateTime": day,
    }
    assert ("osteoporosis_treatment" in read(given).answers) == works


def test_what_is_no_longer_taken_is_not_told_as_none() -> None:
    assert "osteoporosis_treatment" not in read(medicine("M05BA04", status="stopped")).answers
