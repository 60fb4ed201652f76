"""The resources of a bundle: found, flattened, and their references followed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.exchange.fhir.dates import updated
from riskapp.exchange.fhir.limits import DEEPEST, MOST_PARTS, MOST_RESOURCES
from riskapp.exchange.fhir.record import PassedOver, UnreadableRecord
from riskapp.exchange.fhir.shapes import Resource, mapping, text


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One resource and where it stands.

    Attributes
    ----------
    within : Entry or None
        The resource that contains it.
    """

    resource: Resource
    full_url: str
    label: str
    within: "Entry | None" = None

    @property
    def kind(self) -> str:
        return text(self.resource.get("resourceType"))

    @property
    def id(self) -> str:
        return text(self.resource.get("id"))


class Entries:
    """Every resource of a record, each once, by all the names that it may be called."""

    def __init__(self, given: Iterable[Any]) -> None:
        self._taken: list[Entry] = []
        self._replaced: set[int] = set()
        self.passed_over: list[PassedOver] = []
        self._named: dict[str, Entry] = {}
        for place, (resource, full_url) in enumerate(_flat(given), 1):
            if place > MOST_RESOURCES:
                raise UnreadableRecord(
                    f"The record holds more than {MOST_RESOURCES:,} resources; send those of "
                    "one person."
                )
            self._take(resource, full_url, place)
        self.all = [one for one in self._taken if id(one.within or one) not in self._replaced]

    def resolve(self, reference: object, within: Entry | None = None) -> Entry | None:
        """What a Reference or a literal points to, if it is here."""
        written = reference if isinstance(reference, str) else mapping(reference).get("reference")
        written = text(written)
        if written.startswith("#"):
            holder = within.within or within if within is not None else None
            return self._named.get(f"{holder.label}{written}") if holder is not None else None
        written = written.split("/_history/")[0]
        beside = f"{_base(within)}/{written}" if within is not None else ""
        return self._named.get(beside) or self._named.get(written) or self._by_end(written)

    def _by_end(self, written: str) -> Entry | None:
        """An absolute address names a resource that was sent without one."""
        if "://" not in written:
            return None
        found = self._named.get("/".join(written.split("/")[-2:]))
        return found if found is not None and not found.full_url else None

    def _take(self, resource: object, full_url: str, place: int) -> None:
        if not isinstance(resource, Mapping) or not text(resource.get("resourceType")):
            label = full_url or f"entry {place}"
            self.passed_over.append(PassedOver(label, "", "It is no FHIR resource."))
            return
        kind, own_id = text(resource["resourceType"]), text(resource.get("id"))
        label = f"{kind}/{own_id}" if own_id else full_url or f"{kind} (entry {place})"
        known = self._known(full_url, label)
        entry = Entry(resource, full_url, label)
        if known is None or self._is_later(known, entry):
            self._add(entry, full_url, f"{kind}/{own_id}" if own_id else "")

    def _known(self, full_url: str, label: str) -> Entry | None:
        """The same resource, sent before; with its address once and once without, too."""
        found = self._named.get(full_url or label)
        beside = self._named.get(label)
        if found is None and beside is not None and not beside.full_url:
            return beside
        return found

    def _is_later(self, known: Entry, entry: Entry) -> bool:
        """Whether of two versions the new one counts; the other is passed over."""
        new, old = updated(entry.resource), updated(known.resource)
        is_later = not old or (new is not None and new.order >= old.order)
        differ = (new and new.order) != (old and old.order)
        more = "; the version that was written last is read" if differ else ""
        self.passed_over.append(PassedOver(known.label, "", f"It is here twice{more}."))
        if is_later:
            self._replaced.add(id(known))
        return is_later

    def _add(self, entry: Entry, *names: str) -> None:
        self._taken.append(entry)
        for name in names:
            if name:
                self._named.setdefault(name, entry)
                if self._named[name].label == entry.label:
                    self._named[name] = entry
        contained = entry.resource.get("contained")
        for each in contained[:MOST_PARTS] if isinstance(contained, list) else ():
            own_id = text(mapping(each).get("id"))
            if not text(mapping(each).get("resourceType")) or not own_id:
                self.passed_over.append(
                    PassedOver(entry.label, "", "It contains something without a type or an id.")
                )
                continue
            label = f"{entry.label}#{own_id}"
            inner = Entry(each, "", label, within=entry)
            self._taken.append(inner)
            self._named[label] = inner


def _base(entry: Entry) -> str:
    """The address that an entry's relative references start from, as FHIR has it for bundles."""
    holder = entry.within or entry
    return holder.full_url.rsplit("/", 2)[0] if "://" in holder.full_url else ""


def _flat(given: Iterable[Any], depth: int = 0) -> Iterator[tuple[object, str]]:
    """Resources and their fullUrl, of bundles, entries and bare resources."""
    for each in given:
        inner = mapping(each)
        if text(inner.get("resourceType")) == "Bundle":
            entries = inner.get("entry")
            if depth < DEEPEST and isinstance(entries, list):
                yield from _flat(entries, depth + 1)
            elif entries is not None:
                yield each if depth < DEEPEST else None, ""
        elif "resourceType" not in inner and isinstance(inner.get("resource"), Mapping):
            nested = inner["resource"]
            if text(nested.get("resourceType")) == "Bundle":
                yield from _flat([nested], depth + 1)
            else:
                yield nested, text(inner.get("fullUrl"))
        else:
            yield each, ""
