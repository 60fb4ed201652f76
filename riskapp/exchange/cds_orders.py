"""Which orders in hand concern bone, by the table of codes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskapp.exchange.cds_situation import Orders
from riskapp.exchange.clinical_codes import standard_codes
from riskapp.exchange.fhir.bundle import Entries
from riskapp.exchange.fhir.gathering import Gathering
from riskapp.exchange.fhir.medicines import read_medicine
from riskapp.exchange.fhir.shapes import codings, text
from riskapp.exchange.scan_fields import DENSITY, SLOTS
from riskapp.risk.profile import Treatment

Resource = Mapping[str, Any]
UUID = "urn:uuid:"
# Meanings in the table of codes.
DXA, MEDICINE = "dxa_order", "treatment_"
# Some systems order a scan by the code of what it measures.
MEASURED = ("dxa_panel", "forearm_density")
SCANS = frozenset((DXA, *MEASURED, *(field for site in DENSITY for field in SLOTS[site].fields)))


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of an order, or a Medication beside it, as it stands in the Bundle."""

    resource: Resource
    full_url: str = ""

    @property
    def reference(self) -> str:
        """What the record calls it: by its id, else by its place in the Bundle."""
        kind, own_id = text(self.resource.get("resourceType")), text(self.resource.get("id"))
        return f"{kind}/{own_id}" if own_id or not self.full_url else self.full_url

    @property
    def names(self) -> set[str]:
        """All that it may be selected by; what is new may have nothing but a urn:uuid."""
        ids = {text(self.resource.get("id")), self.full_url.partition(UUID)[2]} - {""}
        kind = text(self.resource.get("resourceType"))
        return {self.full_url, *ids, *(f"{kind}/{one}" for one in ids)} - {""}


def selected_drafts(bundle: Any, selections: Collection[str] | None) -> tuple[Draft, ...]:
    """The drafts in a Bundle that were selected, and the Medications that they may refer to.

    All of them where the hook selects none. "The selections field references FHIR resources in
    the draftOrders Bundle. For example, MedicationRequest/103" (CDS Hooks 2.0, order-select); some
    systems select by the id alone, by the whole address, or by the entry's fullUrl.
    """
    entries = bundle.get("entry") if isinstance(bundle, Mapping) else None
    drafts = tuple(
        Draft(entry["resource"], url if isinstance(url := entry.get("fullUrl"), str) else "")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping)
    )
    if selections is None:
        return drafts
    wanted = {name for one in selections for name in _wanted(one)}
    return tuple(
        one
        for one in drafts
        if one.resource.get("resourceType") == "Medication" or one.names & wanted
    )


def _wanted(selection: str) -> set[str]:
    """A selection, and what an absolute address says of the resource itself."""
    plain = selection.partition("/_history/")[0]
    return {plain, "/".join(plain.split("/")[-2:])} if "://" in plain else {plain}


def orders_among(drafts: Sequence[Draft], today: date) -> Orders:
    """Bone density scans and medicines for osteoporosis among drafts of orders."""
    scans = [
        one.reference
        for one in drafts
        if one.resource.get("resourceType") == "ServiceRequest"
        and SCANS & _meanings(one.resource.get("code"))
    ]
    return Orders(tuple(scans), _medicines(drafts, today))


def _medicines(drafts: Iterable[Draft], today: date) -> tuple[Treatment, ...]:
    """Read as the record's own medicines are, as if they were signed today."""
    as_signed = [
        {
            "fullUrl": one.full_url,
            "resource": {**one.resource, "status": "active", "intent": "order"},
        }
        for one in drafts
    ]
    gathering = Gathering(Entries(as_signed), standard_codes(), today)
    for entry in gathering.entries.all:
        if entry.kind == "MedicationRequest":
            read_medicine(gathering, entry)
    names = {name for course in gathering.courses for name in course.meanings}
    return tuple(one for one in Treatment if MEDICINE + one.value in names)


def _meanings(concept: Any) -> set[str]:
    return {
        meaning.name
        for one in codings(concept)
        for meaning in standard_codes().possible(one.system, one.code)
    }
