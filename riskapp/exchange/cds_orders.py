"""Which orders in hand concern bone, by the table of codes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from riskapp.exchange.cds_situation import Orders
from riskapp.exchange.clinical_codes import standard_codes
from riskapp.exchange.fhir.bundle import Entries
from riskapp.exchange.fhir.gathering import Gathering
from riskapp.exchange.fhir.medicines import read_medicine
from riskapp.exchange.fhir.shapes import codings
from riskapp.exchange.scan_fields import DENSITY, SLOTS
from riskapp.risk.profile import Treatment

Resource = Mapping[str, Any]
# Meanings in the table of codes.
DXA, MEDICINE = "dxa_order", "treatment_"
# Some systems order a scan by the code of what it measures.
MEASURED = ("dxa_panel", "forearm_density")
SCANS = frozenset((DXA, *MEASURED, *(field for site in DENSITY for field in SLOTS[site].fields)))


def selected_drafts(bundle: Any, selections: Collection[str] | None) -> tuple[Resource, ...]:
    """The drafts in a Bundle that were selected, and the Medications that they may refer to.

    All of them where the hook selects none. Some systems select by the id alone.
    """
    entries = bundle.get("entry") if isinstance(bundle, Mapping) else None
    resources = (
        entry.get("resource")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
    )
    drafts = tuple(one for one in resources if isinstance(one, Mapping))
    if selections is None:
        return drafts
    return tuple(
        one
        for one in drafts
        if one.get("resourceType") == "Medication"
        or reference_of(one) in selections
        or one.get("id") in selections
    )


def orders_among(drafts: Sequence[Resource], today: date) -> Orders:
    """Bone density scans and medicines for osteoporosis among drafts of orders."""
    scans = [
        reference_of(one)
        for one in drafts
        if one.get("resourceType") == "ServiceRequest" and SCANS & _meanings(one.get("code"))
    ]
    return Orders(tuple(scans), _medicines(drafts, today))


def _medicines(drafts: Iterable[Resource], today: date) -> tuple[Treatment, ...]:
    """Read as the record's own medicines are, as if they were signed today."""
    as_signed = [{**one, "status": "active", "intent": "order"} for one in drafts]
    gathering = Gathering(Entries(as_signed), standard_codes(), today)
    for entry in gathering.entries.all:
        if entry.kind == "MedicationRequest":
            read_medicine(gathering, entry)
    names = {name for course in gathering.courses for name in course.meanings}
    return tuple(one for one in Treatment if MEDICINE + one.value in names)


def reference_of(resource: Resource) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _meanings(concept: Any) -> set[str]:
    return {
        meaning.name
        for one in codings(concept)
        for meaning in standard_codes().possible(one.system, one.code)
    }
