"""The inputs of an engine as a reader thinks of them, and profiles with one of them left blank."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from riskapp.exchange.wording import FIELDS
from riskapp.laboratory.asking import Flags
from riskapp.risk.bone_density import Site
from riskapp.risk.profile import FIELD_NAMES, RiskProfile
from riskapp.risk.site_columns import SiteColumn

# Always asked for; what the age and the manufacturer mean without the rest is nothing.
NEVER_BLANK = frozenset({"population", "age_years", "sex", "dxa_manufacturer", "dxa_date"})
# Of no part in any probability.
NOT_ANSWERED_FROM = frozenset(
    {"postmenopausal", "osteoporosis_treatment", "osteoporosis_treatment_years"}
)
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "Body mass index, weight and height": ("weight_kg", "height_cm", "body_mass_index"),
    "Bone density": tuple(f"{site}_{kind}" for site in Site for kind in ("bmd_g_cm2", "t_score")),
    "Prior fracture": (
        "prior_fragility_fracture",
        "number_of_prior_fractures",
        "prior_fracture_site",
        "prior_fracture_months_ago",
    ),
    "Glucocorticoids": (
        "glucocorticoids",
        "glucocorticoid_dose_mg_daily",
        "glucocorticoid_duration_months",
    ),
}


def input_groups(columns: Sequence[SiteColumn]) -> dict[str, tuple[str, ...]]:
    """Fields that are known or unknown together, by the name of what they tell."""
    grouped = {name for names in TOGETHER.values() for name in names}
    alone = {
        FIELDS[name].label: (name,)
        for name in FIELD_NAMES
        if name not in grouped | NEVER_BLANK | NOT_ANSWERED_FROM
    }
    own = {column.label: (column.name,) for column in columns}
    return {**TOGETHER, **alone, **own}


def is_known(profile: RiskProfile, fields: Sequence[str]) -> bool:
    """Whether any of these fields holds an answer."""
    return any(
        name in profile.site_values
        if name not in FIELD_NAMES
        else getattr(profile, name) is not None
        for name in fields
    )


def known_in(profiles: Sequence[RiskProfile], fields: Sequence[str]) -> Flags:
    """Who has an answer in any of these fields, shape (n,)."""
    return np.array([is_known(profile, fields) for profile in profiles], dtype=np.bool_)


def without(profiles: Sequence[RiskProfile], fields: Sequence[str]) -> list[RiskProfile]:
    """The same people with these fields not known."""
    gone = set(fields)
    blank: dict[str, Any] = dict.fromkeys(gone & set(FIELD_NAMES))
    return [
        replace(profile, **blank, site_values=_but(profile.site_values, gone))
        for profile in profiles
    ]


def _but(values: Mapping[str, float], gone: Collection[str]) -> dict[str, float]:
    return {name: value for name, value in values.items() if name not in gone}
