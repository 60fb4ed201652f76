"""Whoever asks what is kept of them is handed all of it, and nobody else's secrets."""

import json
import zipfile
from io import BytesIO

import pytest
from django.contrib.auth.models import User

from riskapp.actions.assessing import assess
from riskapp.actions.belongings import belongings
from riskapp.actions.errors import NotAllowed, NotFound
from riskapp.actions.exporting import KEYS_OF_OTHERS, SECRETS, export_patient
from riskapp.models import Patient, ScanPicture
from tests.actions.erased import data_folder, erased_person, first
from tests.filled_person import fill_every_table

__all__ = ["data_folder", "erased_person", "first"]


def test_an_export_holds_a_row_of_every_table_that_would_be_erased(
    owner: User, erased_person: Patient
) -> None:
    answers = {"population": "gb", "femoral_neck_t_score": -2.5}
    assessment = assess(by=owner, patient=erased_person, answers=answers)
    fill_every_table(erased_person, owner, assessment)
    # A report is drawn without the picture that is none.
    ScanPicture.objects.all().delete()
    target = BytesIO()
    export_patient(by=owner, id=erased_person.id, target=target)
    with zipfile.ZipFile(target) as archive:
        told = json.loads(archive.read("record.json"))
        names = archive.namelist()
        index = archive.read("index.html").decode()
        looked = json.loads(archive.read("who-looked.json"))
        bundle = json.loads(archive.read("record.fhir.json"))
    wanted = {one._meta.label for one, rows in belongings(erased_person).items() if rows}
    assert set(told) == {one for one in wanted if not one.startswith(KEYS_OF_OTHERS)}
    columns = {name for rows in told.values() for row in rows for name in row}
    assert not columns & SECRETS
    assert any(name.startswith("scans/") for name in names)
    assert any(name.startswith("received/") for name in names)
    assert all(f'href="{name}"' in index for name in names if name != "index.html")
    assert "patient.register" in [one["action"] for one in looked]
    assert "patient.export" in [one["action"] for one in looked]
    kinds = {one["resource"]["resourceType"] for one in bundle["entry"]}
    assert {"Patient", "RiskAssessment", "Observation", "DiagnosticReport"} <= kinds
    assert [name for name in names if name.startswith("reports/")]


def test_nobody_exports_without_the_right_or_of_another_organisation(
    first: User, stranger: User, erased_person: Patient
) -> None:
    with pytest.raises(NotAllowed):
        export_patient(by=first, id=erased_person.id, target=BytesIO())
    with pytest.raises(NotFound):
        export_patient(by=stranger, id=erased_person.id, target=BytesIO())
