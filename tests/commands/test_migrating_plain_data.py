"""A site that was filled before its columns were encrypted, brought there and back again."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.kept import ROOT
from tests.migrated import lay_database_in

# Runs in a process of its own, as a site's data folder is chosen before settings are read.
FILLED = """
import django; django.setup()
import json, sqlite3, sys
from datetime import date
from django.core.management import call_command
from riskapp.actions import finding
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import Arrival, ImportedRecord, Patient, Scan, ScanIdentity
from django.utils import timezone

BEFORE = ("riskapp", "0041")
by = register_clinician(username="owner", password=None, organisation="Clinic")
eva = register_patient(by=by, name="Eva Ødegård", record_number="MRN-1", sex="female",
                       date_of_birth=date(1950, 2, 3))
scan = Scan.objects.create(patient=eva, uploaded_by=by, sha256="0" * 64)
ScanIdentity.objects.create(scan=scan, name="EVA^O", birth_date=None, instances=[["1.2", "1.3"]])
ImportedRecord.objects.create(patient=eva, source="x", is_whole=True, received_by=by,
                              answers={"weight_kg": 61.5}, chosen=[], passed_over=["ä"])
now = timezone.now()
Arrival.objects.create(organisation=eva.organisation, source="x", received_by=by, study_uid="1.2",
                       last_at=now, due_at=now, identifier="mrn-9", birth_date=date(1940, 1, 1))

def told():
    eva, one = Patient.objects.get(), ScanIdentity.objects.get()
    record, arrival = ImportedRecord.objects.get(), Arrival.objects.get()
    return [eva.name, eva.record_number, str(eva.date_of_birth), one.name, one.birth_date,
            one.instances, record.answers, record.passed_over, arrival.identifier,
            str(arrival.birth_date), [p.name for p in finding.patients(by=by, matching="ode eva")],
            [p.name for p in finding.patients(by=by, matching="mrn-1")]]

first = told()
call_command("migrate", *BEFORE, verbosity=0)
with sqlite3.connect(sys.argv[1]) as plain:
    rows = [
        plain.execute("SELECT name, record_number, date_of_birth FROM riskapp_patient").fetchone(),
        plain.execute("SELECT name, birth_date, instances FROM riskapp_scanidentity").fetchone(),
        plain.execute("SELECT answers, passed_over FROM riskapp_importedrecord").fetchone(),
        plain.execute("SELECT identifier, birth_date FROM riskapp_arrival").fetchone(),
    ]
call_command("migrate", verbosity=0)
print(json.dumps([first, rows, told()]))
"""


def test_what_a_site_holds_is_the_same_before_and_after(tmp_path: Path) -> None:
    lay_database_in(tmp_path)
    database = tmp_path / "trabecula.sqlite3"
    env = os.environ | {
        "TRABECULA_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", FILLED, str(database)]
    ran = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    first, plain, again = json.loads(ran.stdout)
    assert first == again
    assert first[:4] == ["Eva Ødegård", "MRN-1", "1950-02-03", "EVA^O"]
    assert plain[0] == ["Eva Ødegård", "MRN-1", "1950-02-03"]
    assert plain[1][:2] == ["EVA^O", None]
    assert json.loads(plain[1][2]) == [["1.2", "1.3"]]
    assert [json.loads(one) for one in plain[2]] == [{"weight_kg": 61.5}, ["ä"]]
    assert plain[3] == ["mrn-9", "1940-01-01"]
    with closing(sqlite3.connect(database)) as held:
        assert isinstance(held.execute("SELECT name FROM riskapp_patient").fetchone()[0], bytes)
