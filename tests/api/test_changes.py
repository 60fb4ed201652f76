"""Changes between a patient's visits over JSON."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User

from imaging.result import Acquired, Kind, Measurement, ScanMeasurement, Status
from riskapp.actions.confirming import confirm
from riskapp.models import Patient, Scan
from tests.people import add_version


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
