"""What is asked of a record, and what it means when less is granted."""

import re
from collections.abc import Iterable, Sequence

READ = (
    "Patient", "Observation", "Condition", "MedicationRequest", "MedicationStatement",
    "FamilyMemberHistory", "Procedure", "DiagnosticReport",
)  # fmt: skip
WRITTEN = ("RiskAssessment", "Observation", "DiagnosticReport")
WHO = ("openid", "fhirUser")
WANTED = (
    *WHO,
    "offline_access",
    "patient/Patient.r",
    *(f"patient/{kind}.rs" for kind in READ if kind not in ("Patient", *WRITTEN)),
    *(f"patient/{kind}.crs" for kind in WRITTEN),
)
SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?.*)?")
FIRST_VERSION = {"read": "rs", "write": "cud", "*": "cruds"}


def to_ask(scopes: Sequence[str], context: str, first_version: bool) -> str:
    """The ``scope`` of a request; ``context`` is ``launch`` or ``launch/patient``."""
    wanted = [context, *(scopes or WANTED)]
    if first_version:
        wanted = [one for scope in wanted for one in _in_first_version(scope)]
    return " ".join(dict.fromkeys(wanted))


def _in_first_version(scope: str) -> list[str]:
    found = SCOPE.fullmatch(scope)
    if found is None or found[3] in FIRST_VERSION:
        return [scope]
    can = {name for name in ("read", "write") if set(found[3]) & set(FIRST_VERSION[name])}
    return [f"{found[1]}/{found[2]}.{name}" for name in sorted(can)]


def allows(granted: Iterable[str], kind: str, letter: str) -> bool:
    """Whether scopes of either version let a type be created, read, … (one of c, r, u, d, s)."""
    return any(
        found[2] in ("*", kind) and letter in FIRST_VERSION.get(found[3], found[3])
        for found in (SCOPE.fullmatch(scope) for scope in granted)
        if found
    )


def what_is_lacking(granted: Sequence[str], name: str) -> str:
    """A sentence about what was not granted, blank where all was."""
    unread = [kind for kind in READ if not allows(granted, kind, "r")]
    sentences = []
    if unread:
        sentences.append(f"{name} does not let Trabecula read {', '.join(unread)}.")
    if not all(allows(granted, kind, "c") for kind in WRITTEN):
        sentences.append(f"{name} does not let results be sent back.")
    return " ".join(sentences)
