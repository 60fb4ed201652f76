"""Of whom everything is erased nothing is left, and that can be shown."""

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from riskapp.actions import erasing, rewriting
from riskapp.actions.backup_staging import staging
from riskapp.actions.belongings import MENTIONED, NOBODYS, belongings, owned_tables
from riskapp.actions.erased_again import (
    erase_again,
    finish_what_was_cut_off,
)
from riskapp.actions.erasing import ask_to_erase, confirm_erasure, withdraw
from riskapp.actions.erasure_certificate import problems_with
from riskapp.actions.errors import NotAllowed, NotFound, Refused
from riskapp.actions.registering import register_patient
from riskapp.actions.stored_bytes import path_of
from riskapp.actions.table_rows import read_rows, tables
from riskapp.models import (
    AuditEvent,
    Delivery,
    Erasure,
    Job,
    LegalHold,
    Patient,
    Scan,
    ScanFile,
)
from riskapp.models.leased import Leased
from tests.actions.erased import administrator, data_folder, erase_by, erased_person, first, second
from tests.filled_person import MARK, fill_every_table, kept_files

__all__ = ["data_folder", "erased_person", "first", "second"]
rewrites = pytest.mark.django_db(transaction=True)


def _database_holds_mark() -> bool:
    """Whether the mark is in the database: in the file's bytes, or in any row of a server."""
    if connection.vendor == "sqlite":
        return MARK.encode() in connection.connection.serialize()
    return any(MARK in json.dumps(row) for one in tables() for row in read_rows(one, connection))


def test_every_table_belongs_to_people_or_is_said_to_hold_nothing_of_them() -> None:
    owned, everything = owned_tables(), set(apps.get_models(include_auto_created=True))
    nobodys = {apps.get_model(name) for name in NOBODYS}
    # Between two tables that are nobody's.
    between = {one for one in everything if one._meta.auto_created and one not in owned}
    assert everything == owned | set(MENTIONED) | nobodys | between
    assert not owned & nobodys
    assert not set(MENTIONED) & nobodys


@rewrites
def test_after_an_erasure_no_word_of_the_person_is_in_the_database_or_the_folder(
    owner: User, first: User, second: User, erased_person: Patient, tmp_path: Path
) -> None:
    other = register_patient(
        by=owner, name="Other", record_number="2", date_of_birth=date(1960, 1, 1), sex="male"
    )
    made = fill_every_table(erased_person, owner)
    Job.objects.update(status=Leased.Status.DONE)
    assert _database_holds_mark()
    assert kept_files(tmp_path)
    owned = {model for model, row in made.items() if row.pk in belongings(erased_person)[model]}
    assert owned == owned_tables()

    erasure = erase_by(first, second, erased_person)

    assert not _database_holds_mark()
    assert kept_files(tmp_path) == set()
    assert problems_with(erasure.certificate) == []
    assert Patient.objects.get() == other
    connection.check_constraints()
    told = AuditEvent.objects.filter(patient_id=erased_person.id).values_list("action", flat=True)
    assert {"patient.register", "patient.erase.ask", "patient.erase"} <= set(told)
    assert erasure.certificate["erased"]["riskapp.Patient"]["rows"] == 1
    assert erasure.certificate["files"]["number"] > 0


@rewrites
def test_bytes_that_another_person_holds_too_stay_theirs(
    owner: User, first: User, second: User, patient: Patient, erased_person: Patient
) -> None:
    fill_every_table(erased_person, owner)
    Job.objects.update(status=Leased.Status.DONE)
    shared = ScanFile.objects.get()
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256=shared.sha256)
    ScanFile.objects.create(scan=scan, position=0, sha256=shared.sha256, size_bytes=9)
    erase_by(first, second, erased_person)
    assert path_of(shared.sha256).exists()


@rewrites
def test_what_is_promised_to_other_programs_of_the_person_is_not_sent_any_more(
    owner: User, first: User, second: User, patient: Patient, erased_person: Patient
) -> None:
    home = erased_person.organisation
    Delivery.objects.all().delete()
    for one in (patient, erased_person):
        Delivery.objects.create(
            asked_by=owner,
            run_after=timezone.now(),
            organisation=home,
            kind="any",
            destination="peer",
            target=f"patient.registered:{one.id}",
        )
    erase_by(first, second, erased_person)
    assert str(patient.id) in Delivery.objects.get().target


@rewrites
def test_files_of_an_erasure_that_was_cut_off_are_deleted_by_whoever_comes_next(
    owner: User,
    first: User,
    second: User,
    erased_person: Patient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_every_table(erased_person, owner)
    Job.objects.update(status=Leased.Status.DONE)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "finish_files", lambda erasure: None)
        erasure = erase_by(first, second, erased_person)
    assert kept_files(tmp_path)
    assert "Files of it are still to be deleted." in problems_with(erasure.certificate)
    assert finish_what_was_cut_off() == 1
    assert kept_files(tmp_path) == set()
    assert problems_with(erasure.certificate) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a log that waits for readers")
@rewrites
def test_what_a_long_reader_keeps_from_being_overwritten_is_overwritten_in_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "connection", own := connection.copy("reading"))
    own.settings_dict = {**own.settings_dict, "NAME": tmp_path / "db", "OPTIONS": {"timeout": 0}}
    own.connect()
    try:
        with own.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("CREATE TABLE told (word TEXT)")
            with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as reading:
                reading.execute("BEGIN")
                reading.execute("SELECT * FROM told").fetchall()
                assert not rewriting.rewrite_tables([])
        assert rewriting.rewrite_tables([])
    finally:
        own.close()


@rewrites
def test_an_erasure_takes_along_what_a_backup_that_was_killed_left_behind(
    first: User, second: User, erased_person: Patient, settings: Any
) -> None:
    killed = Path(settings.DATA_DIR) / "backing-up-killed" / "scans"
    killed.mkdir(parents=True)
    (killed / "scan").write_bytes(b"whatever a scan holds")
    with staging() as under_way:
        (under_way / "scan").write_bytes(b"soon gone by itself")
        killed.mkdir(parents=True)  # a second one, as the backup itself looks as well
        erase_by(first, second, erased_person)
        assert not killed.parent.exists()
        assert (under_way / "scan").exists()
    assert not under_way.exists()


@rewrites
def test_a_certificate_that_was_changed_is_not_believed(
    first: User, second: User, erased_person: Patient
) -> None:
    certificate = erase_by(first, second, erased_person).certificate
    changed = certificate | {"confirmed_by": "nobody"}
    assert problems_with(changed) == [
        "The certificate was changed, or was signed by another site's keys."
    ]
    with pytest.raises(Refused, match="changed"):
        erase_again(changed, by=first)


def test_two_people_and_the_typed_number_are_needed(
    first: User, second: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    asked = ask_to_erase(by=first, record_number=number, because="asked")
    assert ask_to_erase(by=second, record_number=number, because="asked").id == asked.id
    with pytest.raises(Refused, match="Somebody else"):
        confirm_erasure(by=first, id=asked.id, record_number=number)
    with pytest.raises(Refused, match="not the record number"):
        confirm_erasure(by=second, id=asked.id, record_number="another")
    with pytest.raises(Refused, match="no record of this number"):
        ask_to_erase(by=first, record_number="another", because="asked")
    with pytest.raises(Refused, match="Choose one"):
        ask_to_erase(by=first, record_number=number, because="just so")
    assert Patient.objects.filter(id=erased_person.id).exists()


def test_a_clinician_and_another_organisation_erase_nothing(
    owner: User, first: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    with pytest.raises(NotAllowed):
        ask_to_erase(by=owner, record_number=number, because="asked")
    stranger = administrator("stranger", "Clinic B")
    with pytest.raises(Refused, match="no record of this number"):
        ask_to_erase(by=stranger, record_number=number, because="asked")
    asked = ask_to_erase(by=first, record_number=number, because="asked")
    with pytest.raises(NotFound):
        confirm_erasure(by=stranger, id=asked.id, record_number=number)


@rewrites
def test_a_legal_hold_refuses_until_it_is_lifted(
    owner: User, first: User, second: User, erased_person: Patient
) -> None:
    hold = LegalHold.objects.create(patient=erased_person, because="A court asks.", by=first)
    with pytest.raises(Refused, match="legal hold"):
        ask_to_erase(by=first, record_number=erased_person.record_number, because="asked")
    hold.lifted_at = timezone.now() - timedelta(days=1)
    hold.save()
    erase_by(first, second, erased_person)
    assert not Patient.objects.filter(id=erased_person.id).exists()


def test_what_is_being_measured_is_not_erased_under_its_worker(
    owner: User, first: User, second: User, erased_person: Patient
) -> None:
    fill_every_table(erased_person, owner)
    Job.objects.update(status=Leased.Status.RUNNING)
    with pytest.raises(Refused, match="in a minute"):
        erase_by(first, second, erased_person)


def test_what_was_asked_for_can_be_taken_back_until_it_is_confirmed(
    first: User, second: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    asked = ask_to_erase(by=first, record_number=number, because="asked")
    with pytest.raises(NotFound):
        withdraw(by=administrator("stranger", "Clinic B"), id=asked.id)
    withdraw(by=second, id=asked.id)
    with pytest.raises(NotFound):
        confirm_erasure(by=second, id=asked.id, record_number=number)
    assert AuditEvent.objects.filter(action="patient.erase.withdraw").count() == 1


def test_what_is_taken_back_while_it_is_being_confirmed_stays(
    first: User, second: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    seen = ask_to_erase(by=first, record_number=number, because="asked")
    withdraw(by=first, id=seen.id)  # after the other one looked, and before their turn came
    with pytest.raises(Refused, match="taken back"):
        erasing.erase(seen, by=second)
    assert Patient.objects.get() == erased_person
    assert not Erasure.objects.exists()


@pytest.mark.django_db
def test_a_shell_at_which_nobody_types_erases_nobody(
    first: User, second: User, erased_person: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    told = {"by": "first", "confirmed_by": "second", "because": "asked"}
    with pytest.raises(CommandError, match="nothing was erased"):
        call_command("erase_patient", erased_person.record_number, **told)
    assert Patient.objects.filter(pk=erased_person.pk).exists()
