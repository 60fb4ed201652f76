"""One axis of years for charts that stand side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from riskapp.exchange.partial_date import PartialDate
from riskapp.models import Fracture, Treatment
from riskapp.web.presenters.events import date_words, fracture_name
from riskapp.web.presenters.numbers import share

STEPS = (1, 2, 5, 10, 20)
MOST_LABELS = 6
YEARS_BEFORE = 5


@dataclass(frozen=True, slots=True)
class Years:
    """From days to percent of the width; both ends are whole years."""

    first: int
    last: int

    def at(self, day: date) -> float:
        """A position, 0 to 100."""
        start, end = date(self.first, 1, 1), date(self.last, 1, 1)
        within = min(max(day, start), end)
        return 100 * (within - start).days / (end - start).days

    def x(self, day: date) -> str:
        return share(self.at(day), 100)

    def holds(self, day: date) -> bool:
        return self.first <= day.year < self.last

    @property
    def ticks(self) -> tuple[tuple[str, str], ...]:
        """Position and year of each label."""
        span = self.last - self.first
        step = next((one for one in STEPS if span / one < MOST_LABELS), STEPS[-1])
        return tuple(
            (self.x(date(year, 1, 1)), str(year)) for year in range(self.first, self.last + 1, step)
        )


def years_of(days: Iterable[date], fractures: Iterable[date] = ()) -> Years:
    """Whole years about all days, of which there is at least one, and fractures shortly before."""
    named = [day.year for day in days]
    first = min(named)
    near = [day.year for day in fractures if first - YEARS_BEFORE <= day.year]
    return Years(min([first, *near]), max(named) + 1)


def middle(known: PartialDate) -> date:
    """The day to draw where only a month or a year is known."""
    return known.first + (known.last - known.first) / 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A fracture on a chart; its name stands on the side that has room."""

    x: str
    text: str
    when: str
    text_y: int
    anchor: str
    dx: int


LINES_PX = (22, 36, 50)


def marks(years: Years, fractures: Sequence[Fracture]) -> tuple[Mark, ...]:
    """Those within the years; names of neighbours stand on different lines."""
    placed = sorted(((middle(one.happened), one) for one in fractures), key=lambda pair: pair[0])
    inside = [(day, one) for day, one in placed if years.holds(day)]
    return tuple(
        Mark(
            x=years.x(day),
            text=fracture_name(one),
            when=date_words(one.happened),
            text_y=LINES_PX[index % len(LINES_PX)],
            anchor="end" if years.at(day) > 50 else "start",
            dx=-6 if years.at(day) > 50 else 6,
        )
        for index, (day, one) in enumerate(inside)
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A course of treatment, in a lane of its own below the years."""

    x: str
    width: str
    y: int
    text: str
    text_x: str
    text_y: int
    anchor: str
    since: str
    until: str  # blank: taken now


HEIGHT_PX, LANE_PX = 224, 24


def bars(years: Years, treatments: Sequence[Treatment], today: date) -> tuple[Bar, ...]:
    """Courses of the years that are drawn, the first to start on top."""
    made: list[Bar] = []
    for one in sorted(treatments, key=lambda each: each.started_on):
        start = middle(one.started)
        end = middle(one.ended) if one.ended else today
        if end.year < years.first:
            continue
        left, right = years.at(start), years.at(end)
        is_late = left > 50
        made.append(
            Bar(
                x=share(left, 100),
                width=share(max(right - left, 0), 100),
                y=HEIGHT_PX + LANE_PX * len(made) + 14,
                text=one.get_agent_display(),
                text_x=share(right if is_late else left, 100),
                text_y=HEIGHT_PX + LANE_PX * len(made) + 10,
                anchor="end" if is_late else "start",
                since=date_words(one.started),
                until=date_words(one.ended) if one.ended else "",
            )
        )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the numbers of every chart: fractures, and treatments below the years."""

    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return HEIGHT_PX + LANE_PX * len(self.bars)
