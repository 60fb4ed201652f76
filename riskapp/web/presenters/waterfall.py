"""Why: contributions laid end to end, from the average person to this one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from riskapp.exchange.wording import goes_with, others_in_words, value_text
from riskapp.risk.estimate import Outcome
from riskapp.risk.limits import in_print
from riskapp.risk.neighbours import has_neighbours
from riskapp.web.presenters.fields import group_of, label_of
from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.labels import Label, centred
from riskapp.web.presenters.numbers import percent, plain, signed
from riskapp.web.presenters.scale import Scale, Tick, around
from riskapp.web.presenters.shown import Shown

LEAST_SPAN_POINTS = 2.0  # so that tiny effects do not look large
MOST_STRETCHED = 2.0  # times: a line farther off is told, as the bars would become too small


@dataclass(frozen=True, slots=True)
class Bar(Shown):
    """One contribution: where it starts and ends, and which way it goes."""

    field: str
    label: str
    value: str
    wording: str
    source: str
    start_x: str
    end_x: str
    left_x: str
    width: str
    goes: str  # raises, lowers or nowhere
    change: str

    @property
    def has_neighbours(self) -> bool:
        """Whether another person with another answer can be shown."""
        return has_neighbours(self.field)

    @property
    def is_borrowed(self) -> bool:
        """Whether the whole effect is another evidence set's, as the source begins by saying."""
        return self.source.startswith("borrowed from")


@dataclass(frozen=True, slots=True)
class Group(Shown):
    """Contributions of one kind and their sum."""

    heading: str
    total: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Threshold(Shown):
    """The line of the reader's guideline; without a place where it lies too far off."""

    x: str
    text: str
    anchor: str
    percent: str


@dataclass(frozen=True, slots=True)
class Waterfall(Shown):
    """The whole table: where it begins, what is added, where it ends."""

    baseline: str
    baseline_x: str
    result: str
    result_x: str
    groups: tuple[Group, ...]
    ticks: tuple[Tick, ...]
    low: str
    high: str
    threshold: Threshold | None = None


def probability_waterfall(
    estimate: Mapping[str, Any],
    outcome: str,
    made_from: Mapping[str, str] | None = None,
    line: DrawnLine | None = None,
) -> Waterfall | None:
    """In percentage points of one outcome; None where the engine gives no such explanation.

    ``made_from`` says by field what a value was worked out from; ``line`` is where the reader's
    guideline treats.
    """
    explanation = estimate.get("explanation")
    if not explanation or not explanation.get("baseline"):
        return None
    contributions = explanation["contributions"]
    if any(item["probability"] is None for item in contributions):
        return None
    return _waterfall(
        100 * explanation["baseline"][outcome],
        [
            (
                item
                | {
                    "wording": _wording(item, outcome),
                    "made_from": (made_from or {}).get(item["field"]),
                },
                100 * item["probability"][outcome],
            )
            for item in contributions
        ],
        line,
    )


def _wording(item: Mapping[str, Any], outcome: str) -> str:
    # Not the sentence that is stored beside it, which is about major fracture.
    told = item["probability"][outcome]
    # Estimates that were stored earlier have no groups.
    return goes_with(
        item["field"],
        item["value"],
        told,
        Outcome(outcome),
        item.get("beside") or {},
        item.get("label", ""),
        item["unit"],
    )


def _waterfall(
    start: float, items: Iterable[tuple[Mapping[str, Any], float]], line: DrawnLine | None
) -> Waterfall:
    grouped = _by_size(items)
    reached = [start]
    for _, members in grouped:
        for _, change in members:
            reached.append(reached[-1] + change)
    scale = _scale(reached, line)
    threshold = None if line is None else _threshold(line, scale)
    marks = scale.ticks
    position, groups = start, []
    for heading, members in grouped:
        bars = []
        for item, change in members:
            bars.append(_bar(item, position, change, scale))
            position += change
        total = signed(sum(change for _, change in members))
        groups.append(Group(heading, total, tuple(bars)))
    return Waterfall(
        baseline=percent(start / 100),
        baseline_x=scale.at(start),
        result=percent(position / 100),
        result_x=scale.at(position),
        groups=tuple(groups),
        ticks=_few(marks, threshold),
        low=marks[0].text,
        high=marks[-1].text,
        threshold=threshold,
    )


def _scale(reached: list[float], line: DrawnLine | None) -> Scale:
    """Around the bars, and the guideline's line unless they would become too small for it."""
    low, high = min(reached), max(reached)
    if line is not None:
        with_line = min(low, line.percent), max(high, line.percent)
        if with_line[1] - with_line[0] <= MOST_STRETCHED * max(high - low, LEAST_SPAN_POINTS):
            low, high = with_line
    return around(low, high, LEAST_SPAN_POINTS)


def _threshold(line: DrawnLine, scale: Scale) -> Threshold:
    text = f"{line.words} {plain(line.percent)}"
    x = scale.at(line.percent) if scale.low <= line.percent <= scale.high else ""
    return Threshold(
        x=x,
        text=text,
        anchor=centred(_percent_of(x), text).anchor if x else "middle",
        percent=percent(line.percent / 100),
    )


def _percent_of(x: str) -> float:
    return float(x.removesuffix("%"))


def _by_size(
    items: Iterable[tuple[Mapping[str, Any], float]],
) -> list[tuple[str, list[tuple[Mapping[str, Any], float]]]]:
    """Groups and their members, what moves the number most first."""
    groups: dict[str, list[tuple[Mapping[str, Any], float]]] = {}
    for item, change in items:
        groups.setdefault(group_of(item["field"]), []).append((item, change))
    for members in groups.values():
        members.sort(key=lambda member: -abs(member[1]))
    return sorted(groups.items(), key=lambda group: -sum(abs(change) for _, change in group[1]))


def _bar(item: Mapping[str, Any], start: float, change: float, scale: Scale) -> Bar:
    written = signed(change)
    goes = "nowhere" if written == signed(0.0) else "raises"
    if goes == "raises" and change < 0:
        goes = "lowers"
    value = value_text(item["field"], item["value"], item["unit"])
    if item.get("made_from"):
        value += f", from {item['made_from']}"
    if item.get("beside"):
        value += f", with {others_in_words(item['beside'])}"
    return Bar(
        field=item["field"],
        label=item.get("label") or label_of(item["field"]),
        value=value,
        wording=in_print(item.get("wording") or ""),
        source=in_print(item.get("source") or ""),
        start_x=scale.at(start),
        end_x=scale.at(start + change),
        left_x=scale.at(min(start, start + change)),
        width=scale.width(min(start, start + change), max(start, start + change)),
        goes=goes,
        change=written,
    )


def _few(ticks: tuple[Tick, ...], threshold: Threshold | None) -> tuple[Tick, ...]:
    """Both ends and the mark half-way, if there is one: the column is narrow on a phone.

    What would lie under the guideline's words is left out: the caption tells both ends.
    """
    half_way = (ticks[len(ticks) // 2],) if len(ticks) % 2 and len(ticks) > 2 else ()
    few = (ticks[0], *half_way, ticks[-1])
    if threshold is None or not threshold.x:
        return few
    words = centred(_percent_of(threshold.x), threshold.text)
    return tuple(
        one if _label(one, few[-1]).is_clear_of(words) else replace(one, text="") for one in few
    )


def _label(tick: Tick, last: Tick) -> Label:
    unit = " %" if tick is last else ""
    return Label(_percent_of(tick.x), tick.text + unit, tick.anchor)
