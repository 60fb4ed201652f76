"""Which of a scan's results an object tells: what sets it apart from those of other versions."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Who stood by the regions, when, and for whom."""

    family_name: str
    given_name: str = ""
    organisation: str
    at: datetime

    @property
    def person_name(self) -> str:
        """As DICOM writes names (PS3.5 section 6.2.1), at most 64 letters a part."""
        return f"{_part(self.family_name)}^{_part(self.given_name)}"


def _part(name: str) -> str:
    return "".join(c for c in name if c.isprintable() and c not in "\\^=")[:30]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One state of one version of a scan's results.

    Attributes
    ----------
    key : str
        Names the edition; the same key gives the same UIDs and the same bytes. A version that a
        person confirmed is another edition than before, and so is one that another release of
        the software writes.
    made_at : datetime
        When it came to be: measured, or confirmed.
    number : int
        Of the version.
    placed : str
        How its regions were placed: ``automatic`` or ``corrected``.
    replaces : tuple of str
        Keys of the editions that this one is to replace.
    """

    key: str
    made_at: datetime
    number: int = 1
    placed: str = "automatic"
    replaces: tuple[str, ...] = ()
    verified: Verified | None = None

    @property
    def in_words(self) -> str:
        stood_by = "confirmed" if self.verified else "unconfirmed"
        return f"version {self.number}, {self.placed}, {stood_by}"
