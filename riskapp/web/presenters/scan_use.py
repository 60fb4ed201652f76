"""What of a scan goes into the record, and why the rest of it does not."""

from collections.abc import Iterable
from dataclasses import dataclass

from imaging.result import Finding, ScanMeasurement, Status
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.scan_fields import barring, profile_fields
from riskapp.exchange.wording import value_text

CONFIRMED = "The regions are confirmed."
NOT_MEASURED = {
    "dxa": ("lumbar_texture_score", "not measured; it needs L1 to L4 and the size of a pixel"),
    "ct": ("l1_attenuation_hu", "not measured; it needs a vertebra known to be L1"),
}


@dataclass(frozen=True, slots=True)
class NotUsed:
    """A field of the record that the scan does not fill."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanUse:
    """What a confirmed scan gives the record."""

    used: tuple[str, ...]
    not_used: tuple[NotUsed, ...]

    @property
    def on_confirming(self) -> str:
        """What confirming did, so that nobody believes in a value that is not there."""
        if self.used:
            return f"{CONFIRMED} Used in the record below: {', '.join(self.used)}."
        held_back = "; ".join(f"{one.label}: {one.reason}" for one in self.not_used)
        nothing = f"{CONFIRMED} Nothing of this scan is used in the record"
        return f"{nothing} ({held_back})." if held_back else f"{nothing}."


def scan_use(measurement: ScanMeasurement) -> ScanUse:
    if measurement.status is not Status.MEASURED:
        return ScanUse((), ())
    used = profile_fields(measurement)
    barred = barring(measurement)
    kind = measurement.kind
    not_used = [
        NotUsed(FIELDS[field].label, f"held back because of {_named(findings)}")
        for field, findings in barred.items()
        if findings
    ]
    field, needs = NOT_MEASURED.get(kind.modality, ("", ""))
    # Only a spine from the front could have had a texture score.
    is_other_bone = kind.modality == "dxa" and (kind.body_part, kind.view) != ("lumbar_spine", "ap")
    if field and field not in barred and not is_other_bone:
        not_used.append(NotUsed(FIELDS[field].label, needs))
    return ScanUse(
        tuple(f"{FIELDS[name].label} {value_text(name, value)}" for name, value in used.items()),
        tuple(not_used),
    )


def _named(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(one.code.replace("_", " ") for one in findings))
