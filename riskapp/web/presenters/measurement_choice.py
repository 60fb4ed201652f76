"""Which measurements fill the record, which others there are, and why they were passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from riskapp.exchange.scan_choice import NONE, Candidate, Choice, Pick
from riskapp.exchange.scan_fields import SLOTS
from riskapp.exchange.wording import value_text
from riskapp.web.presenters.fields import Choice as Option
from riskapp.web.presenters.measured_table import region_name
from riskapp.web.presenters.numbers import plain


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A measurement that is not used."""

    scan: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class SlotView:
    """One thing that the record takes from a scan."""

    name: str
    label: str
    applied: str  # the wish that the page was made with
    options: tuple[Option, ...]
    used: str  # what is used, in words; blank for nothing
    used_scan: str
    caution: str  # used by choice although something speaks against it
    passed_over: tuple[PassedOver, ...]

    @property
    def waits(self) -> bool:
        """Whether a person could use something where nothing suits by itself, and has not said."""
        automatic_and_none = 2
        return not self.used and not self.applied and len(self.options) > automatic_and_none


def slot_views(choice: Choice) -> tuple[SlotView, ...]:
    """One row for each slot that any scan of the patient could fill."""
    return tuple(_slot(pick) for pick in choice.picks)


def _slot(pick: Pick) -> SlotView:
    used = pick.candidate
    possible = [one for one in (*([used] if used else []), *pick.others) if not one.never]
    applied = NONE if pick.wanted == NONE else used.key if pick.wanted and used else ""
    options = [
        Option("", "Newest suitable", applied == ""),
        *(Option(one.key, in_words(one), applied == one.key) for one in possible),
        Option(NONE, "No measurement", applied == NONE),
    ]
    return SlotView(
        name=pick.slot,
        label=SLOTS[pick.slot].label,
        applied=applied,
        options=tuple(options),
        used=in_words(used) if used else "",
        used_scan=used.source.scan if used else "",
        caution=used.why_not if used else "",
        passed_over=tuple(
            PassedOver(one.source.scan, in_words(one), one.why_not)
            for one in pick.others
            if one.why_not
        ),
    )


def in_words(one: Candidate) -> str:
    """``L1, 142 HU, scan of 3 March 2021``."""
    day = date_format(one.source.on, "j F Y")
    told = "received" if one.source.is_arrival else "of"
    region = region_name(one.offer.region)
    region = region[:1].upper() + region[1:]
    values = values_in_words(one.offer.fields)
    return f"{region}, {values}, scan {told} {day}, version {one.source.version}"


def stored_slots(measurements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a stored assessment used, for its page."""
    return [
        one
        | {
            "values": values_in_words(one["fields"]),
            "used": _with_day(one["used"]),
            "not_used": [_with_day(other) for other in one["others"] if other["why_not"]],
        }
        for one in map(dict, measurements)
    ]


def _with_day(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The same with its day as a date, which a template writes in words."""
    return None if told is None else {**told, "on": date.fromisoformat(told["on"])}


def values_in_words(fields: Mapping[str, Any]) -> str:
    """``0.801 g/cm² and T-score −2.1``, without the scanner's maker."""
    return " and ".join(
        f"T-score {plain(value)}" if name.endswith("_t_score") else value_text(name, value)
        for name, value in fields.items()
        if name != "dxa_manufacturer"
    )
