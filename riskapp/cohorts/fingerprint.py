"""Whether a model has seen a table before, told without keeping anything of its rows.

A model keeps one hash of its whole table, whatever the order of the rows and the name of the
file, and a map of bits: each row sets one, at a place that its keyed hash names. About half of
the bits are set, so a row that somebody knows is found there by chance half of the time; of many
rows that were trained on all are found, and of strangers half. Neither gives a row back.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.risk.profile import FIELD_NAMES

# Fewer rows could be guessed from their hash.
FEWEST_ROWS = 50
# Beyond this a part of the rows serves, chosen by their hash.
MOST_ROWS = 20_000
# Bits for each row, so that half are set: 1 / log 2.
BITS_PER_ROW = 1.4427
# Rows that say as little as age and sex are alike in any two tables.
LEAST_DISTINCT = 0.9
# What is told must be beyond chance, and more than a stray copy.
STANDARD_ERRORS, LEAST_SHARE = 4.0, 0.05
# Says nothing of a person, or is said by the reader and not by the row.
NOT_READ = frozenset({"population"})


def fingerprint(cohort: Cohort) -> dict[str, Any] | None:
    """What is kept with a model; None of a table too small to hide anybody."""
    rows = _rows(cohort)
    if len(rows) < FEWEST_ROWS:
        return None
    whole = _whole(rows)
    told: dict[str, Any] = {"rows": len(rows), "whole": whole, "share": 1.0, "map": None}
    if len(set(rows)) < LEAST_DISTINCT * len(rows):
        return told
    share = min(1.0, MOST_ROWS / len(rows))
    size = max(64, round(BITS_PER_ROW * share * len(rows) / 8) * 8)
    bits = np.zeros(size, dtype=np.uint8)
    bits[_places(rows, whole, share, size)] = 1
    return told | {"share": share, "map": np.packbits(bits).tobytes().hex()}


def share_seen(kept: Mapping[str, Any] | None, cohort: Cohort) -> float:
    """About which share of these rows a model was fitted to; 0 where it cannot be told.

    1 exactly only for the same whole table.
    """
    rows = _rows(cohort)
    if not kept or not rows:
        return 0.0
    if kept["whole"] == _whole(rows):
        return 1.0
    if kept["map"] is None:
        return 0.0
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(kept["map"]), dtype=np.uint8))
    places = _places(rows, kept["whole"], kept["share"], bits.size)
    if not places.size:
        return 0.0
    chance = float(bits.mean())
    seen = (float(bits[places].mean()) - chance) / (1 - chance)
    error = np.sqrt(chance * (1 - chance) / places.size) / (1 - chance)
    return min(seen, 0.999) if seen > max(LEAST_SHARE, STANDARD_ERRORS * error) else 0.0


def _rows(cohort: Cohort) -> list[bytes]:
    """Each row as it is whoever wrote the file: fields of the contract and what happened."""
    read = sorted(set(FIELD_NAMES) - NOT_READ)
    outcomes = sorted(cohort.follow_up.items())
    found = []
    for place, profile in enumerate(cohort.profiles):
        told = {name: getattr(profile, name) for name in read}
        fields = [(name, _plain(value)) for name, value in told.items() if value is not None]
        happened = [
            (name, int(each.event[place]), f"{each.years[place]:.3f}") for name, each in outcomes
        ]
        found.append(json.dumps([fields, happened]).encode())
    return found


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _whole(rows: list[bytes]) -> str:
    return hashlib.sha256(b"\n".join(sorted(rows))).hexdigest()


def _places(rows: list[bytes], key: str, share: float, size: int) -> np.ndarray[Any, Any]:
    """Where the rows that count set their bits; the table's own hash is the key."""
    hashes = [hashlib.blake2b(row, key=key[:32].encode(), digest_size=16).digest() for row in rows]
    whole = np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(-1, 2)
    counted = whole[:, 0] <= share * np.float64(2**64)
    return np.asarray(whole[counted, 1] % np.uint64(size), dtype=np.intp)
