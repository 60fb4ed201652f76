"""All bytes of a filled site, as a thief of its disk has them: who is looked after is not told."""

import os
import subprocess
import sys
from pathlib import Path

from tests.kept import ROOT
from tests.migrated import lay_database_in

NAME, NUMBER, BORN = "Katharina Weissenborn", "MRN-774411", "1950-02-03"
# Runs in a process of its own, as a site's data folder is chosen before settings are read. Its
# database is looked at while it is open, so that what is not yet in the main file is seen as well.
FILLED = """
import django; django.setup()
import shutil, sys
from datetime import date
from io import BytesIO
import pydicom
from pathlib import Path
from django.utils import timezone
from riskapp.actions import arriving, filing_arrivals, queueing
from riskapp.actions.assessing import assess
from riskapp.actions.expecting import Order, expect
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.measuring import measure_next
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import (Arrival, CdsCard, CdsFeedback, ImportedRecord, KeptAnswer,
    RadiologyStep, Scan)
from riskapp.actions import measuring
from imaging.result import Measured
from tests.drawn import spine_file
from tests.people import textured

NAME, NUMBER, BORN = "Katharina Weissenborn", "MRN-774411", date(1950, 2, 3)
by = register_clinician(username="owner", password=None, organisation="Clinic")
patient = register_patient(by=by, name=NAME, record_number=NUMBER, date_of_birth=BORN,
                           sex="female")

def scan_of(**more):
    dataset, sink = pydicom.dcmread(BytesIO(spine_file(7))), BytesIO()
    for name, value in (told | more).items():
        setattr(dataset, name, value)
    dataset.save_as(sink)
    return sink.getvalue()

# What measuring finds is not looked at here.
measuring.measure_isolated = lambda paths, **_: Measured(measurement=textured(0.6))

class Sent:
    name = "scan.dcm"
    def __init__(self, data): self.data = data
    def chunks(self): yield self.data

told = dict(PatientName="Weissenborn^Katharina", PatientID=NUMBER, PatientBirthDate="19500203",
            PatientSex="F", AccessionNumber="ACC-990011", SeriesDescription="x")
taken = import_scan(by=by, patient=patient, files=[Sent(scan_of())])
assert measure_next(queueing.this_process())
taken.refresh_from_db()
assert taken.status == "measured", taken.reason
import_scan(by=by, patient=patient, files=[Sent(scan_of(SOPInstanceUID="1.2.5"))])
arriving.arrive(by=by, organisation=patient.organisation, source="sender:ct",
                parts=[[scan_of(SOPInstanceUID="1.2.9", StudyInstanceUID="1.2.8",
                                SeriesInstanceUID="1.2.7")]])
assert Arrival.objects.get().identifier == NUMBER
assess(by=by, patient=patient, answers=dict(weight_kg=61.875, height_cm=163.25, population="gb"))
expect(by=by, patient=patient, order=Order("ACC-990011", date(2030, 1, 1), "typed procedure"))
ImportedRecord.objects.create(patient=patient, source="x", is_whole=True, received_by=by,
    answers={"weight_kg": 61.875}, chosen=[{"words": "note typed elsewhere"}], passed_over=[])
KeptAnswer.objects.create(by=by, key="k", asked_sha256="0" * 64, answer={"body": {"name": NAME}})
RadiologyStep.objects.create(scan=taken, step="no_action", because="note typed here", by=by)
shutil.copytree(sys.argv[1], sys.argv[2])
"""
TYPED = ("note typed here", "note typed elsewhere", "typed procedure", "61.875", "163.25")


def test_nobody_is_told_in_the_bytes_of_a_filled_site(tmp_path: Path) -> None:
    site, copy = tmp_path / "site", tmp_path / "copy"
    site.mkdir()
    lay_database_in(site)
    env = os.environ | {"TRABECULA_DATA_DIR": str(site), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", FILLED, str(site), str(copy)]
    ran = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2_000:]
    held = {path: path.read_bytes().lower() for path in copy.rglob("*") if path.is_file()}
    kinds = {path.relative_to(copy).parts[0] for path in held}
    assert {"trabecula.sqlite3", "trabecula.sqlite3-wal", "scans", "received"} <= kinds
    words = [*NAME.split(), NUMBER, BORN, "19500203", "ACC-990011", *TYPED]
    found = [
        (word, path.name)
        for word in words
        for path, data in held.items()
        for written in (word.lower().encode(), word.lower().encode("utf-16-le"))
        if written in data
    ]
    assert not found
    # No picture either: each kept file begins as encrypted ones do.
    assert all(data[:4] == b"trbf" for path, data in held.items() if "scans" in path.parts)
