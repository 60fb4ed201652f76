"""The languages in which this site offers the patient's page."""

from collections.abc import Collection
from dataclasses import dataclass

from riskapp.exchange.languages import SOURCE, Language, languages, offered


@dataclass(frozen=True, slots=True)
class Reading:
    """The language that a page is read in, and those that it could be read in."""

    language: Language
    offered: tuple[Language, ...]

    @property
    def is_choice(self) -> bool:
        return len(self.offered) > 1


def reading(asked: str, drafts: Collection[str]) -> Reading:
    """The language asked for by its code; English where this site does not offer it."""
    there = offered(drafts)
    found = next((one for one in there if one.code == asked), languages()[SOURCE])
    return Reading(found, there)
