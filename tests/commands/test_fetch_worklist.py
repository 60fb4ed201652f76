"""Planned examinations of people registered here are expected; of others nothing is kept."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from imaging.identity.whose import Identity
from riskapp.actions import expecting, fetching_worklist
from riskapp.exchange.archive.answers import Silent
from riskapp.exchange.archive.worklist import PlannedExamination
from riskapp.models import ExpectedScan, Patient

ENTRY = """
[[archive]]
name = "ris"
organisation = "Clinic A"
host = "127.0.0.1"
called_ae_title = "RIS"
worklist_ae_title = "RIS"
"""
ADA = {"identifier": "A-1", "name": "Example^Ada", "birth_date": date(1955, 6, 1), "sex": "female"}


def examination(number: str, **told: Any) -> PlannedExamination:
    identity = Identity(**(ADA | told), accession_number=number)
    return PlannedExamination(identity, number, timezone.localdate(), "Bone density", "DX")


@pytest.fixture
def plans(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> list[PlannedExamination]:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text(ENTRY, encoding="utf-8")
    told: list[PlannedExamination] = []
    monkeypatch.setattr(fetching_worklist, "planned", lambda *_: tuple(told))
    return told


def fetched() -> str:
    said = StringIO()
    call_command("fetch_worklist", stdout=said, stderr=said)
    return said.getvalue()


def test_each_is_expected_once_or_counted(
    plans: list[PlannedExamination], owner: User, patient: Patient
) -> None:
    plans += [
        examination("ACC-1"),
        examination("ACC-2", identifier="Z-9"),
        examination("ACC-3", name="Else^Eva"),
        examination("ACC-4", identifier=""),
    ]
    words = "4 planned, 1 expected here, 2 of people not registered here, 1 contradict"
    assert words in fetched()
    assert words in fetched()
    expected = ExpectedScan.objects.get()
    assert (expected.patient, expected.source) == (patient, "worklist:ris")
    assert expecting.to_come(by=owner).count() == 1


def test_a_worklist_that_does_not_answer_is_told(
    plans: list[PlannedExamination], patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any) -> None:
        raise Silent("The archive does not answer.")

    monkeypatch.setattr(fetching_worklist, "planned", silent)
    with pytest.raises(CommandError, match="Not every worklist"):
        fetched()


@pytest.mark.parametrize("days", [-1, 61])
def test_days_beyond_reason_are_refused(days: int) -> None:
    with pytest.raises(CommandError, match="0 to 60"):
        call_command("fetch_worklist", days=days)


@pytest.mark.django_db
def test_a_site_without_a_worklist_is_told(tmp_path: Path, settings: Any) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "none.toml"
    with pytest.raises(CommandError, match="worklist_ae_title"):
        call_command("fetch_worklist")
