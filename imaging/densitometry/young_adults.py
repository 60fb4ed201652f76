"""The young adults that define T = 0, per site, and the T-score that a BMD makes against them."""

from dataclasses import dataclass

from imaging.densitometry.cross_calibration import STANDARDISED, converted_bmd_g_cm2
from imaging.densitometry.sites import site_of_region


@dataclass(frozen=True, slots=True)
class YoungAdultReference:
    """Mean and spread of areal BMD, on Hologic's scale, in the people who define T = 0."""

    mean_g_cm2: float
    sd_g_cm2: float
    source: str


# White women aged 20-29 serve both sexes, as the WHO and the ISCD advise.
YOUNG_ADULTS: dict[str, YoungAdultReference] = {
    "femoral_neck": YoungAdultReference(
        0.858, 0.120, "Looker 1998, Osteoporos Int 8:468, doi:10.1007/s001980050093"
    ),
    "total_hip": YoungAdultReference(
        0.942, 0.122, "Looker 1998, doi:10.1007/s001980050093; recalled, to be confirmed"
    ),
}
# Makers' own women of 20 to 40 for L1-L4, which differ between versions of their software: they
# serve to notice a lost sign or digit, never to give a T-score. Recalled, to be confirmed.
MAKERS_SPINE = {"hologic": (1.047, 0.110), "ge_lunar": (1.19, 0.120)}
SPINE_DOUBT = 0.3


@dataclass(frozen=True, slots=True)
class ExpectedT:
    """A T-score computed from BMD; ``doubt`` is how far the reference itself may be off."""

    t_score: float
    reference: str
    doubt: float = 0.0


def expected_t_score(region: str, bmd_g_cm2: float, made_by: str) -> ExpectedT | None:
    """Compute what T-score a report should print.

    Parameters
    ----------
    region : str
        As reports are read, e.g. ``femoral_neck_left`` or ``L1-L4``.
    bmd_g_cm2 : float
        As printed, on the scale of its maker.

    Returns
    -------
    ExpectedT or None
        None where no reference is held for the region and maker.
    """
    if region == "L1-L4" and made_by in MAKERS_SPINE:
        mean, sd = MAKERS_SPINE[made_by]
        return ExpectedT((bmd_g_cm2 - mean) / sd, "the maker’s women, L1-L4", SPINE_DOUBT)
    site = site_of_region(region)
    if site not in YOUNG_ADULTS or made_by not in STANDARDISED[site]:
        return None
    reference = YOUNG_ADULTS[site]
    bmd = converted_bmd_g_cm2(site, bmd_g_cm2, made_by, "hologic")
    return ExpectedT((bmd - reference.mean_g_cm2) / reference.sd_g_cm2, "women of NHANES III")
