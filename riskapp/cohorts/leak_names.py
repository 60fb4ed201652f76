"""Columns that by what they are called, or declared as, hold what is known only later."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from riskapp.cohorts.site_schema import SiteSchema

_BEFORE = r"(prior|previous|past|history|baseline|parent|mother|father|family|ever|before)"
# What became of somebody else is known of the person at baseline as well as anything.
_OF_OTHERS = re.compile(
    r"(?:^|_)(spouse|husband|wife|partner|sibling|brother|sister|child|son|daughter|relative|"
    r"grand(?:mother|father|parent))s?(?:_|$)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"(?:^|_)(outcome|follow_?up|fu|death|dead|died|deceased|surviv\w*|censor\w*|incident|"
    r"(?:after|post)_(?:baseline|index|fracture|fx)|last_(?:visit|contact|seen)|"
    r"time_to_(?:event|fracture|fx|hip|fall|death)|(?:event|fracture|fx|hip)_(?:time|date|day|days|months|years|yrs)|"
    r"(?:time|date|days)_(?:of_)?(?:event|fracture|fx))(?:_|$)",
    re.IGNORECASE,
)


class Degree(StrEnum):
    """How sure it is that a column knows the future."""

    CERTAIN = "certain"  # no reason of the site's can answer it
    STRONG = "strong"  # refused unless the site says why it is unfounded
    MILD = "mild"  # told wherever results are


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One reason to think that a column knows the future.

    Attributes
    ----------
    column : str
    degree : Degree
    why : str
        The end of a sentence that begins with the column.
    """

    column: str
    degree: Degree
    why: str


def outcomes_as_columns(schema: SiteSchema) -> Iterator[Leak]:
    """Find declared predictors that are an outcome, its time or its date."""
    taken = {told[part] for told in schema.outcomes.values() for part in ("event", "time")
             if part in told}  # fmt: skip
    taken |= {each for part, each in schema.dates.items()
              if isinstance(each, str) and part not in ("baseline", "birth")}  # fmt: skip
    for column in schema.columns:
        if column.get("from", column["name"]) in taken:
            yield Leak(
                column=column["name"], degree=Degree.CERTAIN, why="is an outcome or its time itself"
            )


def by_name(schema: SiteSchema) -> Iterator[Leak]:
    """Suspect columns called like a date of death or a later visit."""
    for column in schema.columns:
        for name in (column["name"], column.get("from", "")):
            split = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.\-]+", "_", name)
            known_before = re.search(_BEFORE, split, re.IGNORECASE) or _OF_OTHERS.search(split)
            if _LATER.search(split) and not known_before:
                yield Leak(
                    column=column["name"],
                    degree=Degree.STRONG,
                    why="has the name of something that is known only later",
                )
                break
