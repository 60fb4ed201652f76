"""What the product is made of and whether any of it is known to be unsafe: `make audit`.

    python deploy/audit.py [--write]

Writes or checks deploy/sbom.json (CycloneDX 1.6, of everything that deploy/constraints.txt pins)
and docs/licences.md (of what runs), and asks the Python Packaging Advisory Database through
pip-audit. Exit status: 0 all looked at and well; 1 something is known, or a document is stale; 3
the service did not answer for every package, so that nothing is known about the rest.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
SBOM, LICENCES = ROOT / "deploy" / "sbom.json", ROOT / "docs" / "licences.md"
KNOWN, NOT_REACHED = 1, 3
# Known faults that do not reach how a package is used here: id -> until which day that holds, when
# it is to be looked at again, and why. There are none.
EXCEPTIONS: dict[str, tuple[date, str]] = {}
# What would bind whoever passes the product on; the lesser licence does not, used as a library.
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser", re.IGNORECASE)
HEAD = """# Licences of what runs

Written by `make audit` from the packages that `pyproject.toml` names and what they bring, as their
own metadata tell. No licence among them asks that a program built on them be given away (tested).

| package | version | licence |
| --- | --- | --- |
"""


def sbom() -> str:
    """The bill of materials, the same bytes each time."""
    made = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
        + ["--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON", str(CONSTRAINTS)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.dumps(json.loads(made.stdout), indent=1, sort_keys=True) + "\n"


def runtime() -> Iterator[metadata.Distribution]:
    """Each package that the product needs to run, once, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(text) for text in _direct()]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(asked.name)
        except metadata.PackageNotFoundError:
            continue  # for another system, or of an extra that is not asked for
        for text in found[name].requires or ():
            needed = Requirement(text)
            environments = [{"extra": extra} for extra in ("", *asked.extras)]
            if not needed.marker or any(needed.marker.evaluate(one) for one in environments):
                waiting.append(needed)
    yield from (found[name] for name in sorted(found))


def _direct() -> list[str]:
    import tomllib

    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(told["project"]["dependencies"])


def licence(package: metadata.Distribution) -> str:
    """In a few words: the expression, else the classifiers, else the first line of the text."""
    told = package.metadata
    if expression := told.get("License-Expression"):
        return str(expression)
    named = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier", [])
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    text = str(told.get("License") or "").strip()
    return ", ".join(named) or (text.splitlines()[0][:80] if text else "not told")


def forbidden(words: str) -> bool:
    """Whether a licence is one that the product may not bring, where it leaves no other choice."""
    choices = re.split(r"\bOR\b", words)
    return all(COPYLEFT.search(one) and not LESSER.search(one) for one in choices)


def licences() -> str:
    rows = [f"| {one.name} | {one.version} | {licence(one)} |\n" for one in runtime()]
    return HEAD + "".join(rows)


def vulnerabilities() -> int:
    """Ask about every pinned package; what was not answered is told, never passed over."""
    # One first: whoever is not answered about it need not ask about each of the others.
    told = _told(_only("django")) and _told(CONSTRAINTS)
    if not told:
        _say("The vulnerability service was not reached; nothing is known about any package.")
        return NOT_REACHED
    unsafe = False
    for one in told:
        if ids := [each["id"] for each in one.get("vulns", ()) if not _is_excepted(each["id"])]:
            unsafe = True
            _say(f"{one['name']} {one['version']}: {', '.join(ids)}")
    silent = [one["name"] for one in told if "skip_reason" in one]
    if silent:
        _say(f"Nothing was told about {len(silent)} of {len(told)} packages: the service was not")
        _say("reached, or does not know them. That is no clean result.")
    if unsafe:
        return KNOWN
    return NOT_REACHED if silent else 0


def _told(requirements: Path) -> list[dict[str, Any]]:
    """What the service says of each package; nothing where it says nothing of any."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps"]
        + ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5"],
        capture_output=True,
        text=True,
    )
    try:
        told: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return told if any("skip_reason" not in one for one in told) else []


def _only(name: str) -> Path:
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    path = Path(mkdtemp()) / "one.txt"
    path.write_text(next(one for one in lines if one.lower().startswith(f"{name}==")))
    return path


def _is_excepted(fault: str) -> bool:
    until, _ = EXCEPTIONS.get(fault, (date.min, ""))
    return datetime.now(UTC).date() <= until


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def main() -> int:
    stale = 0
    for path, text in ((SBOM, sbom()), (LICENCES, licences())):
        if "--write" in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            _say(f"{path.relative_to(ROOT)} is stale; run: make describe-packages")
            stale = KNOWN
    return 0 if "--write" in sys.argv else stale or vulnerabilities()


if __name__ == "__main__":
    sys.exit(main())
