"""What a number outside its range would be in another unit: asked back, never turned by itself.

Factors are exact by definition (international yard and pound, 1959) unless said otherwise.
"""

from typing import NamedTuple

from riskapp.risk.bone_density import Site
from riskapp.risk.limits import RANGES, shown


class Mistaken(NamedTuple):
    """A unit that people write instead, and how much of ours one of it is."""

    unit: str
    factor: float


_DENSITY = (Mistaken("mg/cm²", 0.001),)
MISTAKEN: dict[str, tuple[Mistaken, ...]] = {
    "height_cm": (
        Mistaken("inches", 2.54),
        Mistaken("feet", 30.48),
        Mistaken("metres", 100.0),
        Mistaken("millimetres", 0.1),
    ),
    "weight_kg": (Mistaken("pounds", 0.45359237), Mistaken("stones", 6.35029318)),
    "hip_axis_length_mm": (Mistaken("centimetres", 10.0),),
    "glucocorticoid_dose_mg_daily": (Mistaken("micrograms", 0.001),),
    **{f"{site}_bmd_g_cm2": _DENSITY for site in Site},
}


def would_be(name: str, value: float) -> str:
    """What a value outside its range may have been meant as, in brackets; empty if nothing fits.

    Parameters
    ----------
    name : str
        A field of the contract.
    value : float
        In the contract's unit, as it was read.
    """
    limit = RANGES[name]
    found = [
        f"{shown(value)} {unit} would be {shown(value * factor, 4)} {limit.unit}"
        for unit, factor in MISTAKEN.get(name, ())
        if limit.low <= value * factor <= limit.high
    ]
    if name.endswith("_bmd_g_cm2") and not found:
        t_score = RANGES[name.replace("_bmd_g_cm2", "_t_score")]
        if t_score.low <= value < limit.low or limit.high < value <= t_score.high:
            found = [f"a T-score belongs in {t_score.label}"]
    if name.endswith("_t_score") and limit.low <= value / 10 <= limit.high:
        found = [f"was {shown(value / 10)} meant?"]
    return f" ({'; '.join(found)})" if found else ""
