"""A cohort in counts: who, what is known, what happened; never one person's values."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.columns import Flags, Floats
from riskapp.cohorts.follow_up import FollowUp
from riskapp.cohorts.leakage import known_columns
from riskapp.cohorts.limits import SMALLEST_CELL
from riskapp.exchange.fields import FIELDS
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import Sex

AGE_BANDS = ((40, 50), (50, 60), (60, 70), (70, 80), (80, 91))
AT_YEARS = (1, 2, 5, 10, 15)
# Spread is told of as many people as make a percentile nobody's own value.
FEWEST_FOR_SPREAD = 50
HIDDEN = f"<{SMALLEST_CELL}"


def count(number: int) -> int | str:
    """A count as it may leave the site: small ones are hidden."""
    return HIDDEN if 0 < number < SMALLEST_CELL else int(number)


def share(part: Flags, whole: Flags) -> float | str | None:
    """Share of a group, None where there is no group, hidden where either is small."""
    n, k = int(whole.sum()), int((part & whole).sum())
    if n == 0:
        return None
    return HIDDEN if n < SMALLEST_CELL or 0 < k < SMALLEST_CELL else round(k / n, 3)


def summarise(cohort: Cohort) -> dict[str, Any]:
    """Describe a cohort for people and programs, ready for JSON."""
    female = np.array([each.sex is Sex.FEMALE for each in cohort.profiles])
    age = np.array([each.age_years for each in cohort.profiles])
    persons = len(set(cohort.people.tolist()))
    return {
        "status": "usable",
        "reason": None,
        "trained_on": cohort.trained_on,
        "about": cohort.made_by.get("about"),
        "rows": len(cohort.profiles),
        "people": persons,
        "first_events_only": cohort.first_events_only,
        "remarks": list(cohort.remarks),
        "left_out": {reason: count(number) for reason, number in cohort.left_out.items()},
        "populations": _counted(each.population for each in cohort.profiles),
        "dxa_manufacturers": _counted(
            each.dxa_manufacturer.value if each.dxa_manufacturer else "not known"
            for each in cohort.profiles
        ),
        "outcomes": {name: _outcome(each, female, age) for name, each in cohort.follow_up.items()},
        "hip_fractures_after_another": _hip_after_another(cohort.follow_up),
        "columns": _columns(cohort, female),
    }


def _counted(values: Any) -> dict[str, int | str]:
    return {name: count(number) for name, number in sorted(Counter(values).items())}


def _outcome(each: FollowUp, female: Flags, age: Floats) -> dict[str, Any]:
    groups = [
        (sex, low, high, chosen & (age >= low) & (age < high))
        for sex, chosen in (("female", female), ("male", ~female))
        for low, high in AGE_BANDS
    ]
    return {
        "events": count(int(each.event.sum())),
        "person_years": round(float(each.years.sum()), 1),
        "median_years_observed": round(float(np.median(each.years)), 2),
        "median_years_of_those_without": _median(each.years[~each.event]),
        "longest_years": round(float(each.years.max()), 1),
        "still_observed": {
            str(at): count(int((each.years >= at).sum()))
            for at in AT_YEARS
            if (each.years >= at).any()
        },
        "by_sex_and_age": [
            {
                "sex": sex,
                "age": f"{low}-{high - 1}",
                "people": count(int(group.sum())),
                "events": count(int((each.event & group).sum())),
                # Of few people the person-years would tell how long each was followed.
                "person_years": round(float(each.years[group].sum()), 1)
                if group.sum() >= SMALLEST_CELL
                else None,
            }
            for sex, low, high, group in groups
            if group.any()
        ],
    }


def _median(years: Floats) -> float | None:
    return round(float(np.median(years)), 2) if years.size >= SMALLEST_CELL else None


def _hip_after_another(follow_up: Mapping[str, FollowUp]) -> int | str | None:
    """Hip fractures that come after another fracture; None where the file cannot tell."""
    for name in ("any", "major_osteoporotic"):
        if "hip" in follow_up and name in follow_up:
            hip, other = follow_up["hip"], follow_up[name]
            return count(int((hip.event & other.event & (hip.years > other.years)).sum()))
    return None


def first_outcome(follow_up: Mapping[str, FollowUp]) -> str:
    """The outcome with the most events, by which missingness is told."""
    return max(follow_up, key=lambda name: int(follow_up[name].event.sum()))


def _columns(cohort: Cohort, female: Flags) -> list[dict[str, Any]]:
    """Every field and site column: label, unit, how often known and by whom, and its spread."""
    outcome = first_outcome(cohort.follow_up)
    event = cohort.follow_up[outcome].event
    site = {column.name: column for column in cohort.site_columns}
    told = []
    for name, values in known_columns(cohort.profiles).items():
        known: Flags = np.isfinite(values)
        column = site.get(name)
        limit = RANGES.get(name)
        yes_no = set(np.unique(values[known])) <= {0.0, 1.0} and limit is None
        told.append(
            {
                "name": name,
                "label": column.label if column else FIELDS[name].label,
                "unit": column.ucum if column else limit.ucum if limit else "1",
                "declared_by_site": column is not None,
                "range": [column.low, column.high]
                if column
                else [limit.low, limit.high]
                if limit
                else [0, 1],
                "direction": column.direction.value if column else None,
                "known": count(int(known.sum())),
                "known_share": share(known, np.ones_like(known)),
                "known_share_with_event": share(known, event),
                "known_share_without_event": share(known, ~event),
                "known_share_women": share(known, female),
                "known_share_men": share(known, ~female),
                "event": outcome,
                **_spread(values[known], yes_no),
            }
        )
    return told


def _spread(values: Floats, yes_no: bool) -> dict[str, Any]:
    if yes_no:
        everybody = np.ones(values.shape, dtype=np.bool_)
        return {"yes_share": share(values == 1, everybody)}
    if values.size < FEWEST_FOR_SPREAD:
        return {}
    low, middle, high = np.percentile(values, (5, 50, 95))
    return {
        "mean": float(f"{values.mean():.4g}"),
        "sd": float(f"{values.std(ddof=1):.4g}"),
        "percentiles_5_50_95": [float(f"{each:.3g}") for each in (low, middle, high)],
    }
