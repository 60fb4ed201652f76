"""Requests made up from the description, held against the description, by somebody else's rules.

``make check-api`` makes up many more of each than the suite does; ``TRABECULA_API_PATHS``, a
regular expression, leaves out the rest.
"""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from riskapp.actions.managing_people import set_roles
from riskapp.models import Patient, Role, Scan
from tests.api.cds.record_system import RecordSystem
from tests.api.made_up import faults, ids_of_a_clinic

EXAMPLES = int(os.environ.get("TRABECULA_API_EXAMPLES", "2"))
PATHS = os.environ.get("TRABECULA_API_PATHS", "")


# In process nobody closes a file that was answered with, which a server does (PEP 3333).
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.django_db(transaction=True)
def test_what_is_answered_is_what_is_described(
    statistician: User,
    patient: Patient,
    measured_scan: Scan,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("riskapp.api.health.checks", list)
    # Setting type takes a second each time, and other tests look at what is printed.
    monkeypatch.setattr("riskapp.web.report.printed", lambda parts: b"%PDF-1.7")
    record_system = RecordSystem()
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text(record_system.entry(), encoding="utf-8")
    set_roles(by=statistician, user=statistician, roles=list(Role))
    ids = ids_of_a_clinic(statistician, patient, measured_scan)
    found = faults(statistician, ids, record_system, EXAMPLES, 4, PATHS)
    told = [str(one) for one in found]
    assert not told, "\n\n".join(sorted(set(told)))
