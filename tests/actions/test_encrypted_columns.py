"""What an encrypted column holds, for whom it opens, and what cannot be asked of it."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import FieldError
from django.db import connection

from riskapp import keys
from riskapp.actions.sealing import sealed, unsealed
from riskapp.models import KeptAnswer, Patient, Scan, ScanIdentity
from riskapp.models.encrypted import Sealed


@pytest.fixture
def identity(patient: Patient, owner: User) -> ScanIdentity:
    return _identity(patient, owner, name="EVERYWOMAN^EVA", birth_date=date(1950, 2, 3))


def _identity(patient: Patient, by: User, **told: object) -> ScanIdentity:
    scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256="0" * 64)
    return ScanIdentity.objects.create(scan=scan, instances=[["1.2", "1.3"]], **told)


def _stored(column: str, identity: ScanIdentity) -> bytes:
    with connection.cursor() as cursor:
        sql = f"SELECT {column} FROM riskapp_scanidentity WHERE id = %s"
        cursor.execute(sql, [identity.pk])
        return bytes(cursor.fetchone()[0])


def test_what_was_told_comes_back_and_lies_there_unreadable(identity: ScanIdentity) -> None:
    read = ScanIdentity.objects.get(pk=identity.pk)
    assert (read.name, read.birth_date) == ("EVERYWOMAN^EVA", date(1950, 2, 3))
    assert read.instances == [["1.2", "1.3"]]
    assert read.issuer == ""
    lies = _stored("name", identity)
    assert b"EVERYWOMAN" not in lies
    place = f"riskapp_scanidentity.name:{identity.scan_id}".encode()
    assert keys.decrypt("fields", lies, place) == b"EVERYWOMAN^EVA"


def test_nothing_is_opened_before_it_is_read(identity: ScanIdentity) -> None:
    read = ScanIdentity.objects.get(pk=identity.pk)
    assert isinstance(read.__dict__["name"], Sealed)
    assert repr(read.__dict__["name"]) == "(encrypted)"
    with pytest.raises(TypeError, match="It is encrypted"):
        str(read.__dict__["name"])
    before = _stored("name", identity)
    read.save()
    assert _stored("name", identity) == before  # what nobody read is not encrypted anew
    deferred = ScanIdentity.objects.defer("name").get(pk=identity.pk)
    assert deferred.name == "EVERYWOMAN^EVA"


@pytest.mark.parametrize(("column", "other"), [("name", "issuer"), ("issuer", "name")])
def test_a_value_that_was_moved_to_another_column_is_not_opened(
    column: str, other: str, identity: ScanIdentity
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE riskapp_scanidentity SET {column} = {other}")
    with pytest.raises(keys.CannotDecrypt):
        getattr(ScanIdentity.objects.get(pk=identity.pk), column)


def test_a_value_that_was_moved_to_another_row_is_not_opened(
    identity: ScanIdentity, patient: Patient, owner: User
) -> None:
    other = _identity(patient, owner, name="SOMEBODY^ELSE")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE riskapp_scanidentity SET name = %s WHERE id = %s",
            [_stored("name", other), identity.pk],
        )
    with pytest.raises(keys.CannotDecrypt):
        _ = ScanIdentity.objects.get(pk=identity.pk).name


def test_it_cannot_be_looked_up_or_updated_past_its_row(identity: ScanIdentity) -> None:
    rows = ScanIdentity.objects.filter(pk=identity.pk)
    for asked in ({"name": "x"}, {"name__icontains": "x"}, {"birth_date__lt": date(2000, 1, 1)}):
        with pytest.raises(FieldError, match="encrypted"):
            rows.filter(**asked).exists()
    with pytest.raises(FieldError, match="encrypted"):
        rows.filter(instances__0="x").exists()
    assert rows.filter(birth_date__isnull=False).exists()
    with pytest.raises(TypeError, match="written by save"):
        rows.update(name="x")


@pytest.mark.django_db
def test_a_row_that_is_bound_to_something_unknown_is_not_written() -> None:
    with pytest.raises(ValueError, match="bound to scan_id"):
        ScanIdentity(name="x").save()


def test_rows_without_a_key_of_their_own_are_bound_to_what_names_them(owner: User) -> None:
    told = KeptAnswer.objects.create(by=owner, key="k-1", asked_sha256="0" * 64, answer={"a": [1]})
    assert KeptAnswer.objects.get(pk=told.pk).answer == {"a": [1]}
    KeptAnswer.objects.update(key="k-2")
    with pytest.raises(keys.CannotDecrypt):
        _ = KeptAnswer.objects.get(pk=told.pk).answer


def test_a_word_that_is_given_away_comes_back_or_says_nothing() -> None:
    word = sealed({"by": "1"})
    assert unsealed(word) == {"by": "1"}
    for other in (word[:-4], word[:-4] + "AAAA", "", "*", "ä"):
        assert unsealed(other) == {}
