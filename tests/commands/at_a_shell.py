"""Commands at a shell, in a site of a test's own, by people who know the passphrase of backups."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.kept import ROOT
from tests.own_database import OwnDatabase

PASSPHRASE = "correct horse battery"


def start(
    place: OwnDatabase,
    *arguments: str,
    program: Sequence[str] = ("manage.py",),
    **environment: str,
) -> "subprocess.Popen[str]":
    told = {
        "DJANGO_SETTINGS_MODULE": "riskapp.settings",
        "TRABECULA_BACKUP_PASSPHRASE": PASSPHRASE,
    }
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, **told, **place.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(place: OwnDatabase, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start(place, *arguments, **environment)
    said, complained = process.communicate()
    return process.returncode, said, complained


def done(place: OwnDatabase, *arguments: str, **environment: str) -> str:
    code, said, complained = run(place, *arguments, **environment)
    assert code == 0, complained
    return said
