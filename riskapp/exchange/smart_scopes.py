"""SMART's scopes: what another program may do with which kind of resource, and for whom.

``system/Observation.rs`` reads "a program on its own may read and search observations". The
letters stand for create, read, update, delete and search and keep that order.

Source: SMART App Launch 2.2, "Scopes and Launch Context"
(https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LETTERS = "cruds"
ANY = "*"
# What version 1 of the scopes wrote, and what it means in version 2 (same page, "Scopes for
# requesting clinical data", table of v1 and v2).
VERSION_1 = {"read": "rs", "write": "cud", ANY: LETTERS}
# Scopes about the sign-in and the launch, beside those about data; fhirUser is not among them, as
# there is no Practitioner to name.
OFFLINE, LAUNCH, LAUNCH_PATIENT = "offline_access", "launch", "launch/patient"
OPENID = "openid"
OF_LAUNCHES = (OFFLINE, LAUNCH, LAUNCH_PATIENT, OPENID)
LEVELS = ("patient", "user", "system")
# What FHIR's patient compartment holds of the resources that we know; scopes for one patient
# reach nothing else (https://hl7.org/fhir/R4/compartmentdefinition-patient.html). A Binary is here
# the file of somebody's report and found through it, and a Device is our software, nobody's.
OF_A_PATIENT = frozenset(
    {
        "Binary", "Communication", "Condition", "Consent", "Device", "DiagnosticReport",
        "DocumentReference", "Encounter", "ImagingStudy", "MedicationRequest",
        "MedicationStatement", "Observation", "Patient", "Procedure", "Provenance",
        "RiskAssessment", "ServiceRequest",
    }
)  # fmt: skip
SHAPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,60})\.([a-z*]{1,5})")


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope about data: ``level`` of ``LEVELS``, a resource type or ``*``, letters in order."""

    level: str
    resource: str
    letters: str

    def __str__(self) -> str:
        return f"{self.level}/{self.resource}.{self.letters}"

    def allows(self, resource: str, letters: str) -> bool:
        """True if every one of these letters may be done with this type of resource."""
        if self.level == "patient" and resource not in OF_A_PATIENT:
            return False
        return self.resource in (ANY, resource) and set(letters) <= set(self.letters)


def parse(text: str) -> Scope | None:
    """Read one scope about data; None where it is none, such as one with a search in it.

    ``system/Observation.rs?category=...`` would promise a narrower view than we give, so it is
    not granted at all.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    level, resource, asked = shape.groups()
    letters = VERSION_1.get(asked, asked)
    in_order = "".join(letter for letter in LETTERS if letter in letters)
    return Scope(level, resource, letters) if letters == in_order else None


def scopes_in(texts: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes about data among these texts."""
    return tuple(scope for text in texts if (scope := parse(text)))


def unusable(texts: Iterable[str]) -> list[str]:
    """Those that are no scope we could ever grant."""
    return [text for text in texts if text not in OF_LAUNCHES and parse(text) is None]


def granted(asked: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """What of the scopes that are asked for is allowed: each as wide as both let it be.

    Asked ``system/*.rs`` where ``system/Patient.r`` is allowed gives ``system/Patient.r``.
    """
    asked, allowed = list(asked), list(allowed)
    given = [text for text in asked if text in OF_LAUNCHES and text in allowed]
    for one in scopes_in(asked):
        given += [str(both) for other in scopes_in(allowed) if (both := _both(one, other))]
    return list(dict.fromkeys(given))


def _both(one: Scope, other: Scope) -> Scope | None:
    if one.level != other.level or (
        ANY not in (one.resource, other.resource) and one.resource != other.resource
    ):
        return None
    resource = other.resource if one.resource == ANY else one.resource
    letters = "".join(letter for letter in one.letters if letter in other.letters)
    return Scope(one.level, resource, letters) if letters else None
