"""What the product is made of, and that no secret lies among its files."""

import json
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import audit
from tests.kept import ROOT

# Shapes of keys that others give out, by their own documents (recalled, to be confirmed).
SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a key of AWS": r"\bAKIA[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of PyPI": r"\bpypi-[A-Za-z0-9_-]{50,}",
    "a webhook's secret": r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
    "a key of Django": r"django-insecure-[^\s\"'{]{30,}",
}
# A value that is given to a name of a secret, and that looks as if it was drawn.
GIVEN = re.compile(
    r"""(?ix)(?:secret|passw(?:or)?d|api_?key|token)[\w-]{0,30}["']?\s{0,2}[:=]\s{0,2}
    ["']([A-Za-z0-9+/=_-]{24,200})["']"""
)
DRAWN_BITS = 4.3  # of a letter; English words and names of settings have fewer than 4
TEXTS = {".py", ".md", ".toml", ".txt", ".sh", ".json", ".html", ".js", ".yaml", ".yml", ".conf",
         ".service", ".csv", ""}  # fmt: skip
# Made up for tests of signatures and keys; each has to stand here.
MADE_UP = {
    "tests/exchange/test_outgoing.py",  # the example of Standard Webhooks
    "tests/fuzz/corpus/token/hs",
    "tests/operation/test_packages.py",
    "tests/operation/test_site_settings.py",
}


def _files() -> Iterator[Path]:
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in told.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.suffix in TEXTS and path.is_file() and name not in MADE_UP:
            yield path


def bits_of_a_letter(text: str) -> float:
    """Shannon's entropy of the letters of a text, in bits."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def secrets_in(text: str) -> list[str]:
    found = [what for what, shape in SHAPES.items() if re.search(shape, text)]
    return found + [
        "a drawn value" for value in GIVEN.findall(text) if bits_of_a_letter(value) > DRAWN_BITS
    ]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("-----BEGIN RSA PRIVATE " + "KEY-----", True),
        ("AKIA" + "ABCDEFGHIJKLMNOP", True),
        ('secret_key = "' + "aB3xK9mPq2RtYw7ZnLc5VdHs" + '"', True),
        ('secret_key = "a-secret-of-words-for-tests"', False),
        ("SECRET_KEY = os.environ", False),
    ],
)
def test_what_looks_like_a_secret_is_found(text: str, is_found: bool) -> None:
    assert bool(secrets_in(text)) is is_found


def test_no_file_of_the_project_holds_a_secret() -> None:
    found = {}
    for path in _files():
        if told := secrets_in(path.read_text(encoding="utf-8", errors="ignore")):
            found[str(path.relative_to(ROOT))] = told
    assert not found


def test_no_licence_of_what_runs_binds_whoever_passes_the_product_on() -> None:
    assert audit.forbidden("GPL-3.0-only")
    assert audit.forbidden("GNU Affero General Public License v3")
    assert not audit.forbidden("LGPL-3.0-only")
    assert not audit.forbidden("GPL-2.0-or-later OR MIT")
    rows = {one.name: audit.licence(one) for one in audit.runtime()}
    assert len(rows) > 60
    assert not {name: words for name, words in rows.items() if audit.forbidden(words)}
    assert "not told" not in rows.values()


def test_the_bill_of_materials_names_what_is_pinned_and_nothing_else() -> None:
    """`make audit` holds it byte for byte; here without starting the program that writes it."""
    told = json.loads(audit.SBOM.read_text(encoding="utf-8"))
    named = {f"{one['name']}=={one['version']}" for one in told["components"]}
    pinned = {
        line.partition(";")[0].strip()
        for line in audit.CONSTRAINTS.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert named == pinned


def test_the_table_of_licences_names_what_runs() -> None:
    written = audit.LICENCES.read_text(encoding="utf-8")
    missing = [one.name for one in audit.runtime() if f"| {one.name} |" not in written]
    assert not missing


def test_what_was_not_looked_up_is_no_clean_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(told: str) -> int:
        done = subprocess.CompletedProcess([], 0, told, "")
        monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)
        return audit.vulnerabilities()

    well = {"name": "a", "version": "1", "vulns": []}
    silent = {"name": "b", "skip_reason": "not found"}
    unsafe = {"name": "c", "version": "1", "vulns": [{"id": "CVE-1"}]}
    assert answered(json.dumps({"dependencies": [well]})) == 0
    assert answered(json.dumps({"dependencies": [well, silent]})) == audit.NOT_REACHED
    assert answered(json.dumps({"dependencies": [unsafe, silent]})) == audit.KNOWN
    assert answered("") == audit.NOT_REACHED
    today = datetime.now(UTC).date()
    for until, expected in ((today, 0), (today - timedelta(days=1), audit.KNOWN)):
        monkeypatch.setattr(audit, "EXCEPTIONS", {"CVE-1": (until, "not how we use it")})
        assert answered(json.dumps({"dependencies": [unsafe]})) == expected
