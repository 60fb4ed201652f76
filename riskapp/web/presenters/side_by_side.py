"""Engines side by side: their numbers on one scale, and what they say about themselves."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from riskapp.exchange.sentences import listed_in_words
from riskapp.web.presenters.answer import HIP, LEARNED, MAJOR, OtherAnswer
from riskapp.web.presenters.card import fields_in_words
from riskapp.web.presenters.drawn_rows import DrawnRows, Told, drawn_rows
from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.numbers import plain


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Every engine's marks, on one axis for each outcome."""

    major: DrawnRows
    hip: DrawnRows


@dataclass(frozen=True, slots=True)
class Agreement:
    """How learned engines stand to the evidence; ``apart`` and ``otherwise`` name engines."""

    major_points: str
    hip_points: str
    apart: str  # whose interval does not meet the evidence's; blank for none
    guideline: str  # blank where it does not judge by these probabilities
    otherwise: str  # whom it would put into another category; blank for none


def side_by_side(
    engines: Sequence[OtherAnswer], lines: Mapping[str, Sequence[DrawnLine]]
) -> SideBySide | None:
    """Place every engine's probabilities and intervals on one axis for each outcome."""
    if not engines:
        return None
    return SideBySide(*(_drawn(engines, one, lines.get(one, ())) for one in (MAJOR, HIP)))


def _drawn(engines: Sequence[OtherAnswer], outcome: str, lines: Sequence[DrawnLine]) -> DrawnRows:
    return drawn_rows(
        [
            Told(
                name="Evidence (used above)" if one.is_evidence else one.name,
                outcome=one.estimate["outcomes"][outcome],
                note=one.estimate["model_id"] + (", computed today" if one.is_of_today else ""),
                badge=one.estimate["trained_on"],
                is_dashed=one.estimate["trained_on"] == "simulated",
            )
            for one in engines
        ],
        lines,
    )


def agreement(engines: Sequence[OtherAnswer], otherwise: Sequence[str] | None) -> Agreement | None:
    """None where there is nothing to agree with; ``otherwise`` as ``actions.agreeing`` says."""
    evidence = next((one for one in engines if one.is_evidence), None)
    learned = [one for one in engines if not one.is_evidence]
    if evidence is None or not learned:
        return None
    apart = [one.name for one in learned if not _meets(one, evidence)]
    names = [one.name for one in learned if one.estimate["engine"] in (otherwise or ())]
    told = evidence.estimate.get("guidelines") or ()
    return Agreement(
        major_points=_points(evidence, learned, MAJOR),
        hip_points=_points(evidence, learned, HIP),
        apart=listed_in_words(apart, "and"),
        guideline="" if otherwise is None else told[0]["name"],
        otherwise=listed_in_words(names, "and"),
    )


def _points(evidence: OtherAnswer, learned: Iterable[OtherAnswer], outcome: str) -> str:
    own = evidence.estimate["outcomes"][outcome]["probability_10y"]
    others = (one.estimate["outcomes"][outcome]["probability_10y"] for one in learned)
    return plain(100 * max(abs(other - own) for other in others))


def _meets(one: OtherAnswer, evidence: OtherAnswer) -> bool:
    """Whether two intervals overlap for both outcomes; one that is not given is not apart."""
    for outcome in (MAJOR, HIP):
        first, second = (each.estimate["outcomes"][outcome] for each in (one, evidence))
        mine, theirs = first.get("interval_95"), second.get("interval_95")
        if mine and theirs and (mine[1] < theirs[0] or theirs[1] < mine[0]):
            return False
    return True


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
