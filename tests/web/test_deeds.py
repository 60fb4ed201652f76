"""What was done with a record is told the patient in plain words, whatever door it was done by."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskapp.access import ACCESS
from riskapp.actions.permitting import Ability as May
from riskapp.web.presenters.deeds import DONE, SHOWN, in_words, without_door

PROGRAM = Path(__file__).parents[2] / "riskapp"
OF_PATIENTS = {
    May.FIND_PATIENTS,
    May.READ_SCANS,
    May.WORK_ON_SCANS,
    May.READ_ASSESSMENTS,
    May.ASSESS,
    May.DISCUSS,
}
# Chosen where it is done: what was struck out, lifted, sent on.
DYNAMIC = {"fracture.strike_out", "treatment.strike_out", "discussion.strike_out", "share.open"}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("read.scan_picture", "Looked at a scan’s picture"),
        ("read.api_assessment_report", "Looked at a report of an assessment"),
        ("read.fhir_search_RiskAssessment", "Looked at an assessment"),
        ("refused.403", "Tried, and was not let in"),
        ("patient.register", "Registered the person"),
    ],
)
def test_a_row_is_said_in_plain_words(action: str, words: str) -> None:
    assert in_words(action) == words


def test_every_address_that_shows_a_patient_has_words() -> None:
    of_patients = {
        without_door(name)
        for name, needed in ACCESS.items()
        if OF_PATIENTS & ({needed} if isinstance(needed, str) else {*needed.values()})
    }
    assert of_patients - {*SHOWN} == set()


def test_every_deed_that_is_written_of_a_patient_has_words() -> None:
    written = {*_written()}
    assert len(written) > 20
    assert (written | DYNAMIC) - {*DONE} == set()


def _written() -> Iterator[str]:
    for file in PROGRAM.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                said = {one.arg: one.value for one in call.keywords}
                action = said.get("action")
                if "patient" in said and isinstance(action, ast.Constant):
                    yield action.value
