"""Density over the years: joined only where two scans may be compared."""

from datetime import date

import pytest
from django.contrib.auth.models import User

from imaging.result import Acquired, Kind, Measurement, ScanMeasurement, Status
from riskapp.actions.confirming import confirm
from riskapp.actions.density_over_time import Course, densities_of
from riskapp.actions.errors import NotFound
from riskapp.models import Patient, Scan
from tests.people import add_version

NECK, SPINE = "femoral_neck_left", "L1-L4"


def scanned(
    owner: User, patient: Patient, on: str | None, maker: str = "hologic", **values: float
) -> Scan:
    numbers = tuple(
        Measurement(name="areal_bmd", region=region.replace("_to_", "-"), value=value,
                    unit="g/cm2", method="-", source="-", precision="-")
        for region, value in values.items()
    )  # fmt: skip
    measurement = ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="dxa", body_part="several", view="ap"),
        measurements=numbers,
        acquired=Acquired(on=on, manufacturer=maker),
    )
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256="1" * 64)
    add_version(scan, owner, measurement)
    confirm(by=owner, scan=scan, number=1)
    return scan


def only(courses: tuple[Course, ...]) -> Course:
    (course,) = courses
    return course


def test_scans_of_one_scanner_are_joined_and_judged(owner: User, patient: Patient) -> None:
    scanned(owner, patient, "2023-03-14", femoral_neck_left=0.622)
    scanned(owner, patient, "2019-10-22", femoral_neck_left=0.651)
    scanned(owner, patient, "2026-11-12", femoral_neck_left=0.594)
    course = only(densities_of(by=owner, patient=patient))
    assert (course.site, course.side) == ("femoral_neck", "left")
    assert [point.value for point in course.points] == [0.651, 0.622, 0.594]
    # The ISCD's limit at the femoral neck: 2.5 % of the value.
    assert course.points[0].sd == pytest.approx(0.025 * 0.651)
    assert course.points[0].scanner == "Hologic"
    first, second = (step.change for step in course.steps)
    assert first is not None
    assert second is not None
    assert first.percent == pytest.approx(100 * (0.622 / 0.651 - 1))
    assert course.whole is not None
    assert course.whole.verdict == "larger"
    assert course.whole.percent == pytest.approx(100 * (0.594 / 0.651 - 1))


def test_scans_of_two_makers_are_shown_and_not_joined(owner: User, patient: Patient) -> None:
    scanned(owner, patient, "2019-10-22", maker="ge_lunar", femoral_neck_left=0.7)
    scanned(owner, patient, "2023-03-14", femoral_neck_left=0.622)
    course = only(densities_of(by=owner, patient=patient))
    (step,) = course.steps
    assert step.change is None
    assert "maker" in step.why_not
    assert course.whole is None


def test_sides_are_different_bones_and_undated_scans_are_left_out(
    owner: User, patient: Patient
) -> None:
    scanned(owner, patient, "2019-10-22", femoral_neck_left=0.65, femoral_neck_right=0.64)
    scanned(owner, patient, None, femoral_neck_left=0.6)
    courses = densities_of(by=owner, patient=patient)
    assert [(one.side, len(one.points)) for one in courses] == [("left", 1), ("right", 1)]


def test_of_one_day_one_scan_counts_and_a_trochanter_is_no_site(
    owner: User, patient: Patient
) -> None:
    scanned(owner, patient, "2019-10-22", total_hip_left=0.8, trochanter_left=0.6)
    scanned(owner, patient, "2019-10-22", total_hip_left=0.9)
    course = only(densities_of(by=owner, patient=patient))
    assert [(point.on, point.region) for point in course.points] == [
        (date(2019, 10, 22), "total_hip_left")
    ]


def test_what_is_not_confirmed_or_another_clinic_s_is_not_shown(
    owner: User, stranger: User, patient: Patient
) -> None:
    scan = scanned(owner, patient, "2019-10-22", femoral_neck_left=0.65)
    scan.versions.update(confirmed_at=None)
    assert densities_of(by=owner, patient=patient) == ()
    with pytest.raises(NotFound):
        densities_of(by=stranger, patient=patient)


def test_a_spine_with_a_vertebra_left_out_is_shown_over_those_of_both_visits(
    owner: User, patient: Patient
) -> None:
    scanned(owner, patient, "2019-10-22", L1_to_L4=0.836, L1_to_L3=0.82)
    scanned(owner, patient, "2023-03-14", L1_to_L3=0.79)
    course = only(densities_of(by=owner, patient=patient))
    assert [(point.region, point.value) for point in course.points] == [
        ("L1-L3", 0.82),
        ("L1-L3", 0.79),
    ]
    assert course.points[0].sd is not None
    (step,) = course.steps
    assert step.change is not None
    assert step.change.earlier == 0.82
