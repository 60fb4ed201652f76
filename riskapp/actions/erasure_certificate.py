"""The certificate of an erasure: what it says, its signature, and whether it still holds."""

import json
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import connection

from riskapp import keys
from riskapp.actions.belongings import Found
from riskapp.models import AuditEvent, Erasure, Organisation, Patient

REMAINS = (
    "The trail: who did what and when, by ids and digests, without a value of the person; it has "
    "to stay so that it can be checked.",
    "Backups made before: they are sealed, cannot be changed singly, and end when the site deletes "
    "them; after a restore, “manage.py verify_erasure --again” erases again.",
    "Models: what they learned from many people cannot be taken out person by person.",
    "Other systems: what was sent to records, archives and programs is theirs to erase.",
)
BY_ITSELF = "the site, by its rules"
HOW = {
    "sqlite": "Rows were overwritten with zeros (secure_delete), the write-ahead log was emptied "
    "and the file written anew (VACUUM). What a disk keeps of blocks it gave up is beyond it: "
    "encrypt the disk.",
    "postgresql": "The tables were written anew (VACUUM FULL). The server's own log (WAL) and "
    "copies made from it keep the rows until they are given up.",
}


def certificate_of(erasure: Erasure, found: Found, digests: list[str]) -> dict[str, Any]:
    """What was erased, by whom and why, as ids and digests; not signed yet."""
    assert erasure.erased_at is not None
    return {
        "id": str(erasure.id),
        "organisation": str(erasure.organisation_id),
        "patient": str(erasure.patient_id),
        "record_number_hash": erasure.number_hash,
        "because": erasure.because,
        "asked_by": erasure.asked_by.get_username() if erasure.asked_by else BY_ITSELF,
        "confirmed_by": erasure.confirmed_by.get_username() if erasure.confirmed_by else BY_ITSELF,
        "erased_at": erasure.erased_at.isoformat(timespec="seconds"),
        "erased": {
            model._meta.label: {"rows": len(ids), "ids": sorted(map(str, ids))}
            for model, ids in sorted(found.items(), key=lambda one: one[0]._meta.label)
        },
        "files": {"number": len(digests), "sha256": sorted(digests)},
        "how": HOW[connection.vendor],
        "remains": list(REMAINS),
    }


def signed(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"signature": _signature(told)}


def is_signed(certificate: Mapping[str, Any]) -> bool:
    told = {name: value for name, value in certificate.items() if name != "signature"}
    hashes = keys.checking_hashes("trail", _text(told))
    return certificate.get("signature") in hashes


def problems_with(certificate: Mapping[str, Any]) -> list[str]:
    """What is not as a certificate says, as sentences; none where all of it is gone."""
    problems = []
    if not is_signed(certificate):
        return ["The certificate was changed, or was signed by another site's keys."]
    for name, told in certificate["erased"].items():
        model = apps.get_model(name)
        here = model._base_manager.filter(pk__in=told["ids"]).count()
        if here:
            problems.append(f"{here} of {told['rows']} rows of {name} are there (again).")
    home = Organisation.objects.filter(id=certificate["organisation"]).first()
    if home is not None and record_of(home, certificate["record_number_hash"]) is not None:
        problems.append("A record of the same number is there (again).")
    told = AuditEvent.objects.filter(action="patient.erase", patient_id=certificate["patient"])
    if certificate["signature"] not in [row.detail.get("certificate") for row in told]:
        problems.append("The trail does not tell of it.")
    if any(one.files for one in Erasure.objects.filter(id=certificate["id"])):
        problems.append("Files of it are still to be deleted.")
    return problems


def record_of(home: Organisation, hashed: str) -> Patient | None:
    """The patient of a keyed hash of a record number."""
    for one in Patient.objects.filter(organisation=home):
        if hashed in number_hashes(home, one.record_number):
            return one
    return None


def number_hashes(home: Organisation, record_number: str) -> list[str]:
    """Hashes of a record number by each key there was, that of the present one first.

    By the keys of the trail, of which one is kept for checking when it is retired: nobody could
    make the hash anew, as the number is gone. Before, those of searching made it.
    """
    text = f"erasure\x1f{home.id}\x1f{record_number}"
    return [*keys.checking_hashes("trail", text), *keys.checking_hashes("search", text)]


def _signature(told: Mapping[str, Any]) -> str:
    return keys.keyed_hash("trail", _text(told))


def _text(told: Mapping[str, Any]) -> str:
    return "erasure\x1f" + json.dumps(told, sort_keys=True)
