"""What a number stands on, and how old it is: told beside the number, before its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from riskapp.risk.limits import DXA_CURRENT_FOR_YEARS
from riskapp.web.presenters.lists import days_in_words

DENSITIES = ("femoral_neck", "total_hip", "lumbar_spine")
DAYS_PER_YEAR = 365.25
# Repeat assessments are advised after one to two years where something may have changed (ISCD
# Official Positions 2019, Adult; BHOF Clinician's Guide 2022: recalled, to be confirmed).
ASSESSMENT_CURRENT_FOR_YEARS = 2.0
NOT_HERE = "Published results. Not validated on patients of this clinic."


@dataclass(frozen=True, slots=True)
class StandsOn:
    """Each line in words; a caution is empty where nothing is too old or missing.

    Attributes
    ----------
    density : str
        Of which day the bone density is, and how old it was.
    made : str
        How long ago a stored assessment was made; empty for one of today.
    """

    density: str
    density_caution: str
    made: str
    made_caution: str
    model: str
    validated: str


def stands_on(
    profile: Mapping[str, Any],
    made_on: date,
    today: date,
    trained_on: str = "published",
    model: str = "",
) -> StandsOn:
    """What an estimate of ``made_on`` stands on, as it is read ``today``; ``model`` is by what."""
    density, density_caution = _density(profile, made_on)
    days = (today - made_on).days
    old = days > ASSESSMENT_CURRENT_FOR_YEARS * DAYS_PER_YEAR
    return StandsOn(
        density=density,
        density_caution=density_caution,
        made=f"Assessed {days_in_words(days)} ago" if days > 0 else "",
        made_caution=(
            f"Made more than {ASSESSMENT_CURRENT_FOR_YEARS:g} years ago: what has happened since "
            "is not in it. Assess anew."
            if old
            else ""
        ),
        model=model,
        validated=(
            NOT_HERE
            if trained_on == "published"
            else f"Trained on {trained_on} people. Not validated on patients of this clinic."
        ),
    )


def _density(profile: Mapping[str, Any], made_on: date) -> tuple[str, str]:
    known = any(
        f"{site}_{kind}" in profile for site in DENSITIES for kind in ("bmd_g_cm2", "t_score")
    )
    if not known:
        return "Not known: averaged over people of this age and sex", ""
    if "dxa_date" not in profile:
        return "Of a day that is not given", "Check that it is recent."
    on = date.fromisoformat(profile["dxa_date"])
    days = (made_on - on).days
    told = f"Of {date_format(on, 'j F Y')}, {days_in_words(max(days, 0))} old"
    if days <= DXA_CURRENT_FOR_YEARS * DAYS_PER_YEAR:
        return told, ""
    return told, f"More than {DXA_CURRENT_FOR_YEARS:g} years: bone may have changed since."
