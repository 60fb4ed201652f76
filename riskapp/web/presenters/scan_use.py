"""What of a scan goes into the record, and why the rest of it does not."""

from dataclasses import dataclass

from imaging.result import Status
from riskapp.actions.choosing import once_confirmed
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.scan_choice import Candidate, Pick
from riskapp.exchange.scan_fields import SLOTS
from riskapp.exchange.wording import value_text
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.measurement_choice import values_in_words

CONFIRMED = {True: "The regions are confirmed.", False: "The numbers are confirmed."}
NOT_MEASURED = {
    "dxa": ("lumbar_texture_score", "not measured; it needs L1 to L4 and the size of a pixel"),
    "ct": ("l1_attenuation_hu", "not measured; it needs a vertebra known to be L1"),
}


@dataclass(frozen=True, slots=True)
class NotUsed:
    """Something that the record could take and does not; ``can_be_chosen`` all the same."""

    label: str
    reason: str
    can_be_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ScanUse:
    """What a scan gives the record once it is confirmed, beside the patient's other scans."""

    used: tuple[str, ...]
    not_used: tuple[NotUsed, ...]
    has_regions: bool = True

    @property
    def can_be_chosen(self) -> bool:
        return any(one.can_be_chosen for one in self.not_used)

    @property
    def held_back(self) -> tuple[NotUsed, ...]:
        """What is not used, one line for each reason."""
        by_reason: dict[tuple[str, bool], list[str]] = {}
        for one in self.not_used:
            by_reason.setdefault((one.reason, one.can_be_chosen), []).append(one.label)
        return tuple(NotUsed(", ".join(by_reason[key]), *key) for key in by_reason)

    @property
    def on_confirming(self) -> str:
        """What confirming did, so that nobody believes in a value that is not there."""
        confirmed = CONFIRMED[self.has_regions]
        held_back = "; ".join(f"{one.label}: {one.reason}" for one in self.held_back)
        if self.used:
            said = f"{confirmed} Used in the record below: {', '.join(self.used)}."
            said += f" Not used: {held_back}." if held_back else ""
        else:
            said = f"{confirmed} Nothing of this scan is used in the record"
            said += f" ({held_back})." if held_back else "."
        if self.can_be_chosen:
            said += " You can choose it under \u201cMeasurements of scans\u201d."
        return said


def scan_use(version: MeasurementVersion) -> ScanUse:
    measurement = version.measurement
    if measurement.status is not Status.MEASURED:
        return ScanUse((), ())
    used: list[str] = []
    not_used: list[NotUsed] = []
    answered: set[str] = set()
    for pick in once_confirmed(version).picks:
        here = _of_this_scan(pick, str(version.scan_id))
        answered |= {name for one in here for name in one.offer.fields}
        if pick.candidate in here:
            used += [
                f"{FIELDS[name].label} {value_text(name, value)}"
                for name, value in pick.fields.items()
                if name != "dxa_manufacturer"
            ]
        elif here:
            best = here[0]
            label = f"{SLOTS[pick.slot].label} {values_in_words(best.offer.fields)}"
            not_used.append(NotUsed(label, best.why_not, can_be_chosen=not best.never))
    kind = measurement.kind
    field, needs = NOT_MEASURED.get(kind.modality, ("", ""))
    # Only a spine from the front could have had a texture score.
    is_other_bone = kind.modality == "dxa" and (kind.body_part, kind.view) != ("lumbar_spine", "ap")
    if field and field not in answered and not is_other_bone:
        not_used.append(NotUsed(FIELDS[field].label, needs))
    return ScanUse(tuple(used), tuple(not_used), bool(measurement.regions))


def _of_this_scan(pick: Pick, scan: str) -> list[Candidate]:
    """Candidates of this scan for one slot, first those that a person may still choose."""
    every = (*([pick.candidate] if pick.candidate else []), *pick.others)
    here = [one for one in every if one.source.scan == scan]
    return sorted(here, key=lambda one: bool(one.never))
