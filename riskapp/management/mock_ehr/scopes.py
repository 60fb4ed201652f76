"""Scopes as SMART App Launch writes them, in both versions."""

import re
from collections.abc import Iterable

SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(\?.*)?")
FIRST_VERSION = {"read": "rs", "write": "cud", "*": "cruds"}


def allowing(scopes: Iterable[str], kind: str, letter: str) -> set[str]:
    """The levels (patient, user, system) at which scopes allow one of c, r, u, d, s for a type."""
    levels = set()
    for scope in scopes:
        found = SCOPE.fullmatch(scope)
        if found and found[2] in ("*", kind) and letter in FIRST_VERSION.get(found[3], found[3]):
            levels.add(found[1])
    return levels
