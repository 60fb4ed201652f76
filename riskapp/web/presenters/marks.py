"""Findings numbered where they matter: beside a region in the picture and in the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imaging.presenting.finding_titles import title_of
from imaging.presenting.what_follows import what_follows
from imaging.result import Finding, Severity
from riskapp.web.presenters.measured_table import region_name


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding that asks to be looked at; without a number where it is of the whole scan."""

    finding: Finding
    number: int | None
    regions: tuple[str, ...] = ()  # in words

    @property
    def title(self) -> str:
        return title_of(self.finding.code)

    @property
    def follows(self) -> str:
        return what_follows(self.finding)

    @property
    def is_stop(self) -> bool:
        return self.finding.severity is Severity.STOP


Marks = Mapping[str, Sequence[Mark]]


def marks_of(quality: Sequence[Finding]) -> tuple[Mark, ...]:
    """Number what is to be looked at, the gravest first; a scan's whole has no number."""
    marks: list[Mark] = []
    number = 0
    for severity in (Severity.STOP, Severity.WARNING):
        for finding in quality:
            if finding.severity is not severity:
                continue
            number += bool(finding.regions)
            names = tuple(map(region_name, finding.regions))
            marks.append(Mark(finding, number if finding.regions else None, names))
    return tuple(marks)


def by_region(marks: Sequence[Mark]) -> dict[str, tuple[Mark, ...]]:
    """Give the marks of each region, by its id."""
    found: dict[str, tuple[Mark, ...]] = {}
    for mark in marks:
        for region in mark.finding.regions:
            found[region] = (*found.get(region, ()), mark)
    return found
