"""Who is in a cohort: counts, follow-up, characteristics and what is not known. No one's values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.exchange.wording import FIELDS
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.inputs import input_groups, known_in
from riskapp.laboratory.page.numbers import hidden
from riskapp.risk.bone_density import Site
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS, RiskProfile, Sex

OUTCOME_LABELS = {
    "hip": "Hip fracture",
    "major_osteoporotic": "Major osteoporotic fracture",
    "any": "Any fracture",
    "death": "Death",
}
MEASURED = (
    "age_years", "femoral_neck_t_score", "total_hip_t_score", "lumbar_spine_t_score",
    "trabecular_bone_score", "lumbar_texture_score", "l1_attenuation_hu", "l1_vbmd_mg_cm3",
    "hip_axis_length_mm", "falls_last_year", "type_2_diabetes_years",
)  # fmt: skip
Row = dict[str, Any]


def describe(cohort: Cohort) -> dict[str, Any]:
    """Everything that a reader of a report is told about the people."""
    profiles = cohort.profiles
    return {
        "trained_on_as": cohort.trained_on,
        "rows": len(profiles),
        "people": int(np.unique(cohort.people).size),
        "left_out": {reason: hidden(number) for reason, number in cohort.left_out.items()},
        "left_out_rows": int(sum(cohort.left_out.values())),
        "first_events_only": cohort.first_events_only,
        "death_recorded": "death" in cohort.follow_up,
        "made_by": dict(cohort.made_by),
        "follow_up": {name: follow_up_of(each) for name, each in sorted(cohort.follow_up.items())},
        "characteristics": characteristics(profiles, cohort),
        "missing": missing_table(cohort),
        "populations": _counted([profile.population for profile in profiles]),
        "manufacturers": _counted(
            [str(p.dxa_manufacturer) for p in profiles if p.dxa_manufacturer is not None]
        ),
        "site_columns": [
            {"name": column.name, "label": column.label, "unit": column.ucum}
            for column in cohort.site_columns
        ],
    }


def follow_up_of(seen: FollowUp) -> dict[str, Any]:
    """Events, person-years and how long people were followed.

    The median follow-up is that of the time until people were last seen, with the event as what
    cuts it short (reverse Kaplan-Meier; Schemper and Smith 1996, doi:10.1016/0197-2456(96)00075-X).
    """
    person_years = float(seen.years.sum())
    events = int(seen.event.sum())
    return {
        "events": hidden(events),
        "events_within_10_years": hidden(int((seen.event & (seen.years <= 10)).sum())),
        "person_years": person_years,
        "per_1000_person_years": 1000 * events / person_years if events >= 5 else None,
        "median_years": _reverse_median(seen),
        "longest_years": float(seen.years.max()),
        "followed_10_years": hidden(int((seen.years >= 10).sum())),
    }


def _reverse_median(seen: FollowUp) -> float | None:
    order = np.argsort(seen.years, kind="stable")
    years, left = seen.years[order], ~seen.event[order]
    at_risk = np.arange(years.size, 0, -1)
    still = np.cumprod(1 - left / at_risk)
    below = np.flatnonzero(still <= 0.5)
    return float(years[below[0]]) if below.size else None


def characteristics(profiles: Sequence[RiskProfile], cohort: Cohort) -> list[Row]:
    """Median with quartiles of what is measured, counts of what is yes or no."""
    rows = [_share("Female", [profile.sex is Sex.FEMALE for profile in profiles])]
    read = {name: [getattr(p, name) for p in profiles] for name in MEASURED}
    for site in Site:
        name = f"{site}_t_score"
        read[name] = [profile.t_score(site) for profile in profiles]
    read["body_mass_index"] = [profile.bmi_kg_m2 for profile in profiles]
    for name in ("age_years", "body_mass_index", *MEASURED[1:]):
        rows.append(_measured(FIELDS[name].label, RANGES[name].unit, read[name]))
    for factor in FACTORS:
        rows.append(_share(FIELDS[factor].label, [getattr(p, factor) for p in profiles]))
    for column in cohort.site_columns:
        values = [profile.site_values.get(column.name) for profile in profiles]
        if column.yes_no:
            rows.append(_share(column.label, [None if v is None else v > 0 for v in values]))
        else:
            unit = "" if column.ucum == "1" else column.ucum
            rows.append(_measured(column.label, unit, values))
    return [row for row in rows if row["known"]]


def _measured(label: str, unit: str, values: Sequence[float | None]) -> Row:
    known: Floats = np.array([value for value in values if value is not None], dtype=np.float64)
    row: Row = {"label": label, "unit": unit, "known": int(known.size), "kind": "measured"}
    if known.size >= 5:
        quartiles = np.quantile(known, [0.25, 0.5, 0.75])
        row |= {"lower_quartile": float(quartiles[0]), "median": float(quartiles[1]),
                "upper_quartile": float(quartiles[2])}  # fmt: skip
    return row


def _share(label: str, values: Sequence[bool | None]) -> Row:
    known = [value for value in values if value is not None]
    yes = sum(known)
    row: Row = {"label": label, "unit": "", "known": len(known), "kind": "yes_no"}
    if known:
        few = 0 < yes < 5 or 0 < len(known) - yes < 5
        row |= {"yes": hidden(yes), "share": None if few else yes / len(known)}
    return row


def missing_table(cohort: Cohort) -> list[Row]:
    """How many people have no answer to each input that anybody has."""
    total = len(cohort.profiles)
    rows = []
    for label, fields in input_groups(cohort.site_columns).items():
        known = int(known_in(cohort.profiles, fields).sum())
        rows.append(
            {
                "label": label,
                "known": hidden(known),
                "not_known": hidden(total - known),
                "share_not_known": (total - known) / total,
            }
        )
    return rows


def _counted(values: Sequence[str]) -> Mapping[str, int | str]:
    names, counts = np.unique(np.array(values, dtype=np.str_), return_counts=True)
    return {str(name): hidden(int(n)) for name, n in zip(names, counts, strict=True)}
