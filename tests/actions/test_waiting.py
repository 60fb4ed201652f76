"""What patients wait for: each reason, in order of urgency, as the record changes."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from imaging.result import Finding, Kind, Measurement, ScanMeasurement, Severity, Status
from riskapp.actions.assessing import assess
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.confirming import confirm
from riskapp.actions.discussing import record_discussion
from riskapp.actions.incidental import mark_radiology
from riskapp.actions.looking import look_again, rebuild
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.actions.registering import register_patient
from riskapp.actions.striking_out import strike_out
from riskapp.actions.worklist import first_waits, worklist
from riskapp.models import (
    Assessment,
    Patient,
    Scan,
    Wait,
    WorklistRow,
)
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.recall_rules import recall_rules
from tests.people import add_version

QUICK = EstimateOptions(explain=False, interval=False)
today = timezone.localdate  # called in each test, as a run may pass midnight


def waits(patient: Patient) -> list[str]:
    """Reasons that stand on the worklist today, the most urgent first."""
    listed = Wait.objects.filter(row=patient.pk, listed_from__lte=timezone.localdate())
    return [wait.reason for wait in listed]


def answered(owner: User, patient: Patient) -> Assessment:
    answers = {"population": "gb", "femoral_neck_t_score": "-1.0"}
    return assess(by=owner, patient=patient, answers=answers, options=QUICK)


def ct(hu: float, *codes: str, deformed: float = 0) -> ScanMeasurement:
    def told(name: str, value: float) -> Measurement:
        return Measurement(
            name=name, region="L1", value=value, unit="1", method="-", source="-", precision="-"
        )

    return ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="ct"),
        quality=tuple(
            Finding(code=code, severity=Severity.WARNING, advice="Look.") for code in codes
        ),
        measurements=(
            told("trabecular_attenuation_hu", hu),
            told("vertebral_deformity_grade", deformed),
        ),
    )


def ct_scan(owner: User, patient: Patient, measured: ScanMeasurement) -> Scan:
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256="1" * 64)
    add_version(scan, owner, measured)
    confirm(by=owner, scan=scan, number=1)
    return scan


def test_every_change_of_the_record_is_seen_at_once(
    owner: User, patient: Patient, measured_scan: Scan
) -> None:
    assert waits(patient)[0] == "to_confirm"
    confirm(by=owner, scan=measured_scan, number=2)
    assert waits(patient) == ["new_scan"]
    made = answered(owner, patient)
    assert waits(patient) == ["not_discussed"]
    record_discussion(by=owner, assessment=made, decided="no_treatment_now")
    assert waits(patient) == []
    broken = record_fracture(
        by=owner, patient=patient, site="hip", happened_on=str(today()), is_fragility=True
    )
    assert waits(patient)[0] == "untreated"
    course = record_treatment(
        by=owner, patient=patient, agent="zoledronate", started_on=str(today())
    )
    assert "untreated" not in waits(patient)
    strike_out(by=owner, entry=course)
    assert waits(patient)[0] == "untreated"
    strike_out(by=owner, entry=broken)
    assert waits(patient) == []


def test_whose_record_was_corrected_waits_for_an_assessment_and_is_listed_with_no_number(
    owner: User, patient: Patient
) -> None:
    """A slip of two days leaves the age as it is, another sex does not."""
    answered(owner, patient)
    born = patient.date_of_birth
    change_patient(by=owner, patient=patient, date_of_birth=born + timedelta(days=2))
    assert waits(patient) == ["not_discussed"]
    change_patient(by=owner, patient=patient, sex="male")
    assert waits(patient) == ["corrected"]
    row = WorklistRow.objects.get(patient=patient)
    assert (row.assessment, row.major, row.verdicts) == (None, None, {})
    answered(owner, patient)
    assert waits(patient) == ["not_discussed"]


def test_what_is_stored_is_what_would_be_written_anew(
    owner: User, patient: Patient, confirmed_scan: Scan
) -> None:
    made = answered(owner, patient)
    record_discussion(by=owner, assessment=made, decided="decide_later", review_on=today())
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    drop = record_treatment(by=owner, patient=patient, agent="denosumab", started_on="2024-02")
    end_treatment(by=owner, treatment=drop, ended_on=str(today()), why_ended="not_known")

    def stored() -> list[Any]:
        kept = ("kind", "rank", "reason", "since", "listed_from", "due_on", "recall", "rule")
        return [*WorklistRow.objects.values(), *Wait.objects.values(*kept, "detail", "scan_id")]

    before = stored()
    assert rebuild(everybody=True) == 1
    assert stored() == before


@pytest.mark.parametrize(
    ("status", "reason"),
    [("queued", "measuring"), ("mismatch", "names_another"), ("failed", "not_measured")],
)
def test_a_scan_without_a_measurement_waits(
    owner: User, patient: Patient, status: str, reason: str
) -> None:
    Scan.objects.create(patient=patient, uploaded_by=owner, sha256="1" * 64, status=status)
    look_again(patient.id)
    assert waits(patient)[0] == reason


@pytest.mark.parametrize(
    ("hu", "codes", "expected"),
    [(110.0, (), True), (110.01, (), False), (90.0, ("contrast_medium",), False)],
)
def test_attenuation_waits_at_the_published_threshold_and_under_its_conditions(
    owner: User, patient: Patient, hu: float, codes: tuple[str, ...], expected: bool
) -> None:
    ct_scan(owner, patient, ct(hu, *codes))
    assert ("low_attenuation" in waits(patient)) is expected


def test_a_vertebra_that_lost_height_waits_until_somebody_passed_it_on(
    owner: User, patient: Patient
) -> None:
    scan = ct_scan(owner, patient, ct(180, deformed=2))
    assert waits(patient)[0] == "deformed"
    mark_radiology(by=owner, scan=scan, step="passed_on")
    assert "deformed" not in waits(patient)


@pytest.mark.parametrize(("days", "expected"), [(28, True), (29, False)])
def test_a_review_is_listed_four_weeks_ahead(
    owner: User, patient: Patient, days: int, expected: bool
) -> None:
    due = today() + timedelta(days=days)
    record_discussion(
        by=owner, assessment=answered(owner, patient), decided="decide_later", review_on=due
    )
    assert (waits(patient) == ["review_agreed"]) is expected
    row = WorklistRow.objects.get(patient=patient)
    assert row.valid_before == (None if expected else due - timedelta(weeks=4))


def test_a_review_appears_when_its_day_comes(owner: User, patient: Patient) -> None:
    answered(owner, patient)
    # As it was written some days ago, when nothing was listed yet.
    WorklistRow.objects.filter(patient=patient).update(rank=None, valid_before=today())
    (row,) = worklist(by=owner).rows
    assert first_waits([row], by=owner)[patient.id].reason == "not_discussed"


@pytest.mark.parametrize(
    ("agent", "months"), [("oral_bisphosphonate", 60), ("zoledronate", 36), ("romosozumab", 12)]
)
def test_a_course_is_reviewed_after_its_published_length(
    owner: User, patient: Patient, agent: str, months: int
) -> None:
    record_treatment(by=owner, patient=patient, agent=agent, started_on="2020-01-31")
    (wait,) = Wait.objects.filter(row=patient.pk, recall="treatment")
    assert wait.due_on == date(2020 + months // 12, 1, 31)
    assert recall_rules()[wait.rule].months == months


def test_denosumab_that_was_stopped_asks_at_once_what_follows(
    owner: User, patient: Patient
) -> None:
    record_treatment(
        by=owner,
        patient=patient,
        agent="denosumab",
        started_on="2020",
        ended_on=str(today()),
        why_ended="own_wish",
    )
    assert "stopped_at_once" in waits(patient)
    record_treatment(by=owner, patient=patient, agent="zoledronate", started_on=str(today()))
    assert "stopped_at_once" not in waits(patient)


def test_the_list_is_one_organisations(owner: User, patient: Patient, stranger: User) -> None:
    register_patient(
        by=stranger, name="S", record_number="S-1", date_of_birth=date(1950, 1, 1), sex="male"
    )
    assert [row.patient_id for row in worklist(by=owner).rows] == [patient.id]
    assert worklist(by=owner).counts["everyone"] == 1
