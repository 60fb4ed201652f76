"""The row of numbers that learned engines read, and the contract's name and unit for each."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_density import Site
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.risk.site_columns import SiteColumn

Floats = npt.NDArray[np.float64]


class Column(NamedTuple):
    """One number of the row: its own name, the contract field it comes from, its unit."""

    name: str
    field: str
    ucum: str


# The spine's T-score acts by the evidence; as a column it lets a model learn how much of that an
# image says again, and an image only what it says beyond the spine.
IMAGE_FEATURES = (
    "lumbar_spine_t_score",
    "lumbar_texture_score",
    "l1_attenuation_hu",
    "hip_axis_length_mm",
)
# Always known; they set the baseline of an explanation and are never contributions (contract).
ALWAYS_KNOWN = ("age_years", "female")

CLINICAL_COLUMNS = (
    Column("age_years", "age_years", RANGES["age_years"].ucum),
    Column("female", "sex", "1"),
    Column("bmi_kg_m2", "body_mass_index", RANGES["body_mass_index"].ucum),
    Column("femoral_neck_t_score", "femoral_neck_t_score", "1"),
    *(Column(name, name, "1") for name in FACTORS),
)
IMAGE_COLUMNS = tuple(Column(name, name, RANGES[name].ucum) for name in IMAGE_FEATURES)
# The same as what a site declares: learned engines treat them alike.
MEASURED_IN_IMAGES = tuple(
    SiteColumn(
        name=name,
        label=RANGES[name].label,
        ucum=RANGES[name].ucum,
        low=RANGES[name].low,
        high=RANGES[name].high,
    )
    for name in IMAGE_FEATURES
)
COLUMNS: dict[str, Column] = {each.name: each for each in (*CLINICAL_COLUMNS, *IMAGE_COLUMNS)}


def known_values(profile: RiskProfile) -> dict[str, float]:
    """Columns that the profile itself gives; what is absent here is not known.

    A site's own columns are among them under their own names.
    """
    given: dict[str, float | None] = {
        "age_years": profile.age_years,
        "female": float(profile.sex is Sex.FEMALE),
        "bmi_kg_m2": profile.bmi_kg_m2,
        "femoral_neck_t_score": profile.t_score(Site.FEMORAL_NECK),
    }
    given |= {name: getattr(profile, name) for name in (*FACTORS, *IMAGE_FEATURES)}
    given["lumbar_spine_t_score"] = profile.t_score(Site.LUMBAR_SPINE)
    given |= profile.site_values
    return {name: float(value) for name, value in given.items() if value is not None}


def rows(completed: Mapping[str, Floats], columns: tuple[str, ...]) -> Floats:
    """Stack completed columns, each of shape (n,), into rows of shape (n, p)."""
    return np.column_stack([completed[name] for name in columns]).astype(np.float64)
