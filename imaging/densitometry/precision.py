"""How far two scans of an unchanged bone may lie apart, and what change is more than that."""

from dataclasses import dataclass

from imaging.densitometry.sites import site_of_region

# 1.96 x sqrt(2), as the ISCD rounds it: the 95 % limit of the difference of two scans.
# ISCD precision calculator, glossary (seen): "multiplying the precision error by 2.77".
LSC_FACTOR = 2.77
# The largest precision errors that the ISCD accepts of one technologist, as coefficient of
# variation: ISCD Official Positions 2019, Adult, section on precision; recalled, to be confirmed.
ACCEPTABLE_CV = {"lumbar_spine": 0.019, "total_hip": 0.018, "femoral_neck": 0.025}
# Fewer vertebrae repeat less well: the least significant change of L1-L4 grows by 7 % for three and
# 24 % for two (Rosen 2024, J Clin Densitom 27:101483, doi:10.1016/j.jocd.2024.101483, abstract).
FEWER_VERTEBRAE = {4: 1.0, 3: 1.07, 2: 1.24}


@dataclass(frozen=True, slots=True)
class Precision:
    """The precision error of a site, and where it comes from.

    Attributes
    ----------
    sd : float or None
        Standard deviation of repeated scans, in the measurement's unit; a site's own study.
    cv : float or None
        The same as a share of the mean; used where no ``sd`` is given.
    whose : str
        For the words of a verdict.
    """

    source: str
    sd: float | None = None
    cv: float | None = None
    whose: str = "the site’s own precision"

    def of(self, value: float) -> float:
        """Standard deviation at a value, in its unit."""
        if self.sd is not None:
            return self.sd
        return (self.cv or 0.0) * abs(value)


def least_significant_change(precision_sd: float) -> float:
    """95 % limit of the difference between two scans of an unchanged bone, in the same unit."""
    return LSC_FACTOR * precision_sd


def acceptable_precision(region: str) -> Precision | None:
    """Give the ISCD's limit for a region of a DXA report; None where it sets none."""
    site = site_of_region(region)
    cv = ACCEPTABLE_CV.get(site)
    if cv is None:
        return None
    more = 1.0
    if site == "lumbar_spine":
        more = FEWER_VERTEBRAE.get(count_of_vertebrae(region), FEWER_VERTEBRAE[2])
    return Precision(
        f"the ISCD’s limit for one technologist, {cv:.1%}"
        + ("" if more == 1.0 else f", raised by {more - 1:.0%} for fewer vertebrae (Rosen 2024)"),
        cv=cv * more,
        whose="the ISCD’s limit of precision",
    )


def count_of_vertebrae(region: str) -> int:
    """Count the vertebrae of a region such as L1-L2,L4."""
    count = 0
    for piece in region.replace("L", "").split(","):
        first, _, last = piece.partition("-")
        count += int(last or first) - int(first) + 1
    return count
