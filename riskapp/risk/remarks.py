"""What has to be said beside a number, whichever engine gave it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from riskapp.risk.bone_density import Site
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.limits import DXA_CURRENT_FOR_YEARS
from riskapp.risk.modifier_reading import stored
from riskapp.risk.profile import FACTORS, FIELD_NAMES, RiskProfile, Treatment

# What a row of inputs is made from under other names, or what has a remark of its own; guidelines
# use the last one.
USED_BESIDE_A_ROW = (
    "population",
    "weight_kg",
    "height_cm",
    "femoral_neck_bmd_g_cm2",
    "dxa_date",
    "osteoporosis_treatment",
    "postmenopausal",
)
DAYS_PER_YEAR = 365.25
# Kanis JA and others, 2020. Osteoporos Int 31:1817, abstract: direction only.
RECENT_FRACTURE_MONTHS = 24.0


def remarks(
    profile: RiskProfile, options: EstimateOptions, used: Sequence[str], answered_by: str
) -> tuple[str, ...]:
    """Sentences about one profile.

    Parameters
    ----------
    profile : RiskProfile
    options : EstimateOptions
    used : sequence of str
        Fields, and columns of a site, that the engine answers from or that have a remark of their
        own.
    answered_by : str
        What answers, in words.
    """
    found = []
    unused = _unused(profile, used)
    if unused:
        found.append(f"Given but not used by {answered_by}: {', '.join(unused)}.")
    found += _directions(profile, unused)
    treatment = profile.osteoporosis_treatment
    if treatment is None:
        found.append(
            "Osteoporosis treatment is not known: the estimate is for people who take none."
        )
    elif treatment is not Treatment.NONE:
        found.append(
            "On osteoporosis treatment: the estimate is for people who take none, and does not "
            "show what the treatment does."
        )
    found += _dxa_age(profile)
    if options.unknown_as_no:
        found += _taken_as_no(profile)
    return (*found, *_half_answers(profile))


def _unused(profile: RiskProfile, used_always: Sequence[str]) -> list[str]:
    used = set(used_always)
    if profile.femoral_neck_bmd_g_cm2 is not None:
        used.add("dxa_manufacturer")
    if profile.osteoporosis_treatment not in (None, Treatment.NONE):
        used.add("osteoporosis_treatment_years")  # its own warning says so
    known = [name for name in FIELD_NAMES if getattr(profile, name) is not None]
    return [name for name in (*known, *profile.site_values) if name not in used]


def _directions(profile: RiskProfile, unused: Sequence[str]) -> list[str]:
    """Which way the truth lies where a decisive answer is left out; published sizes are not."""
    dose, falls = profile.glucocorticoid_dose_mg_daily, profile.falls_last_year
    months = profile.prior_fracture_months_ago
    recurrent = stored("falls")["recurrent_from"]
    table = stored("glucocorticoid-dose")
    low, high = table["low_below_mg_daily"], table["high_from_mg_daily"]
    left_out = {
        "falls_last_year": falls is not None
        and falls >= recurrent
        and f"{recurrent} or more falls in a year",
        "prior_fracture_months_ago": months is not None
        and months <= RECENT_FRACTURE_MONTHS
        and "A fracture within the last two years",
        "glucocorticoid_dose_mg_daily": dose is not None
        and dose >= high
        and f"{high:g} mg of prednisolone daily or more",
    }
    found = [
        f"{told}: the true risk is probably higher than shown."
        for name, told in left_out.items()
        if told and name in unused
    ]
    # No dose at all is no news of somebody who does not take them.
    taken = dose is not None and (dose > 0 or profile.glucocorticoids)
    if taken and dose < low and "glucocorticoid_dose_mg_daily" in unused:
        found.append(
            f"Less than {low:g} mg of prednisolone daily: the true risk is probably "
            "lower than shown."
        )
    return found


def _dxa_age(profile: RiskProfile) -> list[str]:
    if all(profile.t_score(site) is None for site in Site):
        return []
    if profile.dxa_date is None:
        return [
            "The day of the DXA is not given: check that bone density was measured within the last "
            f"{DXA_CURRENT_FOR_YEARS:g} years."
        ]
    old = told_of_dxa(profile.dxa_date)
    if old:
        return [
            f"The DXA is {old} years old; bone density may have changed since "
            f"(more than {DXA_CURRENT_FOR_YEARS:g} years)."
        ]
    return []


def told_of_dxa(taken: date) -> str:
    """How many years old a densitometry is, in print; empty where it is current."""
    years = (datetime.now(UTC).date() - taken).days / DAYS_PER_YEAR
    return f"{years:.0f}" if years > DXA_CURRENT_FOR_YEARS else ""


def _taken_as_no(profile: RiskProfile) -> list[str]:
    found = []
    blank = [name for name in FACTORS if getattr(profile, name) is None]
    if blank:
        found.append(f"Not known and taken as no: {', '.join(blank)}.")
    if profile.bmi_kg_m2 is None:
        found.append("Body mass index is not known; averaged over people of the same age and sex.")
    return found


def _half_answers(profile: RiskProfile) -> list[str]:
    found = []
    if (profile.weight_kg is None) != (profile.height_cm is None) and profile.bmi_kg_m2 is None:
        found.append("Weight or height alone gives no body mass index and is not used.")
    described = (
        profile.number_of_prior_fractures
        or profile.prior_fracture_site is not None
        or profile.prior_fracture_months_ago is not None
    )
    if described and not profile.prior_fragility_fracture:
        found.append(
            "A prior fracture is described, but the question prior_fragility_fracture is not "
            "answered yes, so the fracture is not counted."
        )
    if profile.glucocorticoid_dose_mg_daily and not profile.glucocorticoids:
        found.append(
            "A glucocorticoid dose is given, but glucocorticoids is not answered yes; "
            "it does not count."
        )
    return found
