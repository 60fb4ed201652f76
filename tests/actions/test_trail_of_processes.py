"""The trail of several processes is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from riskapp.actions.trail import witness
from tests.own_database import OwnDatabase

WRITER = """
import django
django.setup()
from riskapp import keys
from riskapp.actions.auditing import Actor, record
for _ in range(40):
    record(by=Actor.SITE, action="test", target="many")
"""


@pytest.mark.enable_socket
def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    own = OwnDatabase(tmp_path)
    env = os.environ | own.environment | {"DJANGO_SETTINGS_MODULE": "riskapp.settings"}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], env=env) for _ in range(3)]
    assert [one.wait(timeout=120) for one in writers] == [0, 0, 0]
    command = [sys.executable, "manage.py", "verify_trail"]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert told.stdout == "All rows from 1 to 120 are as they were written.\n"
    assert max(witness.heads(tmp_path / "trail-heads"))[0] == 120
    own.end()
