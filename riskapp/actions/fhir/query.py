"""What a search asks, read once from its parameters, and whether a row answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from riskapp.actions.fhir.rows import Row
from riskapp.exchange.fhir.spans import Span

# https://hl7.org/fhir/R4/search.html#prefix; "ap" (approximately) is refused.
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with its prefix."""

    prefix: str
    span: Span

    def holds(self, found: Span) -> bool:
        """Whether a span of time answers, as R4 has it for ranges."""
        start, end = self.span
        inside = start <= found[0] and found[1] <= end
        if self.prefix in ("eq", "ne"):
            return inside == (self.prefix == "eq")
        after, before = found[1] > end, found[0] < start
        return {
            "gt": after,
            "ge": after or inside,
            "lt": before,
            "le": before or inside,
            "sa": found[0] >= end,
            "eb": found[1] <= start,
        }[self.prefix]


@dataclass(frozen=True, slots=True)
class Token:
    """``system|code``; None for a part that may be anything."""

    system: str | None
    code: str | None

    def holds(self, found: frozenset[tuple[str, str]]) -> bool:
        return any(
            self.system in (None, system) and self.code in (None, code) for system, code in found
        )


# Each parameter that is given must hold; of values parted by commas one suffices.
AnyOf = tuple[tuple[str, Sequence[Token | Moment | str]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One search.

    Attributes
    ----------
    ids, patients : frozenset or None
        None for any.
    asked : tuple of (parameter, values)
        Of tokens, dates and words.
    count, offset : int
        The page; a count of 0 asks for the number of matches alone.
    """

    ids: frozenset[str] | None = None
    patients: frozenset[UUID] | None = None
    asked: AnyOf = ()
    oldest_first: bool = False
    count: int = 50
    offset: int = 0

    def holds(self, row: Row) -> bool:
        if self.ids is not None and row.id not in self.ids:
            return False
        return all(_answers(row, name, values) for name, values in self.asked)


def _answers(row: Row, name: str, values: Sequence[Token | Moment | str]) -> bool:
    for one in values:
        if isinstance(one, Token):
            found = one.holds(row.tokens.get(name, frozenset()))
        elif isinstance(one, Moment):
            span = (row.at, row.at) if name == "_lastUpdated" else row.when()
            found = span is not None and one.holds(span)
        else:
            words = row.texts.get(name, "")
            found = any(part.startswith(one) for part in (words, *words.split()))
        if found:
            return True
    return False
