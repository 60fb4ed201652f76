"""Who was erased is not brought back by a backup from before: two sites and one register."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.at_a_shell import done
from tests.own_database import OwnDatabase

FILL = """
from datetime import date
from django.core.files.base import ContentFile
from imaging.phantoms import dxa_spine_dicom
from riskapp.actions.assessing import assess
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import Membership, Role

by = register_clinician(username="owner", password=None, organisation="Clinic")
for name in ("first", "second"):
    user = register_clinician(username=name, password=None, organisation="Clinic")
    Membership.objects.filter(user=user).update(roles=[Role.ADMINISTRATOR])
for seed, number in enumerate(("GOES-1", "STAYS-1")):
    patient = register_patient(
        by=by, name="Zoë Zufall", record_number=number, date_of_birth=date(1950, 1, 1), sex="female"
    )
    import_scan(by=by, patient=patient, files=[ContentFile(dxa_spine_dicom(seed))])
    assess(by=by, patient=patient, answers={"population": "gb"})
"""
LOOK = """
from riskapp.actions.table_rows import tables
from riskapp.actions.trail.verifying import verify
from riskapp.models import Assessment, Erasure, Patient, Scan
assert verify().is_sound, verify()
print([one.record_number for one in Patient.objects.all()], Assessment.objects.count(),
      Scan.objects.count(), Erasure.objects.exclude(erased_at=None).count())
"""
BOTH, ONE_LEFT = "['GOES-1', 'STAYS-1'] 2 2 0\n", "['STAYS-1'] 1 1 1\n"
NIGHT = "from riskapp.actions.erased_again import erase_all_again; print(erase_all_again())"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnDatabase]:
    (tmp_path / "site").mkdir()
    site = OwnDatabase(tmp_path / "site")
    shell(site, FILL)
    yield site
    site.end()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[OwnDatabase]:
    (tmp_path / "another").mkdir()
    place = OwnDatabase(tmp_path / "another")
    for name in ("trabecula.sqlite3", "keys.json"):
        (place.folder / name).unlink(missing_ok=True)
    yield place
    place.end()


def shell(place: OwnDatabase, code: str) -> str:
    return done(place, "shell", "--no-imports", "--command", code)


@pytest.mark.parametrize("keys_are_there", [True, False], ids=["with its keys", "keys come later"])
def test_a_restored_backup_brings_nobody_back(
    site: OwnDatabase, empty: OwnDatabase, tmp_path: Path, keys_are_there: bool
) -> None:
    backup, register = tmp_path / "first.backup", tmp_path / "register.jsonl"
    done(site, "backup", str(backup))
    assert shell(site, LOOK) == BOTH
    done(
        site, "erase_patient", "GOES-1", "--by", "first", "--confirmed-by", "second",
        "--because", "asked", "--repeat", "GOES-1", TRABECULA_ERASURE_REGISTER=str(register),
    )  # fmt: skip
    assert shell(site, LOOK) == ONE_LEFT

    def bring_keys() -> None:
        shutil.copyfile(site.folder / "keys.json", empty.folder / "keys.json")
        (empty.folder / "keys.json").chmod(0o600)

    if keys_are_there:
        bring_keys()
    done(empty, "restore", str(backup), TRABECULA_ERASURE_REGISTER=str(register))
    if not keys_are_there:
        bring_keys()
        assert shell(empty, LOOK) == BOTH
        told = done(
            empty, "shell", "--no-imports", "--command", NIGHT,
            TRABECULA_ERASURE_REGISTER=str(register),
        )  # fmt: skip
        assert told == "(1, [])\n"
    assert shell(empty, LOOK) == ONE_LEFT
    kept = [path for path in (empty.folder / "scans").rglob("*") if path.is_file()]
    assert len(kept) == len([one for one in (site.folder / "scans").rglob("*") if one.is_file()])
