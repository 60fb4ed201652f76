"""The trail can only grow: whatever is done to a row behind its back is found."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from riskapp import keys
from riskapp.actions.auditing import Actor, read, record, told_as
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.confining import act_through
from riskapp.actions.trail import chain, witness
from riskapp.actions.trail.verifying import verify
from riskapp.models import AuditEvent, Patient, TrailCheck, TrailHead, append_only

pytestmark = pytest.mark.django_db
ROWS = 9


@pytest.fixture
def trail(owner: User, django_capture_on_commit_callbacks: Any) -> None:
    """Nine rows, each committed and witnessed."""
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(ROWS - AuditEvent.objects.count()):
            record(by=owner, action="test", target="thing", detail={"count": 2})


def behind_its_back(edit: Callable[[Any], object]) -> None:
    """Do what nobody can: change the table as who owns the database may."""
    append_only.unprotect(connection)
    edit(AuditEvent.objects)
    append_only.protect(connection)


def exchange(rows: Any) -> None:
    """Rows 4 and 5 in each other's place."""
    rows.filter(number=4).update(number=-1)
    rows.filter(number=5).update(number=4)
    rows.filter(number=-1).update(number=5)


def insert_between(rows: Any) -> None:
    """A row where another was, chained as well as can be without the key; all others move on."""
    for number in range(ROWS, 4, -1):
        rows.filter(number=number).update(number=number + 1)
    add(rows, 5)


def active_key() -> str:
    return keys.ring().active


def add(rows: Any, number: int, **proof: str) -> None:
    before = rows.get(number=max(number - 1, 1))
    made = AuditEvent(number=number, at=before.at, by="1", action="test", target="x")
    chain.extend(made, before.digest)
    made.seal = before.seal
    made.save()


def forge_all_after(rows: Any) -> None:
    """Change row 6 and chain everything after it anew; only the key is lacking."""
    before = rows.get(number=5).digest
    for row in rows.filter(number__gte=6):
        row.target, seal = ("other" if row.number == 6 else row.target), row.seal
        chain.extend(row, before)
        rows.filter(pk=row.pk).update(
            target=row.target, before=before, digest=row.digest, seal=seal
        )
        before = row.digest
    TrailHead.objects.update(digest=before)


def cut_off(rows: Any) -> None:
    """The last row goes, and the head with it: only the witness outside still knows."""
    rows.filter(number=ROWS).delete()
    TrailHead.objects.update(number=ROWS - 1, digest=rows.get(number=ROWS - 1).digest)


@pytest.mark.parametrize(
    ("edit", "number", "words"),
    [
        (lambda rows: rows.filter(number=3).update(target="other"), 3, "not as it was written"),
        (lambda rows: rows.filter(number=3).update(by="0"), 3, "not as it was written"),
        (lambda rows: rows.filter(number=3).update(detail={"count": 3}), 3, "not as it was"),
        (lambda rows: rows.filter(number=3).update(before="0" * 64), 3, "does not follow"),
        (lambda rows: rows.filter(number=3).update(seal=F("digest")), 3, "cannot be checked"),
        (lambda rows: rows.filter(number=1).delete(), 1, "is missing: the next one is 2"),
        (lambda rows: rows.filter(number=7).delete(), 7, "is missing: the next one is 8"),
        (exchange, 4, "does not follow"),
        (insert_between, 5, "not sealed"),
        (forge_all_after, 6, "not sealed"),
        (lambda rows: add(rows, ROWS + 1), ROWS + 1, "not sealed"),
        (lambda rows: add(rows, 0), 1, "number 0 was added"),
        (lambda rows: rows.filter(number=3).update(seal="k-é:é"), 3, "cannot be checked"),
        (lambda rows: rows.filter(number=3).update(seal=active_key() + ":é"), 3, "not sealed"),
        (lambda rows: rows.filter(number=ROWS).delete(), ROWS, "is missing"),
        (cut_off, ROWS, "was witnessed outside"),
        (lambda rows: rows.all().delete(), 1, "is missing"),
        (lambda rows: TrailHead.objects.update(digest="0" * 64), ROWS, "head of the trail was"),
        (lambda rows: TrailHead.objects.update(number=3), 4, "stands behind"),
        (lambda rows: TrailHead.objects.update(number=20), ROWS + 1, "the head says 20"),
        (lambda rows: TrailHead.objects.all().delete(), ROWS, "head of the trail is missing"),
    ],
)
def test_what_is_done_to_a_row_is_found_and_where(
    trail: None, edit: Callable[[Any], object], number: int, words: str
) -> None:
    assert verify().sentence == f"All rows from 1 to {ROWS} are as they were written."
    behind_its_back(edit)
    found = verify()
    assert (found.is_sound, found.broken_at) == (False, number)
    assert words in found.sentence


def test_the_database_itself_refuses_to_change_a_row(trail: None) -> None:
    for edit in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(by="2")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            edit()
    assert verify().is_sound
    append_only.unprotect(connection)
    assert "auditevent_no_update is missing" in verify().sentence
    append_only.protect(connection)


def test_an_older_copy_that_was_written_on_is_found_though_it_is_as_long_again(
    trail: None, owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    def go_back(rows: Any) -> None:
        rows.filter(number__gte=6).delete()
        TrailHead.objects.update(number=5, digest=rows.get(number=5).digest)

    behind_its_back(go_back)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(ROWS):
            record(by=owner, action="test", target="another thing")
    found = verify()
    assert found.broken_at == 6
    assert "witnessed outside twice" in found.sentence


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds columns to their types")
def test_a_value_that_no_row_can_hold_is_told_and_does_not_end_the_look(trail: None) -> None:
    behind_its_back(lambda rows: execute("UPDATE riskapp_auditevent SET at='x' WHERE number=4"))
    found = verify()
    assert (found.broken_at, found.is_sound) == (4, False)
    assert "never written there" in found.sentence


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_witness_that_is_gone_or_was_overwritten_is_told(trail: None, settings: Any) -> None:
    (path,) = settings.TRAIL_WITNESSES
    path.write_text(f"{'9' * 5_000} {'0' * 64} x\n²  {'0' * 64} x\n")
    assert "cannot be told from trail-heads" in verify().note
    path.unlink()
    path.mkdir()
    call_command("verify_trail")
    assert "cannot be told from trail-heads" in TrailCheck.objects.latest("id").sentence


def test_a_trigger_that_does_nothing_is_told_as_missing(trail: None) -> None:
    refusing, name = append_only.BODY, append_only.names(connection.vendor)[0]
    assert verify().is_sound
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            nothing = refusing.replace(f"RAISE EXCEPTION '{append_only.REFUSAL}'", "RETURN NEW")
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {append_only.FUNCTION}() RETURNS trigger "
                f"LANGUAGE plpgsql AS $${nothing}$$"
            )
        else:
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {append_only.TABLE} BEGIN SELECT 1; END"
            )
    found = verify()
    append_only.protect(connection)
    assert (found.is_sound, name in found.sentence) == (False, True)
    assert verify().is_sound


def test_a_part_is_checked_from_a_row_on(trail: None) -> None:
    behind_its_back(lambda rows: rows.filter(number=3).update(target="other"))
    found = verify(first=5)
    assert (found.is_sound, found.sentence) == (
        True,
        f"All rows from 5 to {ROWS} are as they were written.",
    )
    assert verify(first=40).broken_at == 39
    assert verify(first=4).is_sound  # the digest of row 3 is taken as it stands


def test_the_command_tells_it_in_words_and_json(trail: None) -> None:
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert out.getvalue() == f"All rows from 1 to {ROWS} are as they were written.\n"
    behind_its_back(lambda rows: rows.filter(number=3).delete())
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_trail", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["broken_at"], told["is_sound"]) == (3, False)
    assert TrailCheck.objects.count() == 2


def test_an_older_copy_that_was_restored_is_told_of(trail: None) -> None:
    behind_its_back(cut_off)
    with pytest.raises(SystemExit):
        call_command("verify_trail", stdout=StringIO())
    call_command("verify_trail", restored=True, stdout=StringIO())
    assert verify().is_sound
    row = AuditEvent.objects.get(action="trail.restored")
    assert row.detail["witnessed"] == ROWS
    behind_its_back(lambda rows: rows.filter(number=3).delete())
    with pytest.raises(SystemExit):  # not a way to hide what was done to a row
        call_command("verify_trail", restored=True, stdout=StringIO())


def test_rows_name_accounts_by_id_and_never_say_a_name(owner: User, patient: Patient) -> None:
    act_through(owner, "bone-app")
    assert told_as(owner) == f"{owner.pk}>bone-app"
    assert told_as(None) == Actor.NOBODY
    change_patient(by=owner, patient=patient, name="Grace Hopper")
    read(by=owner, action="command", target=patient.id)
    told = repr(list(AuditEvent.objects.values_list()))
    words = (patient.name, patient.record_number, "Grace", owner.username)
    assert not [word for word in words if word in told]
    assert AuditEvent.objects.filter(patient_id=patient.id).last().action == "read.command"


def test_what_is_written_is_kept_as_a_keyed_digest_only(owner: User) -> None:
    one, two = (record(by=owner, action="test", target=1, content={"x": x}) for x in (1, 2))
    assert one.content != two.content
    assert chain.is_content({"x": 1.0}, one.content)  # as another database may give it back
    assert not chain.is_content({"x": 2}, one.content)


def test_a_row_costs_three_statements(owner: User, django_assert_num_queries: Any) -> None:
    record(by=owner, action="test", target=1)
    with django_assert_num_queries(3):  # where the chain ends, the row, where it ends now
        record(by=owner, action="test", target=2, detail={"of": ["é"]})
    assert AuditEvent.objects.get(target="2").detail == {"of": ["é"]}
    assert verify().is_sound


def test_a_full_disk_of_the_witness_stops_nobody(
    owner: User, settings: Any, tmp_path: Path, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.TRAIL_WITNESSES = [tmp_path / "no such folder" / "heads", tmp_path / "heads"]
    with django_capture_on_commit_callbacks(execute=True):
        row = record(by=owner, action="test", target=1)
    assert dict(witness.heads(tmp_path / "heads"))[row.number] == row.digest
    assert "cannot be written" in caplog.text


def test_the_witness_keeps_its_latest_lines(
    tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    path = tmp_path / "heads"
    settings.TRAIL_WITNESSES = [path]
    monkeypatch.setattr(witness, "MOST_BYTES", 300)
    at = AuditEvent._meta.get_field("at").to_python("2026-01-01T00:00:00Z")
    for number in range(1, 12):
        witness.tell(number, f"{number:064x}", at)
    with path.open("a") as file:
        file.write("12 cut o")
    assert max(witness.heads(path)) == (11, f"{11:064x}")
    assert path.stat().st_size <= 400
