"""What somebody has or had: counted where it is sure, and with the reason where not."""

from typing import Any

import pytest

from tests.exchange.fhir.resources import (
    ICD,
    SNOMED,
    UCUM,
    WHO,
    concept,
    condition,
    read,
    verified,
    why,
)

RA = condition(SNOMED, "69896004")
FACTOR = "rheumatoid_arthritis"


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, True),
        (verified("confirmed"), True),
        (verified("refuted"), False),
        (verified("provisional"), None),
        (verified("differential"), None),
        (verified("unconfirmed"), None),
        (verified("entered-in-error"), None),
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "remission"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "inactive"}]}}, True),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, None),
        ({"onsetDateTime": "2027-01-01"}, None),
    ],
)
def test_a_diagnosis_counts_when_it_is_sure(more: dict[str, Any], answer: bool | None) -> None:
    record = read({**RA, **more})
    assert record.answers.get(FACTOR) is answer
    assert answer is not None or why(record, "Condition/c")


@pytest.mark.parametrize("code", ["M05.9", "M06.0", "M06.00", "M0690"])
def test_rheumatoid_arthritis_is_found_by_its_codes(code: str) -> None:
    assert read(condition(ICD, code)).answers[FACTOR] is True


@pytest.mark.parametrize("code", ["M15.0", "M17", "M06.1", "M08.0"])
def test_osteoarthritis_and_other_joints_are_no_rheumatoid_arthritis(code: str) -> None:
    assert FACTOR not in read(condition(ICD, code)).answers


def test_one_cause_that_is_ruled_out_does_not_rule_out_the_others() -> None:
    record = read(condition(ICD, "E10.9", **verified("refuted")))
    assert "secondary_osteoporosis" not in record.answers
    assert "says nothing of other causes." in why(record, "Condition/c")
    assert read(condition(ICD, "K90.0")).answers["secondary_osteoporosis"] is True
    assert "long untreated" in why(read(condition(ICD, "E05.0")), "Condition/c")


@pytest.mark.parametrize(
    ("more", "years"),
    [
        ({"onsetDateTime": "2016-11-22"}, 10.0),
        ({"onsetDateTime": "2026-11-20"}, 0.1),
        ({"onsetAge": {"value": 60, "code": "a", "system": UCUM}}, 16.3),
        ({"onsetString": "age 60"}, 16.3),
        ({"onsetString": "since 2016-11-22"}, None),
        ({"recordedDate": "2020-11-22"}, 6.0),
        ({**verified("refuted"), "recordedDate": "2020-11-22"}, 0),
        ({}, None),
    ],
)
def test_years_with_type_2_diabetes_are_counted_from_the_diagnosis(
    more: dict[str, Any], years: float | None
) -> None:
    found = read(condition(ICD, "E11.9", **more)).answers.get("type_2_diabetes_years")
    assert found == (pytest.approx(years, abs=0.6) if years else years)


def test_an_illness_that_is_written_down_again_began_with_the_first_entry() -> None:
    first = condition(ICD, "E11.9", onsetDateTime="2011-11-22")
    visit = condition(ICD, "E11.6", "visit", recordedDate="2026-10-01")
    record = read(visit, first)
    assert record.answers["type_2_diabetes_years"] == 15.0
    assert "tells of an earlier day" in why(record, "Condition/visit")
    denied = condition(ICD, "E11.9", "no", recordedDate="2026-11-01", **verified("refuted"))
    assert read(first, visit, denied).answers["type_2_diabetes_years"] == 0


@pytest.mark.parametrize(
    ("site", "fields"),
    [("29836001", {"prior_fracture_site": "hip"}), ("29707007", {}), ("", {})],  # a toe; untold
)
def test_a_fracture_may_name_its_bone_beside_its_code(site: str, fields: dict[str, str]) -> None:
    where = {"bodySite": [concept(SNOMED, site)]} if site else {}
    record = read(condition(SNOMED, "125605004", onsetDateTime="2020-01-01", **where))
    assert fields.items() <= record.answers.items()
    assert record.answers.get("prior_fragility_fracture", False) is bool(fields)
    assert fields or "does not say of which bone" in why(record, "Condition/c")


def test_a_fracture_that_healed_on_a_day_is_dated() -> None:
    healed = fracture("S52.5", "f", None, abatementDateTime="2016-05-01")
    answers = read(healed).answers
    assert answers["prior_fragility_fracture"] is True
    assert "prior_fracture_months_ago" not in answers


def fracture(code: str, id: str, day: str | None, **more: Any) -> dict[str, Any]:
    onset = {"onsetDateTime": day} if day else {}
    return condition(ICD, code, id, **onset, **more)


def test_an_osteoporotic_fracture_by_its_code_counts_without_a_day_whatever_its_site() -> None:
    answers = read(fracture("M80.02", "f", None)).answers
    assert (answers["prior_fragility_fracture"], answers["prior_fracture_site"]) == (
        True,
        "humerus",
    )


@pytest.mark.parametrize(
    ("code", "site"),
    [
        ("S72.0", "hip"),
        ("S72.10", "hip"),
        ("S22.0", "vertebra"),
        ("M48.5", "vertebra"),
        ("S42.2", "humerus"),
        ("S52.5", "forearm"),
        ("S82.6", "other"),
        ("M80.9", "other"),
    ],
)
def test_a_fracture_of_adult_life_is_told_with_its_site_and_time(code: str, site: str) -> None:
    answers = read(fracture(code, "f", "2025-11-01")).answers
    assert answers["prior_fragility_fracture"] is True
    assert answers["prior_fracture_site"] == site
    assert (answers["number_of_prior_fractures"], answers["prior_fracture_months_ago"]) == (1, 12)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (fracture("S72.0", "f", "1960-05-05"), "is of childhood"),
        (fracture("S52.5", "f", None), "is not dated, so it may be of childhood"),
        (fracture("S72.0", "f", "2020-01-01", **verified("refuted")), "is ruled out"),
        (fracture("S72.0", "f", "2020-01-01", **verified("provisional")), "is not confirmed"),
        (fracture("M84.3", "f", "2020-01-01"), "is not counted as a fragility fracture"),
        (fracture("S02.1", "f", "2020-01-01"), "is not counted as a fragility fracture"),
        (fracture("S12.8", "f", "2020-01-01"), "is not counted as a fragility fracture"),
        (
            fracture(
                "S72.0",
                "f",
                "2020-01-01",
                extension=[
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/condition-dueTo",
                        "valueCodeableConcept": concept(ICD, "V43.5"),
                    }
                ],
            ),
            "came of a high force",
        ),
    ],
)
def test_a_fracture_that_does_not_count_is_told_with_its_reason(
    entry: dict[str, Any], reason: str
) -> None:
    record = read(entry)
    assert "prior_fragility_fracture" not in record.answers
    assert reason in why(record, "Condition/f")


@pytest.mark.parametrize(
    ("days", "events"),
    [
        ([("S52.5", "2020-01-01"), ("S52.5", "2020-03-01")], 1),  # followed up
        ([("S52.5", "2020-01-01"), ("S52.5", "2021-03-01")], 2),
        ([("S52.5", "2020-01-01"), ("S72.0", "2020-01-01")], 1),  # one fall
        ([("S52.5", "2020-01-01"), ("S72.0", "2020-02-01")], 2),
        ([("S52.5", "2020-01-01"), ("S52.5", "2020-05-01"), ("S52.5", "2020-09-01")], 1),
    ],
)
def test_each_event_is_counted_once(days: list[tuple[str, str]], events: int) -> None:
    entries = [fracture(code, f"f{n}", day) for n, (code, day) in enumerate(days)]
    assert read(*entries).answers["number_of_prior_fractures"] == events


@pytest.mark.parametrize(("code", "counted"), [("S72.0", True), ("M80.9", True), ("S52.5", False)])
def test_without_a_day_only_fractures_of_adults_count(code: str, counted: bool) -> None:
    answers = read(fracture(code, "f", None)).answers
    assert answers.get("prior_fragility_fracture", False) is counted
    assert "prior_fracture_months_ago" not in answers


def test_a_personal_history_of_osteoporotic_fracture_is_one() -> None:
    answers = read(condition("http://hl7.org/fhir/sid/icd-10-cm", "Z87.310")).answers
    assert answers["prior_fragility_fracture"] is True


def test_a_fracture_that_is_only_written_down_has_no_time() -> None:
    answers = read(fracture("S72.0", "f", None, recordedDate="2019-05-05")).answers
    assert answers["prior_fragility_fracture"] is True
    assert "prior_fracture_months_ago" not in answers


def test_a_later_visit_for_a_fracture_is_not_the_day_on_which_it_broke() -> None:
    system = "http://hl7.org/fhir/sid/icd-10-cm"
    visit = condition(system, "S72.001D", "f", onsetDateTime="2026-01-01")
    answers = read(visit).answers
    assert answers["prior_fracture_site"] == "hip"
    assert "prior_fracture_months_ago" not in answers


def test_no_fracture_on_record_is_not_no_fracture() -> None:
    assert "prior_fragility_fracture" not in read(RA).answers


def relative(code: str, *conditions: Any, status: str = "completed") -> dict[str, Any]:
    return {
        "resourceType": "FamilyMemberHistory",
        "id": "r",
        "status": status,
        "patient": WHO,
        "relationship": concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", code),
        "condition": [{"code": one} for one in conditions],
    }


def with_outcome(code: str, illness: Any, outcome: Any) -> dict[str, Any]:
    return relative(code) | {"condition": [{"code": illness, "outcome": outcome}]}


HIP, HEART = concept(ICD, "S72.0"), concept(ICD, "I21")


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        (relative("MTH", HIP), True),
        (relative("FTH", HEART, HIP), True),
        (with_outcome("MTH", HEART, HIP), True),
        (relative("MTH", HEART), None),  # not asked is not no
        (relative("GRMTH", HIP), None),
        (relative("STPMTH", HIP), None),
        (relative("SIS", HIP), None),
        (relative("MTH", HIP, status="entered-in-error"), None),
        (relative("MTH", HIP, status="health-unknown"), None),
    ],
)
def test_a_parents_hip_is_read_and_nobody_elses(entry: Any, answer: bool | None) -> None:
    record = read(entry)
    assert record.answers.get("parent_hip_fracture") is answer
    assert answer or why(record, "FamilyMemberHistory/r")


@pytest.mark.parametrize("code", ["391096007", "445501000124107"])
def test_a_family_history_may_stand_as_a_condition(code: str) -> None:
    assert read(condition(SNOMED, code)).answers["parent_hip_fracture"] is True
    denied = condition(SNOMED, code, **verified("refuted"))
    assert read(denied).answers["parent_hip_fracture"] is False
