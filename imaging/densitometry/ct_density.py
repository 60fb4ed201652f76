"""Volumetric density of vertebrae on CT, and means over the lumbar spine."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from imaging.densitometry.calibration import Calibration
from imaging.densitometry.ct import HOUNSFIELD, SOURCE
from imaging.densitometry.ct_precision import Z95, in_words, together
from imaging.densitometry.sites import spine_region
from imaging.result import Finding, Measurement, Severity, TriedOn
from imaging.wording import in_words as spoken
from imaging.wording import listed

ATTENUATION = "trabecular_attenuation_hu"
DENSITY = "trabecular_vbmd_mg_cm3"
MEAN_LEVELS = ("L1", "L2", "L3", "L4")
# The levels that thresholds of volumetric density are for (ACR practice parameter 2018; recalled).
DENSITY_LEVELS = ("L1", "L2")
# What trabecular bone can hold, fat in marrow included: as the record takes it.
POSSIBLE_MG_CM3 = (-100.0, 500.0)
OF_MEAN = "at best that of its levels, which share one calibration"


def vertebral_density(
    numbers: Sequence[Measurement],
    calibration: Calibration,
    tried_on: TriedOn,
    half_widths: Mapping[str, float],
) -> list[Measurement]:
    """Turn the attenuation of every region into mg/cm3, where the answer is one that bone can have.

    Parameters
    ----------
    half_widths : mapping of str to float
        Half of the 95 % interval of each region's attenuation, HU.
    """
    answer = []
    for number in numbers:
        if number.name != ATTENUATION:
            continue
        value, error = calibration.density(number.value)
        if not POSSIBLE_MG_CM3[0] <= value <= POSSIBLE_MG_CM3[1]:
            continue
        seen = half_widths[number.region] / Z95 / calibration.hu_per_mg
        half = Z95 * math.hypot(error, seen)
        answer.append(
            Measurement(
                name=DENSITY,
                region=number.region,
                value=value,
                unit="mg/cm3",
                method=calibration.method,
                source=calibration.source,
                precision=f"± {math.ceil(half):d} mg/cm3 (95 %; of which the calibration alone "
                f"{Z95 * error:.0f}); fat in marrow lowers single-energy values further",
                tried_on=tried_on,
            )
        )
    return answer


def impossible_density(
    numbers: Sequence[Measurement], densities: Sequence[Measurement]
) -> tuple[Finding, ...]:
    """Name the regions whose density was beyond what bone can have, and is not given."""
    given = {one.region for one in densities}
    names = [one.region for one in numbers if one.name == ATTENUATION and one.region not in given]
    if not names:
        return ()
    low, high = POSSIBLE_MG_CM3
    return (
        Finding(
            code="density_not_possible",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"No density in mg/cm3 is given for {listed(map(spoken, names))}: it would lie "
            f"outside {low:.0f} to {high:.0f} mg/cm3, which no trabecular bone does.",
        ),
    )


def spine_means(
    numbers: Sequence[Measurement], left_out: Collection[str], half_widths: Mapping[str, float]
) -> list[Measurement]:
    """Average attenuation over L1-L4 and density over L1-L2, without the levels left out.

    A mean is named by the levels it holds, e.g. ``L1-L2,L4``.

    Parameters
    ----------
    left_out : collection of str
        Levels with a deformity, a lesion or metal.
    half_widths : mapping of str to float
        Half of the 95 % interval of each region's attenuation, HU.
    """
    means = []
    for name, levels in ((ATTENUATION, MEAN_LEVELS), (DENSITY, DENSITY_LEVELS)):
        used = [n for n in numbers if n.name == name and n.region in levels]
        used = [n for n in used if n.region not in left_out]
        if len(used) < 2:
            continue
        held = sorted(number.region for number in used)
        means.append(
            Measurement(
                name=name,
                region=spine_region(tuple(held)),
                value=float(np.mean([number.value for number in used])),
                unit=HOUNSFIELD if name == ATTENUATION else used[0].unit,
                method=f"mean of {', '.join(held)}",
                source=SOURCE if name == ATTENUATION else used[0].source,
                precision=in_words(together(half_widths[level] for level in held))
                if name == ATTENUATION
                else OF_MEAN,
                tried_on=used[0].tried_on,
            )
        )
    return means
