"""What was erased stays erased: keys are retired, backups restored, and registers made up."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp import keys
from riskapp.actions.auditing import Actor
from riskapp.actions.erased_again import (
    CHANGED,
    came_back,
    erase_again,
    erase_all_again,
    finish_what_was_cut_off,
)
from riskapp.actions.erasure_certificate import is_signed, problems_with
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import AuditEvent, Erasure, LegalHold, Patient
from tests.actions.erased import data_folder, erase_by, erased_person, first, second

__all__ = ["data_folder", "erased_person", "first", "second"]
rewrites = pytest.mark.django_db(transaction=True)


@rewrites
def test_a_restored_record_is_noticed_and_erased_again(
    owner: User, first: User, second: User, erased_person: Patient
) -> None:
    erasure = erase_by(first, second, erased_person)
    Patient.objects.bulk_create([erased_person])
    problems = problems_with(erasure.certificate)
    assert "A record of the same number is there (again)." in problems
    assert len(problems) == 2
    assert erase_again(erasure.certificate, by=first)
    assert problems_with(erasure.certificate) == []
    assert not erase_again(erasure.certificate, by=first)


@rewrites
def test_a_certificate_can_be_checked_when_its_keys_are_retired(
    first: User, second: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    erasure = erase_by(first, second, erased_person)
    old = keys.ring().active
    keys.replace_ring(keys.with_new_key)
    keys.replace_ring(lambda ring: keys.without_key(ring, old))
    assert old not in keys.ring().keys
    assert is_signed(erasure.certificate)
    assert problems_with(erasure.certificate) == []
    # Who is registered anew under that number is known by the hash that nobody could make again.
    register_patient(
        by=_clinician(erasure), name="New", record_number=number,
        date_of_birth=date(1950, 1, 1), sex="female",
    )  # fmt: skip
    assert problems_with(erasure.certificate) == ["A record of the same number is there (again)."]


@rewrites
def test_who_comes_anew_under_an_erased_number_stays(
    owner: User, first: User, second: User, erased_person: Patient
) -> None:
    number = erased_person.record_number
    erasure = erase_by(first, second, erased_person)
    fresh = register_patient(
        by=owner, name="New", record_number=number, date_of_birth=date(1950, 1, 1), sex="female"
    )
    assert erase_all_again() == (0, [])
    assert not erase_again(erasure.certificate, by=first)
    assert Patient.objects.get() == fresh


@rewrites
def test_a_certificate_outside_the_database_erases_what_an_older_backup_brings_back(
    owner: User, first: User, second: User, erased_person: Patient, tmp_path: Path, settings: Any
) -> None:
    elsewhere = settings.ERASURE_REGISTER = str(tmp_path / "another-disk")
    erase_by(first, second, erased_person)
    (tmp_path / "erasures.jsonl").unlink()  # it was lost with the data folder
    with Path(elsewhere).open("a") as register:
        register.write('\n{"patient": "cut o')
    Erasure.objects.all().delete()
    Patient.objects.bulk_create([erased_person])
    assert [one["patient"] for one in came_back()] == [str(erased_person.id)]
    assert erase_all_again() == (1, [])
    assert not Patient.objects.exists()
    assert AuditEvent.objects.filter(action="patient.erase").last().by == Actor.SITE
    # Both places have all of it again.
    finish_what_was_cut_off()
    assert str(erased_person.id) in (tmp_path / "erasures.jsonl").read_text()


@rewrites
def test_a_register_that_was_made_up_erases_nobody(
    owner: User, patient: Patient, tmp_path: Path
) -> None:
    made_up = {"id": "1", "patient": str(patient.id), "because": "asked", "signature": "0" * 64}
    lines = [json.dumps(made_up), json.dumps({"patient": "x", "signature": "1"}), "[]", "nonsense"]
    (tmp_path / "erasures.jsonl").write_text("\n".join(lines))
    done, (problem,) = erase_all_again()
    assert (done, problem) == (0, CHANGED)
    assert Patient.objects.filter(pk=patient.pk).exists()


@rewrites
def test_what_came_back_under_a_hold_is_told_and_stays(
    first: User, second: User, erased_person: Patient
) -> None:
    erase_by(first, second, erased_person)
    Patient.objects.bulk_create([erased_person])
    LegalHold.objects.create(patient=erased_person, because="A court asks.", by=first)
    done, (problem,) = erase_all_again()
    assert done == 0
    assert "legal hold" in problem


def _clinician(erasure: Erasure) -> User:
    return register_clinician(username="c", password=None, organisation=erasure.organisation.name)
