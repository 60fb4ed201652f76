"""What changed between two visits as a page shows it: drawn, in numbers and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from imaging.over_time.change import Change, Comparison
from imaging.presenting.narrative import TOLD
from imaging.wording import decimals_of
from riskapp.actions.comparing_scans import Pair
from riskapp.models import Scan
from riskapp.web.presenters.measured_table import (
    enough_decimals,
    measurement_name,
    region_name,
    unit_text,
)
from riskapp.web.presenters.numbers import plain, signed
from riskapp.web.presenters.scale import Scale

VERDICTS = {
    "larger": "More than repeating the scan alone changes",
    "within": "Cannot be told from no change",
    "not judged": "Not judged: what repeating the scan changes is not known",
}
WIDEST_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One number at two visits; positions are percentages of the drawing, 50 % is no change.

    Of a grade there is no per cent, and nothing is drawn: ``percent`` is blank then.
    """

    name: str
    region: str
    unit: str
    earlier: str
    later: str
    absolute: str
    percent: str
    interval: str
    per_year: str
    least_significant: str
    verdict: str
    is_larger: bool
    repeatability: str
    not_tried: bool
    change_x: str
    interval_x: str
    interval_width: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One of the two scans."""

    scan: UUID
    on: date | None
    kind: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two visits: rows, or the sentence why they are not compared."""

    earlier: Visit
    later: Visit
    years: str
    refused: str
    leading: tuple[ChangeRow, ...] = ()
    rest: tuple[ChangeRow, ...] = ()
    not_compared: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    reach: str = ""  # per cent at either end of the drawing


def pair_views(pairs: Sequence[Pair], scans: Mapping[UUID, Scan]) -> tuple[PairView, ...]:
    """Shape pairs; ``scans`` holds every scan that they name."""
    return tuple(_pair(pair, scans) for pair in pairs)


def _pair(pair: Pair, scans: Mapping[UUID, Scan]) -> PairView:
    earlier, later = (_visit(scans[one]) for one in (pair.earlier, pair.later))
    found = pair.comparison
    if found is None:
        return PairView(earlier, later, "", pair.refused or "")
    scale = _scale(found)
    rows = [(change.name in TOLD, _row(change, scale)) for change in found.changes]
    return PairView(
        earlier,
        later,
        plain(found.years),
        "",
        leading=tuple(row for leads, row in rows if leads),
        rest=tuple(row for leads, row in rows if not leads),
        not_compared=found.not_compared,
        advice=found.advice,
        reach=plain(scale.high, 0),
    )


def _visit(scan: Scan) -> Visit:
    version = scan.confirmed_version
    if version is None:
        raise ValueError("Only scans with confirmed regions are compared.")
    acquired = version.measurement.acquired
    on = date.fromisoformat(acquired.on) if acquired and acquired.on else None
    return Visit(scan.pk, on, version.result["kind"])


def _ends(change: Change) -> tuple[float, float]:
    """The interval in per cent of the earlier value; the change itself where there is none."""
    if change.interval is None or not change.earlier:
        return change.percent or 0.0, change.percent or 0.0
    lower, upper = (100 * end / abs(change.earlier) for end in change.interval)
    return lower, upper


def _scale(found: Comparison) -> Scale:
    """One scale for every row, so that changes can be compared by eye."""
    furthest = max(abs(end) for change in found.changes for end in _ends(change))
    reach = min(max(1.1 * furthest, 1.0), WIDEST_PERCENT)
    return Scale(-reach, reach, reach)


def _row(change: Change, scale: Scale) -> ChangeRow:
    largest = max(abs(change.earlier), abs(change.later))
    settled = decimals_of(change.name, change.unit, largest)
    decimals = enough_decimals([largest], change.unit) if settled is None else settled
    lower, upper = _ends(change)
    has_interval = change.interval is not None
    least = change.least_significant
    unit = unit_text(change.unit)
    return ChangeRow(
        name=measurement_name(change.name),
        region=region_name(change.region),
        unit=unit,
        earlier=plain(change.earlier, decimals),
        later=plain(change.later, decimals),
        absolute=signed(change.absolute, max(decimals, 0)),
        percent="" if change.percent is None else signed(change.percent),
        interval=f"{signed(lower)} to {signed(upper)}" if has_interval else "",
        per_year="" if change.per_year[1] is None else signed(change.per_year[1]),
        least_significant="" if least is None else plain(least, max(decimals, 1)),
        verdict=VERDICTS[change.verdict],
        is_larger=change.verdict == "larger",
        repeatability=change.repeatability,
        not_tried=change.tried_on != "real scans",
        change_x="" if change.percent is None else scale.at(change.percent),
        interval_x=scale.at(lower) if has_interval else "",
        interval_width=scale.width(lower, upper),
    )
