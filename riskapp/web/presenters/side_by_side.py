"""Engines side by side: their numbers on one scale, and what they say about themselves."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskapp.exchange.sentences import listed_in_words
from riskapp.web.presenters.answer import HIP, LEARNED, MAJOR, OtherAnswer
from riskapp.web.presenters.card import fields_in_words
from riskapp.web.presenters.scale import from_zero
from riskapp.web.presenters.strip import Strip, strip


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One engine with its two marks; every engine's marks lie on the same scale."""

    engine: OtherAnswer
    major: Strip
    hip: Strip


def side_by_side(engines: Sequence[OtherAnswer]) -> tuple[SideBySide, ...]:
    """Place every engine's probabilities and intervals on one axis for each outcome."""
    axes = {outcome: from_zero(max(_largest(engines, outcome), 1.0)) for outcome in (MAJOR, HIP)}
    return tuple(
        SideBySide(
            engine,
            *(strip(engine.estimate["outcomes"][one], axes[one]) for one in (MAJOR, HIP)),
        )
        for engine in engines
    )


def _largest(engines: Iterable[OtherAnswer], outcome: str) -> float:
    told = [engine.estimate["outcomes"][outcome] for engine in engines]
    ends = [one["probability_10y"] for one in told]
    ends += [one["interval_95"][1] for one in told if one.get("interval_95")]
    return 100 * max(ends, default=0.0)


def _plainly(warning: str) -> str:
    """Without the names that programs use for engines and columns."""
    by_name = _CODE.sub(lambda found: LEARNED[found.group()], fields_in_words(warning))
    return _JOINED.sub(" ", by_name)


_CODE = re.compile("|".join(rf"\b{name}\b" for name in LEARNED))
_JOINED = re.compile(r"(?<=[a-z])_(?=[a-z])")


def said(engines: Sequence[OtherAnswer]) -> dict[str, str]:
    """Each warning once, with the learned engines that say it.

    Engines that say the same but for a percentage say it together, from the least to the most.
    """
    learned = [engine for engine in engines if not engine.is_evidence]
    by: dict[str, list[tuple[str, str]]] = {}
    for engine in learned:
        for warning in engine.warnings:
            told = _plainly(_of_itself(warning, engine.estimate["engine"]))
            by.setdefault(_PERCENTAGE.sub("", told), []).append((engine.name, told))
    found = {}
    for alike in by.values():
        names = [name for name, _ in alike]
        everybody = 1 < len(learned) == len(names)
        who = "Each learned engine" if everybody else listed_in_words(names, "and")
        found[_together([told for _, told in alike])] = who
    return found


def _together(alike: Sequence[str]) -> str:
    numbers = zip(*(_PERCENTAGE.findall(told) for told in alike), strict=True)
    ranges = iter([sorted(set(map(int, each))) for each in numbers])

    def written(found: re.Match[str]) -> str:
        values = next(ranges)
        return f"{values[0]} to {values[-1]}" if len(values) > 1 else found.group()

    return _PERCENTAGE.sub(written, alike[0])


# Whole, as sentences have them.
_PERCENTAGE = re.compile(r"(?<![\d.])\d+(?= %)")


def _of_itself(warning: str, engine: str) -> str:
    """What several engines say in the same words but for their names."""
    return re.sub(
        rf"\b(?:(t)he engine |(T)he engine )?{engine}\b",
        lambda found: "This engine" if found.group(2) else "this engine",
        warning,
    )
