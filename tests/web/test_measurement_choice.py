"""Which scan fills the record: the same at both doors, changeable on the page, stored and said."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from imaging.result import ScanMeasurement
from riskapp.actions.choosing import used_measurements
from riskapp.actions.completing_answers import Known, with_known
from riskapp.actions.confirming import confirm
from riskapp.actions.errors import Refused
from riskapp.actions.registering import issue_token
from riskapp.models import Assessment, Patient, Scan
from riskapp.web.answers import prefilled
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
TYPED = {"population": "gb", "weight_kg": "61.5", "height_cm": "160"}


def ct(patient: Patient, by: User, hu: float, day: str, *codes: str) -> Scan:
    attenuation = {
        "name": "trabecular_attenuation_hu", "region": "L1", "value": hu, "unit": "[hnsf'U]",
        "method": "mean", "source": "-", "precision": "-",
    }  # fmt: skip
    scan = stored_scan(
        patient,
        by,
        kind={"modality": "ct", "body_part": "abdomen", "view": "axial", "laterality": "unknown"},
        measurements=[attenuation],
        quality=[{"code": code, "severity": "warning", "advice": "-"} for code in codes],
        acquired={"on": day, "manufacturer": None, "t_reference": None},
    )
    assert ScanMeasurement.from_json(scan.newest_version.result).acquired is not None
    return scan


@pytest.fixture
def scans(patient: Patient, owner: User) -> dict[str, Scan]:
    made = {
        "used": ct(patient, owner, 131.25, "2025-03-04"),
        "older": ct(patient, owner, 150.5, "2024-01-02"),
        "contrast": ct(patient, owner, 170.0, "2026-02-03", "contrast_medium"),
        "unconfirmed": ct(patient, owner, 99.0, "2026-05-06"),
    }
    for name, scan in made.items():
        if name != "unconfirmed":
            confirm(by=owner, scan=scan, number=1)
    return made


def over_json(owner: User, patient: Patient, scans: dict[str, Scan], **more: Any) -> Any:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='test')}")
    body = {
        "patient": str(patient.id), "scans": [str(scan.id) for scan in scans.values()],
        "profile": {"population": "gb", "weight_kg": 61.5, "height_cm": 160},
    }  # fmt: skip
    return client.post("/api/v1/assessments/", body | more)


def as_filled(pages: Client, patient: Patient) -> dict[str, str]:
    """The form as a person sends it back who typed only what is asked for."""
    shown = pages.get(f"/patients/{patient.pk}/assessments/new/").context["record"]
    filled = {one.name: one.value for group in (*shown.groups, *shown.more) for one in group.fields}
    return filled | TYPED


def save(pages: Client, patient: Patient, sent: dict[str, str]) -> Assessment:
    reply = pages.post(f"/patients/{patient.pk}/assessments/new/", sent | {"save": "1"})
    assert reply.status_code == 302, reply.context["problems"]
    return Assessment.objects.get(id=reply["Location"].split("/")[2])


def test_two_doors_choose_the_same(
    pages: Client, owner: User, patient: Patient, scans: dict[str, Scan]
) -> None:
    page = save(pages, patient, as_filled(pages, patient))
    api = Assessment.objects.get(id=over_json(owner, patient, scans).json()["id"])
    assert page.profile["l1_attenuation_hu"] == api.profile["l1_attenuation_hu"] == 131.25
    assert page.measurements == api.measurements
    assert page.provenance == api.provenance
    assert page.provenance["l1_attenuation_hu"] == f"scan {scans['used'].pk} version 1"
    # Stored and shown: what was used, and why others were not.
    (slot,) = page.measurements
    assert slot["used"] == {
        "scan": str(scans["used"].pk), "version": 1, "on": "2025-03-04", "on_is": "day of the scan",
        "region": "L1", "method": "mean", "tried_on": "real scans", "why_not": None,
    }  # fmt: skip
    assert slot["chosen"] == "newest suitable"
    assert {one["scan"]: one["why_not"] for one in slot["others"]} == {
        str(scans["older"].pk): "a newer one is used",
        str(scans["contrast"].pk): "held back because of contrast medium",
        str(scans["unconfirmed"].pk): "nobody has confirmed its regions yet",
    }
    shown = pages.get(f"/assessments/{page.pk}/").content.decode()
    assert "the newest suitable one" in shown
    assert "held back because of contrast medium" in shown


def test_a_clinician_chooses_another_measurement_and_what_was_typed_stays(
    pages: Client, patient: Patient, scans: dict[str, Scan]
) -> None:
    sent = as_filled(pages, patient)
    where = f"/patients/{patient.pk}/assessments/new/"
    wish = f"{scans['contrast'].pk}/L1"
    shown = pages.post(where, sent | {"choose": "1", "use-l1_attenuation": wish})
    page = shown.content.decode()
    assert "Chosen although held back because of contrast medium" in page
    assert 'value="61.5"' in page
    (slot,) = shown.context["slots"]
    assert slot.applied == wish
    again = {one.name: one.value for one in shown.context["record"].more[1].fields}
    assert again["l1_attenuation_hu"] == "170"
    stored = save(pages, patient, sent | again | {"was-l1_attenuation": wish})
    assert stored.profile["l1_attenuation_hu"] == 170.0
    assert stored.measurements[0]["chosen"] == "by a person"
    assert stored.provenance["l1_attenuation_hu"].startswith(f"scan {scans['contrast'].pk}")


def known(patient: Patient, scans: dict[str, Scan], wish: str = "", **answers: object) -> Known:
    wanted = {"l1_attenuation": wish} if wish else {}
    return with_known(
        patient=patient, answers=answers, scans=list(scans.values()), measurements=wanted
    )


def test_none_can_be_chosen(patient: Patient, scans: dict[str, Scan]) -> None:
    without = known(patient, scans, "none")
    assert "l1_attenuation_hu" not in without.answers
    assert used_measurements(without.choice)[0]["used"] is None


def test_a_value_that_was_cleared_on_the_form_is_not_known_again(
    patient: Patient, scans: dict[str, Scan]
) -> None:
    filled = prefilled(patient, "gb")
    sent = dict(filled.answers)
    assert filled.wishes(sent) == {}
    assert filled.kept(sent) == [scans["used"]]
    cleared = sent | {"l1_attenuation_hu": ""}
    assert filled.wishes(cleared) == {"l1_attenuation": "none"}
    assert filled.kept(cleared) == []


def test_a_choice_that_cannot_be_used_is_refused_with_its_reason(
    pages: Client, patient: Patient, scans: dict[str, Scan]
) -> None:
    wish = str(scans["unconfirmed"].pk)
    with pytest.raises(Refused, match="nobody has confirmed"):
        known(patient, scans, wish)
    where = f"/patients/{patient.pk}/assessments/new/"
    page = pages.post(where, {"choose": "1", "use-l1_attenuation": wish})
    assert page.status_code == 400
    assert "nobody has confirmed" in page.content.decode()


def test_a_typed_value_wins_and_is_said_to_be_typed(
    patient: Patient, scans: dict[str, Scan]
) -> None:
    typed = known(patient, scans, l1_attenuation_hu="120")
    assert typed.origins["l1_attenuation_hu"] == "typed"
    assert used_measurements(typed.choice)[0]["used"] is None


def test_a_density_brings_its_scanner_and_date(patient: Patient, owner: User) -> None:
    bmd = {
        "name": "areal_bmd", "region": "femoral_neck_left", "value": 0.6543, "unit": "g/cm2",
        "method": "report", "source": "-", "precision": "-",
    }  # fmt: skip
    acquired = {"on": "2025-03-04", "manufacturer": "ge_lunar", "t_reference": None}
    scan = stored_scan(patient, owner, measurements=[bmd], acquired=acquired)
    confirm(by=owner, scan=scan, number=1)
    filled = prefilled(patient, "gb")
    assert filled.answers["femoral_neck_bmd_g_cm2"] == "0.654"
    sent_back = known(patient, {"report": scan}, **filled.unrounded(filled.answers))
    assert sent_back.origins["femoral_neck_bmd_g_cm2"] == f"scan {scan.pk} version 1"
    assert sent_back.answers["dxa_manufacturer"] == "ge_lunar"
    assert sent_back.origins["dxa_date"] == f"scan {scan.pk} version 1"
    other_maker = known(patient, {"report": scan}, dxa_manufacturer="hologic")
    assert "femoral_neck_bmd_g_cm2" not in other_maker.answers
