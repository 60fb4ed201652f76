"""A backup is believed because it was restored: rows, files, and a number computed again."""

import hashlib
import io
import json
import shutil
import signal
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskapp.exchange.passphrase_file import OpeningReader, SealingWriter
from tests.commands.at_a_shell import PASSPHRASE, done, run, start
from tests.own_database import ADDRESS, OwnDatabase

QUICK = ("-m", "tests.commands.copying_restore")
FILL = """
from datetime import date
from django.core.files.base import ContentFile
from imaging.phantoms import dxa_spine_dicom
from riskapp.actions.assessing import assess
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.recording_events import record_fracture
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.actions.stored_bytes import keep
from riskapp.models import MeasurementVersion, Scan, ScanFile

by = register_clinician(username="owner", password="a long pass word", organisation="Clinic")
patient = register_patient(
    by=by, name="Zoë Zufall", record_number="Q-1", date_of_birth=date(1950, 1, 1), sex="female"
)
import_scan(by=by, patient=patient, files=[ContentFile(dxa_spine_dicom(7))])
kept, size = keep([b"pixels" * 9000])
scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256=kept, status="measured")
ScanFile.objects.create(scan=scan, position=0, sha256=kept, size_bytes=size)
assess(by=by, patient=patient, answers={
    "population": "gb", "femoral_neck_t_score": -2.5, "weight_kg": 70.5, "height_cm": 165,
})
"""
# Digests of every table; and whether the database is whole, the trail sound and closed to changes,
# and the stored estimate computed again to the same number.
LOOK = """
import json
from django.db import DatabaseError, connection
from riskapp.actions.database_health import problem_with_the_database
from riskapp.actions.stored_answers import recompute
from riskapp.actions.table_rows import Sum, read_rows, tables
from riskapp.actions.trail.verifying import verify
from riskapp.models import Assessment
told = {}
for model in tables():
    total = Sum(model)
    for row in read_rows(model, connection):
        total.add(row)
    told[model._meta.db_table] = [total.rows, total.digest]
stored = Assessment.objects.get()
assert recompute(stored) == stored.estimates
assert not problem_with_the_database(thorough=True)
assert verify().is_sound, verify()
try:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE riskapp_auditevent SET action = 'another' WHERE number = 1")
    raise SystemExit("The trail lets its rows be changed.")
except DatabaseError:
    pass
print(json.dumps(told, sort_keys=True))
"""


def _look(place: OwnDatabase) -> str:
    return done(place, "shell", "--no-imports", "--command", LOOK)


def _files(folder: Path) -> dict[str, bytes]:
    kept = ("scans", "received", "secret-key", "models")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] in kept
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """A site with a person, a scan that waits, one that is kept, and an estimate."""
    site = OwnDatabase(tmp_path_factory.mktemp("site"))
    done(site, "shell", "--no-imports", "--command", FILL)
    yield site
    site.end()


@pytest.fixture(scope="module")
def backup(site: OwnDatabase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "first.backup"
    assert "as the list says" in done(site, "backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    # That it was made stands in the trail, and comes back with it; each further one adds its row.
    file.with_name("rows").write_text(_look(site), encoding="utf-8")
    return file


def _rows_in(backup: Path) -> str:
    return backup.with_name("rows").read_text(encoding="utf-8")


@pytest.fixture
def empty(site: OwnDatabase, tmp_path: Path) -> Iterator[OwnDatabase]:
    place = OwnDatabase(tmp_path)
    (tmp_path / "trabecula.sqlite3").unlink(missing_ok=True)
    # Kept apart from the backups.
    shutil.copyfile(site.folder / "keys.json", tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(0o600)
    yield place
    place.end()


def _content(backup: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with backup.open("rb") as file, OpeningReader(file, PASSPHRASE) as opened:
        with tarfile.open(fileobj=opened, mode="r|", bufsize=2**20) as archive:
            return [(one, archive.extractfile(one).read()) for one in archive]


def test_what_was_backed_up_comes_back_row_by_row_and_byte_by_byte(
    site: OwnDatabase, backup: Path, empty: OwnDatabase
) -> None:
    assert "are back" in done(empty, "restore", str(backup))
    assert _look(empty) == _rows_in(backup)
    assert _files(empty.folder) == _files(site.folder)
    assert not list(empty.folder.glob("restoring-*"))
    assert not list(site.folder.glob("backing-up-*"))
    # Numbers that the database gives go on behind those that came back.
    done(empty, "add_clinician", "second", "--organisation", "Clinic")


@pytest.mark.skipif(not ADDRESS, reason="moves between both: python -m tests.postgres")
def test_a_site_moves_between_the_databases_by_the_same_commands(
    site: OwnDatabase, backup: Path, tmp_path: Path
) -> None:
    on_sqlite = {
        "TRABECULA_DATA_DIR": str(tmp_path),
        "TRABECULA_DATABASE": "",
        "TRABECULA_KEY_FILE": str(site.folder / "keys.json"),
    }
    done(site, "restore", str(backup), **on_sqlite)
    assert done(site, "shell", "--no-imports", "--command", LOOK, **on_sqlite) == _rows_in(backup)
    back = tmp_path / "back.backup"
    done(site, "backup", str(back), **on_sqlite)
    before = done(site, "shell", "--no-imports", "--command", LOOK, **on_sqlite)
    (tmp_path / "there").mkdir()
    place = OwnDatabase(tmp_path / "there")
    try:
        keys = {"TRABECULA_KEY_FILE": str(site.folder / "keys.json")}
        done(place, "restore", str(back), **keys)
        assert done(place, "shell", "--no-imports", "--command", LOOK, **keys) == before
        done(place, "add_clinician", "second", "--organisation", "Clinic", **keys)
    finally:
        place.end()


def test_nobody_reads_a_name_in_a_backup_and_the_keys_are_not_in_it_unless_asked(
    site: OwnDatabase, backup: Path, tmp_path: Path
) -> None:
    assert b"Zufall" not in backup.read_bytes()
    names = [one.name for one, _ in _content(backup)]
    assert "files/secret-key" in names
    assert "files/keys.json" not in names
    with_keys = tmp_path / "with-keys.backup"
    done(site, "backup", "--with-keys", str(with_keys))
    assert "files/keys.json" in [one.name for one, _ in _content(with_keys)]


REFUSED = """
import os
from pathlib import Path
from django.conf import settings
from riskapp.actions.backup_format import BackupFailed
from riskapp.actions.restoring import restore
from riskapp.exchange.passphrase_file import CannotOpen
for name in os.environ["TRIED"].split():
    try:
        restore(Path(name), os.environ["TRABECULA_BACKUP_PASSPHRASE"])
        print("restored")
    except (BackupFailed, CannotOpen) as reason:
        print(reason)
    assert not Path(settings.SCAN_DIR).exists()
"""
HARM = {
    "a row": ("rows/riskapp_patient.jsonl", b"female", b"male"),
    "a file": ("files/secret-key", b"", b"x"),
    "a version": ("backup.json", b"riskapp.0001_initial", b"riskapp.0001_another"),
}


def test_a_full_place_and_a_taken_name_are_refused(site: OwnDatabase, backup: Path) -> None:
    code, _, said = run(site, "restore", str(backup))
    assert (code, "into an empty place only" in said) == (1, True)
    code, _, said = run(site, "backup", str(backup))
    assert (code, "never replaces another" in said) == (1, True)
    assert (site.folder / "scans").exists()


def test_a_backup_that_is_not_as_its_list_says_restores_nothing(
    backup: Path, empty: OwnDatabase, tmp_path: Path
) -> None:
    tried = [_changed(backup, tmp_path, *told) for told in HARM.values()]
    tried.append(_changed(backup, tmp_path, "files/scans/", None))
    tried.append(_changed(backup, tmp_path, "files/secret-key", None, "files/../../secret"))
    outside = tmp_path / "outside"
    for name in (f"files/{outside}", "files/erasures.jsonl", "other/secret", "rows/other.jsonl"):
        tried.append(_with_more(backup, tmp_path, name))
    cut = tmp_path / "cut.backup"
    cut.write_bytes(backup.read_bytes()[:-20])
    other = tmp_path / "other.backup"
    with other.open("wb") as file, SealingWriter(file, "wrong horse battery"):
        pass
    names = " ".join(map(str, [*tried, cut, other]))
    said = done(empty, "shell", "--no-imports", "--command", REFUSED, TRIED=names).splitlines()
    assert [line[:38] for line in said] == [
        "The backup is damaged or not complete:",
        "The backup is damaged or not complete:",
        "The backup is of version 0.1.0, whose ",
        *["The backup is damaged or not complete:"] * 6,
        "This is not a file that was sealed her",
        "This is not a file that was sealed her",
    ]
    assert not outside.exists()


def _changed(backup: Path, folder: Path, start: str, *change: bytes | None | str) -> Path:
    """The same backup with a member changed, renamed, or left out."""
    target = folder / f"{len(list(folder.glob('*.backup')))}.backup"
    with target.open("wb") as file, SealingWriter(file, PASSPHRASE) as sealed:
        with tarfile.open(fileobj=sealed, mode="w|") as archive:
            for one, content in _content(backup):
                if one.name.startswith(start):
                    match change:
                        case (bytes() as before, bytes() as after):
                            assert before in content
                            content = content.replace(before, after)
                        case (None, str() as name):
                            one.name = name
                        case _:
                            continue
                one.size = len(content)
                archive.addfile(one, io.BytesIO(content))
    return target


def _with_more(backup: Path, folder: Path, name: str) -> Path:
    """The same backup with one more member, of which its list tells if it is a file."""
    target = folder / f"{len(list(folder.glob('*.backup')))}.backup"
    more = tarfile.TarInfo(name)
    kind, _, rest = name.partition("/")
    told = {"size": 0, "sha256": hashlib.sha256().hexdigest()}
    with target.open("wb") as file, SealingWriter(file, PASSPHRASE) as sealed:
        with tarfile.open(fileobj=sealed, mode="w|") as archive:
            archive.addfile(more)
            for one, content in _content(backup):
                if one.name == "backup.json" and kind == "files":
                    listed = json.loads(content)
                    listed["files"][rest] = told
                    content = json.dumps(listed).encode()
                one.size = len(content)
                archive.addfile(one, io.BytesIO(content))
    return target


def test_a_restore_that_was_killed_leaves_a_place_into_which_the_next_one_goes(
    site: OwnDatabase, backup: Path, empty: OwnDatabase
) -> None:
    killed = start(empty, "restore", str(backup), program=QUICK)
    give_up_at = time.monotonic() + 60
    while not list(empty.folder.glob("restoring-*/files/*")) and time.monotonic() < give_up_at:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    again = start(empty, "restore", str(backup), program=QUICK)
    assert "are back" in again.communicate()[0]
    assert _look(empty) == _rows_in(backup)
    assert _files(empty.folder) == _files(site.folder)
