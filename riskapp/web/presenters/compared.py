"""The automatic regions and their numbers beside those that a person corrected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imaging.presenting.narrative import TOLD
from imaging.result import Measurement
from imaging.wording import decimals_of
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.measured_table import (
    enough_decimals,
    measurement_name,
    region_name,
    unit_text,
)
from riskapp.web.presenters.numbers import plain, signed
from riskapp.web.presenters.overlay import Overlay, overlay

MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One number in both versions; blank where one has it not."""

    name: str
    region: str
    automatic: str
    corrected: str
    difference: str
    unit: str

    @property
    def has_changed(self) -> bool:
        return self.automatic != self.corrected


@dataclass(frozen=True, slots=True)
class Side:
    """One picture of one version; ``shown`` is what its template needs of a scan's view."""

    overlay: Overlay
    shown: "ShownVersion"
    prefix: str  # ids on a page are there once


@dataclass(frozen=True, slots=True)
class ShownVersion:
    version: MeasurementVersion


@dataclass(frozen=True, slots=True)
class Compared:
    automatic: MeasurementVersion
    corrected: MeasurementVersion
    overlays: tuple[Side, ...]
    rows: tuple[ComparedRow, ...]
    unchanged: int  # numbers that are the same in both


def compared(measured: Sequence[MeasurementVersion]) -> Compared | None:
    """The newest version, if a person made it, beside the newest automatic one before it."""
    origins = MeasurementVersion.Origin
    if not measured or measured[-1].origin != origins.CORRECTED:
        return None
    automatic = [one for one in measured if one.origin == origins.AUTOMATIC]
    if not automatic:
        return None
    before, after = automatic[-1], measured[-1]
    rows = _rows(before, after)
    changed = [row for row in rows if row.has_changed]
    sides = (("Automatic", before), ("Corrected", after))
    return Compared(
        before,
        after,
        tuple(side for title, version in sides for side in _first_picture(title, version)),
        tuple(changed[:MOST_ROWS]),
        len(rows) - len(changed),
    )


def _first_picture(title: str, version: MeasurementVersion) -> list[Side]:
    pictures = list(version.pictures.all())[:1]
    return [
        Side(
            replace(overlay(one, version.measurement), title=f"{title}, version {version.number}"),
            ShownVersion(version),
            f"{title.lower()}-",
        )
        for one in pictures
    ]


def _rows(before: MeasurementVersion, after: MeasurementVersion) -> list[ComparedRow]:
    first, second = (_by_key(version.measurement.measurements) for version in (before, after))
    keys = sorted({*first, *second}, key=lambda key: (key[0] not in TOLD, key))
    return [_row(first.get(key), second.get(key)) for key in keys]


def _by_key(measurements: Sequence[Measurement]) -> dict[tuple[str, str], Measurement]:
    return {(one.name, one.region): one for one in measurements}


def _row(before: Measurement | None, after: Measurement | None) -> ComparedRow:
    either = before or after
    if either is None:
        raise ValueError("A row is of a number that at least one version has.")
    largest = max(abs(one.value) for one in (before, after) if one is not None)
    settled = decimals_of(either.name, either.unit, largest)
    decimals = enough_decimals([largest], either.unit) if settled is None else settled

    def text(one: Measurement | None) -> str:
        return "" if one is None else plain(one.value, decimals)

    difference = "" if before is None or after is None else after.value - before.value
    return ComparedRow(
        name=measurement_name(either.name),
        region=region_name(either.region),
        automatic=text(before),
        corrected=text(after),
        difference=signed(difference, decimals) if isinstance(difference, float) else "",
        unit=unit_text(either.unit),
    )
