"""Changes between a patient's visits over JSON."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from imaging.result import Acquired, Kind, Measurement, ScanMeasurement, Status
from riskapp.actions.confirming import confirm
from riskapp.models import Patient, Scan, ScanIdentity, SitePrecision
from tests.people import add_version
from tests.trail import done


def total_hip(on: str, bmd: float) -> ScanMeasurement:
    number = Measurement(
        name="areal_bmd",
        region="total_hip_left",
        value=bmd,
        unit="g/cm2",
        method="-",
        source="-",
        precision="-",
    )
    return ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="dxa", body_part="hip", view="ap", laterality="left"),
        measurements=(number,),
        acquired=Acquired(on=on, manufacturer="hologic"),
    )


def stored(patient: Patient, owner: User, measurement: ScanMeasurement, confirmed: bool) -> Scan:
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256="1" * 64)
    add_version(scan, owner, measurement)
    if confirmed:
        confirm(by=owner, scan=scan, number=1)
    return scan


def test_confirmed_visits_are_compared_and_others_are_not(
    patient: Patient, owner: User, as_owner: Any, as_stranger: Any
) -> None:
    first = stored(patient, owner, total_hip("2020-01-01", 0.80), confirmed=True)
    second = stored(patient, owner, total_hip("2022-01-01", 0.74), confirmed=True)
    stored(patient, owner, total_hip("2023-01-01", 0.50), confirmed=False)
    reply = as_owner.get(f"/api/v1/patients/{patient.id}/changes/")
    assert reply.status_code == 200
    (pair,) = reply.json()["pairs"]
    assert (pair["earlier"], pair["later"]) == (str(first.id), str(second.id))
    (change,) = pair["changes"]
    assert change["verdict"] == "larger"
    assert change["percent_per_year"] < -3
    assert change["interval"][1] < 0
    assert as_stranger.get(f"/api/v1/patients/{patient.id}/changes/").status_code == 404


def test_scans_of_two_makers_are_refused_with_the_reason(
    patient: Patient, owner: User, as_owner: Any
) -> None:
    other = total_hip("2022-01-01", 0.74)
    other = replace(other, acquired=Acquired(on="2022-01-01", manufacturer="ge_lunar"))
    stored(patient, owner, total_hip("2020-01-01", 0.80), confirmed=True)
    stored(patient, owner, other, confirmed=True)
    (pair,) = as_owner.get(f"/api/v1/patients/{patient.id}/changes/").json()["pairs"]
    assert pair["changes"] == []
    assert "cross-calibration" in pair["refused"]


def study(region: str, apart: float, people: int = 30) -> list[dict[str, Any]]:
    """Give people scanned twice whose two values lie this far apart."""
    return [
        {"person": str(person), "region": region, "value": 0.8 + 0.001 * person + apart * again}
        for person in range(people)
        for again in (0, 1)
    ]


def test_a_site_that_records_its_own_precision_is_judged_by_it(
    patient: Patient, owner: User, as_owner: Any, as_stranger: Any
) -> None:
    where = f"/api/v1/patients/{patient.id}/changes/"
    stored(patient, owner, total_hip("2020-01-01", 0.800), confirmed=True)
    stored(patient, owner, total_hip("2022-01-01", 0.780), confirmed=True)
    (change,) = as_owner.get(where).json()["pairs"][0]["changes"]
    assert change["verdict"] == "within"
    assert "ISCD" in change["repeatability"]

    given = {"manufacturer": "hologic", "measurements": study("total_hip", 0.006)}
    reply = as_owner.post("/api/v1/precisions/", given, format="json")
    assert reply.status_code == 201
    (row,) = reply.json()["precisions"]
    assert row["precision_error_g_cm2"] == pytest.approx(0.006 / 2**0.5)
    assert row["least_significant_change_g_cm2"] == pytest.approx(2.77 * 0.006 / 2**0.5)
    assert row["degrees_of_freedom"] == 30
    stored_now = as_owner.get("/api/v1/precisions/").json()
    assert stored_now["precisions"] == reply.json()["precisions"]
    assert as_stranger.get("/api/v1/precisions/").json()["precisions"] == []

    (change,) = as_owner.get(where).json()["pairs"][0]["changes"]
    assert change["verdict"] == "larger"
    assert "own study of 30 people" in change["repeatability"]
    assert change["words"].endswith("by the site’s own precision.")
    assert done(action="precision.record") == [("precision.record", "owner")]


def test_a_study_holds_for_its_scanner_and_the_newest_counts(
    patient: Patient, owner: User, as_owner: Any
) -> None:
    def record(apart: float, **more: Any) -> None:
        given = {"manufacturer": "hologic", "measurements": study("total_hip", apart), **more}
        assert as_owner.post("/api/v1/precisions/", given, format="json").status_code == 201

    stored(patient, owner, total_hip("2020-01-01", 0.800), confirmed=True)
    stored(patient, owner, total_hip("2022-01-01", 0.780), confirmed=True)

    def source() -> str:
        reply = as_owner.get(f"/api/v1/patients/{patient.id}/changes/").json()
        return str(reply["pairs"][0]["changes"][0]["repeatability"])

    record(0.006, model="Horizon A")
    record(0.006, serial="7")
    assert "ISCD" in source()
    record(0.008, studied_on="2024-05-01")
    record(0.010, studied_on="2023-05-01")
    assert "2024-05-01 (precision error 0.0057" in source()
    assert SitePrecision.objects.filter(studied_on=date(2024, 5, 1)).count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"manufacturer": "acme"}, "who made the scanner"),
        ({"measurements": study("total_hip", 0.006, people=29)}, "15 people"),
        ({"measurements": study("total_hip", 0.0)}, "never differ"),
        ({"measurements": study("left ear", 0.006)}, "no region"),
        ({"measurements": study("total_hip", 2.0)}, "outside 0.2-2"),
        ({"studied_on": "2999-01-01"}, "future"),
    ],
)
def test_a_study_that_cannot_be_used_is_refused(
    given: dict[str, Any], words: str, as_owner: Any
) -> None:
    whole = {"manufacturer": "hologic", "measurements": study("total_hip", 0.006)} | given
    reply = as_owner.post("/api/v1/precisions/", whole, format="json")
    assert reply.status_code == 400
    assert words in str(reply.json())
    assert not SitePrecision.objects.exists()


def named(scan: Scan, identifier: str, **more: Any) -> None:
    ScanIdentity.objects.create(scan=scan, identifier=identifier, **more)


@pytest.mark.parametrize(
    ("one", "other", "refused"),
    [
        ({}, {}, True),
        ({"issuer": "here"}, {"issuer": "there"}, False),
        ({"removed": True}, {}, False),
        ({"name": "Example^Ada"}, {"name": "Other^Person"}, True),
    ],
)
def test_scans_whose_files_name_different_people_are_not_compared(
    one: dict[str, Any], other: dict[str, Any], refused: bool,
    patient: Patient, owner: User, as_owner: Any,
) -> None:  # fmt: skip
    named(stored(patient, owner, total_hip("2020-01-01", 0.80), confirmed=True), "A-1", **one)
    named(stored(patient, owner, total_hip("2022-01-01", 0.74), confirmed=True), "B-2", **other)
    (pair,) = as_owner.get(f"/api/v1/patients/{patient.id}/changes/").json()["pairs"]
    assert ("name different people" in (pair["refused"] or "")) == refused
    assert bool(pair["changes"]) != refused


def test_a_person_who_stands_by_it_lets_them_be_compared(
    patient: Patient, owner: User, as_owner: Any
) -> None:
    named(stored(patient, owner, total_hip("2020-01-01", 0.80), confirmed=True), "A-1")
    later = stored(patient, owner, total_hip("2022-01-01", 0.74), confirmed=True)
    named(later, "B-2", confirmed_at="2022-01-02T00:00:00Z", confirmed_by=owner)
    (pair,) = as_owner.get(f"/api/v1/patients/{patient.id}/changes/").json()["pairs"]
    assert pair["refused"] is None
