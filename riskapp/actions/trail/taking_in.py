"""Rows from before the chain, taken into it as they stand; and given back as they were.

The models come from the registry that is given, because a migration has those of its own time.
"""

from collections.abc import Collection
from uuid import UUID

from django.apps import apps as present
from django.apps.registry import Apps

from riskapp import keys
from riskapp.actions.auditing import Actor
from riskapp.actions.trail import chain, witness

# How who acted was written before.
WORDS = {
    "(whoever holds the link)": Actor.HOLDER,
    "monitoring": Actor.MONITORING,
    "update of stored scans": Actor.UPDATE,
}
# What a row is about, where its target is the id of one of these.
ABOUT = {
    "Patient": "pk",
    "Scan": "patient_id",
    "Assessment": "patient_id",
    "Fracture": "patient_id",
    "Treatment": "patient_id",
    "SharedLink": "assessment__patient_id",
}
AT_ONCE = 1000


def take_in(registry: Apps) -> None:
    """Number and chain every row in the order it was written; names become ids of accounts."""
    rows = registry.get_model("riskapp", "AuditEvent").objects
    ids = dict(registry.get_model("auth", "User").objects.values_list("username", "pk"))
    number, before = 0, chain.BEGINNING
    while some := list(rows.filter(number=None).order_by("id")[:AT_ONCE]):
        about = whose({one.target.partition("/")[0] for one in some}, registry)
        for row in some:
            number += 1
            row.number, row.by = number, _by(row.by, ids)
            row.patient_id = about.get(row.target.partition("/")[0])
            chain.extend(row, before)
            before = row.digest
        rows.bulk_update(some, ["number", "by", "patient_id", "before", "digest", "seal"])
    heads = registry.get_model("riskapp", "TrailHead").objects
    heads.create(pk=1, number=number, digest=before)


def give_back(registry: Apps) -> None:
    """Write names again for accounts that are still there."""
    rows = registry.get_model("riskapp", "AuditEvent").objects
    names = dict(registry.get_model("auth", "User").objects.values_list("pk", "username"))
    words = {actor.value: text for text, actor in WORDS.items()}
    for by in set(rows.values_list("by", flat=True)):
        id, mark, program = by.partition(">")
        name = names.get(int(id)) if id.isdigit() else words.get(id)
        if name:
            rows.filter(by=by).update(by=f"{name}{mark}{program}"[:150])
    registry.get_model("riskapp", "TrailHead").objects.all().delete()
    witness.set_aside()  # chained anew, the rows would be others


def _by(name: str, ids: dict[str, int]) -> str:
    if name in WORDS or name in list(Actor):
        return WORDS.get(name, name)
    account, mark, program = (name, "", "") if name in ids else name.rpartition(">")
    if account in ids:
        return f"{ids[account]}{mark}{program}"
    # Of an account that is gone nobody can say whose it was; equal names stay equal.
    return f"gone:{keys.keyed_hash('trail', name)[:32]}"


def whose(targets: Collection[str], registry: Apps = present) -> dict[str, UUID]:
    """The patient whom each of these ids is about; of what is not there nothing is said."""
    ids = [one for one in targets if len(one) == 36]
    found: dict[str, UUID] = {}
    for name, path in ABOUT.items():
        told = registry.get_model("riskapp", name).objects.filter(pk__in=ids)
        found |= {str(id): patient for id, patient in told.values_list("pk", path)}
    return found
