"""A site's own precision study: people scanned again on one day, and what that says of a change."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy import special

from imaging.densitometry.precision import (
    FEWER_VERTEBRAE,
    Precision,
    count_of_vertebrae,
    least_significant_change,
)
from imaging.densitometry.sites import site_of_region, without_side

# ISCD: 15 people three times or 30 twice (Official Positions 2019, Adult; recalled, to be
# confirmed), which are 30 degrees of freedom and set the 95 % limit of the precision error to 1.27
# of it (Glueer 1995, Osteoporos Int 5:262-270, doi:10.1007/BF01774016; recalled).
FEWEST_DEGREES = 30
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class PrecisionStudy:
    """What repeated scans of one region gave.

    Attributes
    ----------
    sd : float
        Root mean square of people's standard deviations, in the unit of the values.
    mean : float
        Of all values, for the coefficient of variation.
    degrees : int
        Degrees of freedom.
    """

    people: int
    degrees: int
    sd: float
    mean: float

    @property
    def upper_sd(self) -> float:
        """One-sided 95 % confidence limit of ``sd``."""
        # chdtri(n, p) is where p of the chi-squared distribution lies above.
        return self.sd * math.sqrt(self.degrees / float(special.chdtri(self.degrees, CONFIDENCE)))

    @property
    def cv(self) -> float:
        return self.sd / abs(self.mean) if self.mean else math.nan

    @property
    def least_significant(self) -> float:
        """2.77 precision errors (ISCD)."""
        return least_significant_change(self.sd)

    @property
    def upper_least_significant(self) -> float:
        return least_significant_change(self.upper_sd)


def study_of(repeated: Sequence[Sequence[float]]) -> PrecisionStudy:
    """Pool the spread of each person's repeated values.

    Parameters
    ----------
    repeated : sequence of sequences
        For each person two or more values, in one unit.

    Raises
    ------
    ValueError
        In one sentence, if it is too small a study, or a value is no positive number.
    """
    degrees = sum(len(values) - 1 for values in repeated)
    if degrees < FEWEST_DEGREES or any(len(values) < 2 for values in repeated):
        raise ValueError("A precision study needs 15 people three times or 30 people twice.")
    every = [value for values in repeated for value in values]
    if not all(math.isfinite(value) and value > 0 for value in every):
        raise ValueError("Each value of a precision study is a number above nought.")
    squares = 0.0
    for values in repeated:
        middle = math.fsum(values) / len(values)
        squares += math.fsum((value - middle) ** 2 for value in values)
    mean = math.fsum(every) / len(every)
    return PrecisionStudy(len(repeated), degrees, math.sqrt(squares / degrees), mean)


def studies_of(rows: Iterable[tuple[str, str, float]]) -> dict[str, PrecisionStudy | str]:
    """Sort (person, region, value) by region; a sentence where a region's study is too small."""
    by_region: dict[str, dict[str, list[float]]] = {}
    for person, region, value in rows:
        by_region.setdefault(region, {}).setdefault(person, []).append(value)
    found: dict[str, PrecisionStudy | str] = {}
    for region, people in by_region.items():
        try:
            found[region] = study_of(list(people.values()))
        except ValueError as reason:
            found[region] = str(reason)
    return found


def precision_for(region: str, own: Mapping[str, Precision]) -> Precision | None:
    """Choose a site's own precision for a region; None where it has none that fits.

    A study of one side stands for both, and of L1-L4, widened, for fewer of its vertebrae.
    """
    if region in own:
        return own[region]
    bone = without_side(region)[0]
    same = [one for name, one in own.items() if without_side(name)[0] == bone]
    if same:
        return max(same, key=lambda one: one.sd or 0.0)
    whole = own.get("L1-L4")
    if whole is None or whole.sd is None or site_of_region(region) != "lumbar_spine":
        return None
    more = FEWER_VERTEBRAE.get(count_of_vertebrae(region), FEWER_VERTEBRAE[2])
    source = f"{whole.source}, raised by {more - 1:.0%} for fewer vertebrae (Rosen 2024)"
    return Precision(source, sd=whole.sd * more, whose=whole.whose)
