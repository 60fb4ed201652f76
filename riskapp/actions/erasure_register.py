"""Certificates of erasure outside of the database, so that a restored backup does not undo them.

One line of JSON for each, in the data folder and where ``TRABECULA_ERASURE_REGISTER`` says, which
belongs on another disk than the backups. A line names nobody: ids, counts, keyed hashes.
"""

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from riskapp.actions.backup_format import REGISTER

log = logging.getLogger(__name__)


def places() -> list[Path]:
    """Where the register lies: every place holds all of it."""
    own = Path(settings.DATA_DIR) / REGISTER
    return [own, *([Path(settings.ERASURE_REGISTER)] if settings.ERASURE_REGISTER else [])]


def write_down(certificates: Iterable[dict[str, Any]]) -> None:
    """Add what a place does not have; the log hears of a place that cannot be written."""
    told = list(certificates)
    for place in places():
        known = {one["signature"] for one in _lines(place)}
        fresh = [one for one in told if one["signature"] not in known]
        try:
            if fresh:
                _append(place, fresh)
        except OSError as problem:
            log.error("The register of erasures cannot be written: %s", problem.strerror)


def certificates() -> list[dict[str, Any]]:
    """Every certificate of every place, each once; whether it is signed is not looked at."""
    found = {one["signature"]: one for place in places() for one in _lines(place)}
    return list(found.values())


def _lines(place: Path) -> list[dict[str, Any]]:
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        log.error("The register of erasures at %s cannot be read.", place)
        return []
    found = []
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            continue  # cut off by a power failure; the database still has it
        if isinstance(told, dict) and isinstance(told.get("signature"), str):
            found.append(told)
    return found


def _append(place: Path, certificates: list[dict[str, Any]]) -> None:
    # A new line first: the last one may have been cut off.
    text = "".join("\n" + json.dumps(one, sort_keys=True) for one in certificates)
    with os.fdopen(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
