"""What became of patients: told once, of one's own, and never before birth or tomorrow."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.errors import NotAllowed, Refused
from riskapp.actions.outcomes import record_outcomes, rows_of_csv
from riskapp.models import AuditEvent, Patient, RecordedOutcome


def told(outcome: str = "hip", on: object = "2026-01-02", number: str = "A-1") -> dict[str, object]:
    return {"record_number": number, "outcome": outcome, "date": on}


def test_outcomes_are_recorded_once(patient: Patient, statistician: User) -> None:
    rows = [told(), told(), told("none", "2026-02-01")]
    first = record_outcomes(by=statistician, rows=rows)
    assert (first.recorded, first.known_before, first.refused) == (2, 1, ())
    assert record_outcomes(by=statistician, rows=rows).recorded == 0
    assert RecordedOutcome.objects.count() == 2
    assert AuditEvent.objects.filter(action="outcomes.record").count() == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (told(number="B-1"), "no patient of your organisation"),
        (told("wrist"), "an outcome is one of"),
        (told(on="02.01.2026"), "written as"),
        (told(on=None), "written as"),
        (told(on="1955-05-31"), "before the patient’s birth"),
        ({}, "no patient"),
    ],
)
def test_a_row_that_cannot_be_used_stops_no_other(
    patient: Patient, statistician: User, row: dict[str, object], sentence: str
) -> None:
    found = record_outcomes(by=statistician, rows=[row, told(on=date(1955, 6, 1))])
    assert found.recorded == 1
    (refused,) = found.refused
    assert refused.startswith("Row 1: ")
    assert sentence in refused


def test_nothing_became_of_a_patient_tomorrow(patient: Patient, statistician: User) -> None:
    today = timezone.localdate()
    rows = [told(on=today + timedelta(days=1)), told(on=today)]
    found = record_outcomes(by=statistician, rows=rows)
    assert found.recorded == 1
    assert [("Row 1: " in each, "in the future" in each) for each in found.refused] == [
        (True, True)
    ]


def test_strangers_record_nothing_of_our_patients(
    patient: Patient, owner: User, strange_statistician: User
) -> None:
    assert record_outcomes(by=strange_statistician, rows=[told()]).recorded == 0
    with pytest.raises(NotAllowed):
        record_outcomes(by=owner, rows=[told()])


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"record_number,outcome\nA-1,hip\n", b'a,"b\x00\n', b"\0" * 10]
)
def test_what_is_no_table_of_outcomes_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        rows_of_csv(content)


def test_a_table_may_have_a_mark_and_other_columns() -> None:
    table = "\ufeffoutcome,record_number,note,date\nhip,A-1,fell,2026-01-02\n".encode()
    assert rows_of_csv(table) == [told()]
