"""Where the effect of each question on the estimate comes from, known or not known."""

from collections.abc import Mapping
from functools import cache

from riskapp.risk import evidence_sets, published
from riskapp.risk.modifier_reading import cited

# What an input of the engine is asked as.
ASKED_AS = {
    "body_mass_index": ("body_mass_index", "weight_kg", "height_cm"),
    "femoral_neck_t_score": ("femoral_neck_t_score", "femoral_neck_bmd_g_cm2"),
    "lumbar_spine_t_score": ("lumbar_spine_t_score", "lumbar_spine_bmd_g_cm2"),
    "total_hip_t_score": ("total_hip_t_score", "total_hip_bmd_g_cm2"),
}


@cache
def effect_sources(evidence_set: str) -> Mapping[str, str]:
    """The publications behind each field that counts, by evidence set; others are left out."""
    found = dict(evidence_sets.sources(evidence_set))
    for name in published.names("modifiers"):
        table = published.read(f"modifiers/{name}")
        if table["on"]:
            found |= {field: cited(table) for field in table["fields"]}
    return {
        field: source for name, source in found.items() for field in ASKED_AS.get(name, (name,))
    }
