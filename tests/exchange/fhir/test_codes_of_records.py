"""Codes as records of the US, the UK, Germany and Synthea send them, each to what it answers.

Where each was seen with this meaning stands beside it in ``clinical_codes.csv``.
"""

from typing import Any

import pytest

from tests.exchange.fhir.resources import (
    ATC,
    ICD,
    LOINC,
    SNOMED,
    concept,
    condition,
    measured,
    medicine,
    observed,
    person,
    read,
    why,
)

CM, GM = "http://hl7.org/fhir/sid/icd-10-cm", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SITE, FRACTURE = "prior_fracture_site", "prior_fragility_fracture"
CAUSE, TREATMENT = "secondary_osteoporosis", "osteoporosis_treatment"


@pytest.mark.parametrize(
    ("system", "code", "field", "answer"),
    [
        (CM, "S72.001A", SITE, "hip"),
        (CM, "S72.141D", SITE, "hip"),
        (CM, "M80.051A", SITE, "hip"),
        (CM, "M80.08XA", SITE, "vertebra"),
        (CM, "M80.88XS", SITE, "vertebra"),
        (CM, "S52.501A", SITE, "forearm"),
        (CM, "M80.031A", SITE, "forearm"),
        (CM, "M80.021A", SITE, "humerus"),
        (CM, "M80.0B1A", SITE, "other"),  # pelvis
        (CM, "S32.810A", SITE, "other"),
        (CM, "Z87.310", FRACTURE, True),
        (CM, "Z87.891", "current_smoker", False),
        (CM, "F17.210", "current_smoker", True),
        (CM, "Z78.0", "postmenopausal", True),
        (CM, "E28.310", CAUSE, True),
        (GM, "S72.01", SITE, "hip"),
        (GM, "S42.21", SITE, "humerus"),
        (GM, "M80.08", SITE, "other"),  # vertebra, rib or skull, by the fifth digit of Germany
        (GM, "M80.02", SITE, "humerus"),
        (GM, "M8053", SITE, "forearm"),
        (GM, "M80.95", SITE, "other"),  # pelvis or femur
        (GM, "M80.04", SITE, "other"),
        (CM, "M80.821A", SITE, "humerus"),
        (GM, "S12.22", SITE, "other"),  # third cervical vertebra
        (CM, "S12.600A", SITE, "other"),
        (GM, "T08.0", SITE, "vertebra"),
        (GM, "M05.80", "rheumatoid_arthritis", True),
        (ICD, "T91.1", SITE, "vertebra"),
        (ICD, "S52.9", SITE, "forearm"),
        (ICD, "Q98.4", CAUSE, True),
        (SNOMED, "359817006", SITE, "hip"),  # Synthea, and England's emergency departments
        (SNOMED, "431031001", SITE, "hip"),
        (SNOMED, "704330001", SITE, "other"),  # of the femur, and not which part
        (SNOMED, "240198002", SITE, "vertebra"),
        (SNOMED, "111640008", SITE, "forearm"),
        (SNOMED, "443165006", SITE, "other"),
        (SNOMED, "69896004", "rheumatoid_arthritis", True),
        (SNOMED, "46635009", CAUSE, True),
        (SNOMED, "197476001", CAUSE, True),
        (SNOMED, "56882008", CAUSE, True),
        (SNOMED, "44054006", "type_2_diabetes_years", 6.5),
    ],
)
def test_a_condition_answers_what_its_code_says(
    system: str, code: str, field: str, answer: Any
) -> None:
    record = read(condition(system, code, onsetDateTime="2020-05-01"))
    assert record.answers[field] == answer


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("90739004", "counts only where it went long untreated"),  # thyrotoxicosis
        ("9468002", "is not counted as a fragility fracture"),  # of a carpal bone
        ("77386006", "answers no question"),  # pregnancy
    ],
)
def test_a_condition_that_answers_nothing_says_why(code: str, reason: str) -> None:
    record = read(condition(SNOMED, code, onsetDateTime="2020-05-01"))
    assert set(record.answers) == {"age_years", "sex"}
    assert reason in why(record, "Condition/c")


def test_a_history_of_a_fracture_does_not_say_when_it_was() -> None:
    record = read(condition(CM, "Z87.310", onsetDateTime="2024-05-01"))
    assert record.answers[FRACTURE] is True
    assert "prior_fracture_months_ago" not in record.answers


# US Core's value set has 77176002 for what IPS calls LA18979-7: the words decide.
@pytest.mark.parametrize(
    ("question", "answer", "smokes"),
    [
        ("72166-2", concept(SNOMED, "77176002", "Smoker"), True),
        ("72166-2", concept(SNOMED, "77176002", "Smoker, current status unknown"), None),
        ("72166-2", concept(SNOMED, "405746006", "Past smoking history unknown"), False),
        ("72166-2", concept(SNOMED, "266927001", "Unknown if ever smoked"), None),
        ("72166-2", concept(SNOMED, "735128000"), False),
        ("11367-0", concept(SNOMED, "449868002"), True),
        ("11367-0", concept(LOINC, "LA33-6"), None),
        ("11367-0", concept(LOINC, "LA32-8"), False),
    ],
)
def test_smoking_is_not_read_from_ever_having_used_tobacco(
    question: str, answer: Any, smokes: bool | None
) -> None:
    record = read(observed(question, valueCodeableConcept=answer))
    assert record.answers.get("current_smoker") is smokes
    assert smokes is not None or why(record, "Observation/o")


@pytest.mark.parametrize(("said", "answer"), [(True, None), (False, False)])
def test_that_somebody_drinks_is_not_three_units_a_day(said: bool, answer: bool | None) -> None:
    record = read(observed("11331-6", valueBoolean=said))
    assert record.answers.get("alcohol_3_or_more_units_daily") is answer
    assert said is False or "How much is drunk is not told." in why(record, "Observation/o")


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("38267-1", "lumbar_spine_t_score"),
        ("38264-8", "total_hip_t_score"),
        ("80946-7", "total_hip_t_score"),
        ("80945-9", "total_hip_t_score"),
        ("80944-2", None),  # forearm
        ("80938-4", None),  # Z-score
    ],
)
def test_a_density_is_of_the_site_and_side_of_its_code(code: str, field: str | None) -> None:
    record = read(measured(code, -2.5, "{T-score}"))
    told = {name for name in record.answers if name.endswith("_t_score")}
    assert told == ({field} if field else set())


@pytest.mark.parametrize(
    ("system", "code", "treatment"),
    [
        (ATC, "M05BA04", "oral_bisphosphonate"),
        (ATC, "M05BB03", "oral_bisphosphonate"),
        (ATC, "M05BB08", "zoledronate"),
        (RXNORM, "904420", "oral_bisphosphonate"),  # Synthea
        (RXNORM, "904431", "oral_bisphosphonate"),
        (RXNORM, "1490067", "raloxifene"),  # branded
        (SNOMED, "446321003", "denosumab"),
    ],
)
def test_a_medicine_is_known_by_substance_and_by_product(
    system: str, code: str, treatment: str
) -> None:
    record = read(medicine("", medicationCodeableConcept=concept(system, code)))
    assert record.answers[TREATMENT] == treatment


def _dose(value: float, unit: str = "") -> dict[str, Any]:
    quantity = {"value": value} | ({"unit": unit} if unit else {})
    return {
        "sequence": 1,
        "asNeededBoolean": False,
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": quantity}],
    }


@pytest.mark.parametrize(
    ("code", "name", "dose", "mg"),
    [
        ("312617", "predniSONE 5 MG Oral Tablet", _dose(1), 5),  # Synthea: one, without a unit
        ("312617", "predniSONE 5 MG Oral Tablet", _dose(5), None),  # tablets or milligrams
        ("198144", "predniSONE 1 MG Oral Tablet", _dose(3), 3),  # the same either way
        ("343033", "dexamethasone 0.75 MG Oral Tablet", _dose(1, "tablet"), 5),
        ("197782", "hydrocortisone 10 MG Oral Tablet", _dose(2, "tablet(s)"), 5),
        ("315187", "prednisone 1 MG/ML Oral Solution", _dose(7.5, "mL"), 7.5),
        ("", "Prednisolone 5mg/5ml oral solution unit dose", _dose(5, "ml"), 5),  # NHS
        ("", "Prednisolone 5mg tablets", _dose(2, "tablet"), 10),
        ("", "Prednisolon 5 mg Tabletten", _dose(1, "Tablette"), 5),
        ("", "Prednisolone oral solution", _dose(5, "ml"), None),
    ],
)
def test_a_clinical_drug_gives_the_dose_of_a_day_as_prednisolone(
    code: str, name: str, dose: dict[str, Any], mg: float | None
) -> None:
    coded = [{"system": RXNORM, "code": code, "display": name}] if code else []
    # The text is shorter than the code's own name, which tells the strength.
    told = {"coding": coded, "text": name.split()[0] if code else name}
    record = read(medicine("", medicationCodeableConcept=told, dosage=[dose]))
    assert record.answers["glucocorticoids"] is True
    assert record.answers.get("glucocorticoid_dose_mg_daily") == mg


@pytest.mark.parametrize("code", ["391096007", "416072008", "445121000124105", "445501000124107"])
def test_a_parents_hip_fracture_is_a_condition_of_its_own_too(code: str) -> None:
    record = read(condition(SNOMED, code))
    assert record.answers["parent_hip_fracture"] is True
    father = {
        "resourceType": "FamilyMemberHistory",
        "id": "f",
        "status": "completed",
        "patient": {"reference": f"Patient/{person()['id']}"},
        "relationship": concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "FTH"),
        "condition": [{"code": concept(SNOMED, "263225007")}],
    }
    assert read(father).answers["parent_hip_fracture"] is True
