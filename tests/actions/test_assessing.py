"""An assessment: stored with its reasons, computed again to the same number."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from imaging.result import Finding, Severity
from riskapp.actions import finding
from riskapp.actions.assessing import assess
from riskapp.actions.confirming import confirm
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.stored_answers import recompute
from riskapp.models import Assessment, AuditEvent, Patient, Scan
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.estimate import EstimateOptions
from tests.people import add_version, textured

ANSWERS: dict[str, object] = {"population": "gb", "body_mass_index": 24, "current_smoker": None}
QUICK = EstimateOptions(explain=False, interval=False)
LOW = Finding(code="low_resolution", severity=Severity.WARNING, advice="Coarse pixels.")
TEXTURE = 0.62  # of the scan's newest version


def test_an_assessment_keeps_what_is_needed_to_compute_it_again(
    owner: User, patient: Patient, measured_scan: Scan
) -> None:
    made = assess(
        by=owner,
        patient=patient,
        answers=ANSWERS,
        scans=[measured_scan],
        engines=("evidence", "cox"),
    )
    stored = Assessment.objects.get(id=made.id)
    assert recompute(stored) == stored.estimates
    assert stored.evidence_set == "frax-2008"
    assert stored.model_ids.keys() == {"evidence", "cox"}
    assert stored.options["unknown_as_no"] is False


def test_published_epidemiology_always_answers_and_first(owner: User, patient: Patient) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, engines=("cox",), options=QUICK)
    assert [each["engine"] for each in made.estimates] == ["evidence", "cox"]


def test_unknown_read_as_no_is_not_stored_with_a_patient(owner: User, patient: Patient) -> None:
    options = replace(QUICK, unknown_as_no=True)
    with pytest.raises(Refused, match="comparison only"):
        assess(by=owner, patient=patient, answers=ANSWERS, options=options)
    assert not Assessment.objects.exists()


def test_each_value_says_where_it_came_from(
    owner: User, patient: Patient, confirmed_scan: Scan
) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[confirmed_scan], options=QUICK)
    assert made.profile["lumbar_texture_score"] == TEXTURE
    assert made.provenance == {
        "population": "typed",
        "body_mass_index": "typed",
        "age_years": "record",
        "sex": "record",
        "lumbar_texture_score": f"scan {confirmed_scan.id} version 2",
    }


def test_a_scan_fills_nothing_in_before_a_person_confirmed_its_regions(
    owner: User, patient: Patient, measured_scan: Scan
) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[measured_scan], options=QUICK)
    assert "lumbar_texture_score" not in made.profile
    assert any("nobody has confirmed its regions" in warning for warning in made.warnings)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Scan.Status.REFUSED, "not used: It shows a knee."),
        (Scan.Status.UNREADABLE, "not used: It shows a knee."),
        (Scan.Status.FAILED, "not used: It shows a knee."),
        (Scan.Status.MEASURED, "not used: nobody has confirmed its regions yet."),
    ],
)
def test_a_scan_that_gave_nothing_is_told(
    owner: User, patient: Patient, measured_scan: Scan, status: str, why: str
) -> None:
    Scan.objects.update(status=status, reason="It shows a knee.")
    scan = Scan.objects.get()
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[scan], options=QUICK)
    assert made.warnings == [f"Scan {scan.id} is {why}"]


def test_a_scan_that_gave_its_value_is_not_told_to_be_unused(
    owner: User, patient: Patient, confirmed_scan: Scan
) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[confirmed_scan], options=QUICK)
    assert not any("is not used" in warning for warning in made.warnings)
    add_version(confirmed_scan, owner, replace(textured(0.6), measurements=()))
    confirm(by=owner, scan=confirmed_scan, number=3)
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[confirmed_scan], options=QUICK)
    assert any("measured nothing for the record" in warning for warning in made.warnings)
    unsure = replace(textured(0.6), quality=(LOW,))
    add_version(confirmed_scan, owner, unsure)
    confirm(by=owner, scan=confirmed_scan, number=4)
    made = assess(by=owner, patient=patient, answers=ANSWERS, scans=[confirmed_scan], options=QUICK)
    (said,) = (warning for warning in made.warnings if "is not used" in warning)
    assert "held back because of" in said
    assert "nothing" not in said


@pytest.mark.parametrize(
    ("typed", "origin"),
    [("0.70", "typed"), (str(TEXTURE), "scan"), (TEXTURE, "scan"), (" ", "scan")],
)
def test_a_typed_value_wins_and_a_value_sent_back_is_still_the_scans(
    owner: User, patient: Patient, confirmed_scan: Scan, typed: Any, origin: str
) -> None:
    answers = ANSWERS | {"lumbar_texture_score": typed}
    made = assess(by=owner, patient=patient, answers=answers, scans=[confirmed_scan], options=QUICK)
    assert made.provenance["lumbar_texture_score"].startswith(origin)


def test_the_audit_row_is_written_with_the_assessment_or_neither(
    owner: User, patient: Patient
) -> None:
    with pytest.raises(InvalidProfile):
        assess(by=owner, patient=patient, answers={"population": "atlantis"})
    assert not AuditEvent.objects.filter(action="assessment.create").exists()
    made = assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)
    assert AuditEvent.objects.get(action="assessment.create").target == str(made.id)


@pytest.mark.parametrize(
    ("slip", "field"), [({"sex": "male"}, "sex"), ({"age_years": 50}, "age_years")]
)
def test_answers_about_somebody_else_are_refused(
    owner: User, patient: Patient, slip: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused, match="correct one of the two") as refused:
        assess(by=owner, patient=patient, answers=ANSWERS | slip, options=QUICK)
    assert list(refused.value.by_field) == [field]
    assert not Assessment.objects.exists()


def test_an_age_one_year_beside_the_record_is_accepted(owner: User, patient: Patient) -> None:
    age_years = patient.age_years_on(timezone.localdate())
    for close in (age_years - 1, f"{age_years + 1}"):
        answers = ANSWERS | {"age_years": close}
        assert assess(by=owner, patient=patient, answers=answers, options=QUICK)


def test_a_scan_that_is_still_being_measured_is_not_used(
    owner: User, patient: Patient, measured_scan: Scan
) -> None:
    Scan.objects.update(status=Scan.Status.MEASURING)
    with pytest.raises(Refused, match="still being measured"):
        assess(by=owner, patient=patient, answers=ANSWERS, scans=[measured_scan])


def test_another_patients_scan_is_refused(
    owner: User, patient: Patient, measured_scan: Scan
) -> None:
    other = Patient.objects.create(
        organisation=patient.organisation,
        name="Other",
        record_number="2",
        date_of_birth=patient.date_of_birth,
        sex="female",
    )
    with pytest.raises(Refused, match="another patient’s"):
        assess(by=owner, patient=other, answers=ANSWERS, scans=[measured_scan])


def test_a_stranger_neither_makes_nor_finds_an_assessment(
    owner: User, colleague: User, stranger: User, patient: Patient
) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)
    assert finding.assessment(by=colleague, id=made.id) == made
    with pytest.raises(NotFound):
        finding.assessment(by=stranger, id=made.id)
    with pytest.raises(NotFound):
        assess(by=stranger, patient=patient, answers=ANSWERS)
