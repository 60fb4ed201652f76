"""Answers that are possible and yet unlikely: to be looked at again, never refused.

What is refused is in ``limits``. Here a value is measured against people of the same age and sex,
as the published tables hold them; what they do not hold has a bound of its own with its source.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from riskapp.risk import bone_measurements
from riskapp.risk.bone_density import DxaManufacturer, Site, lost_its_minus, t_score_at
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import mean_t_score
from riskapp.risk.limits import (
    ADULT_FROM_YEARS,
    DXA_CURRENT_FOR_YEARS,
    T_SCORE_TOLERANCE,
    shown,
)
from riskapp.risk.populations import population

Values = Mapping[str, Any]  # answers that could be read, by contract name; others are left out

# Standard normal; fewer than 1 in 500 people lie beyond it on one side.
RARE_Z = 2.878
ALL_BUT_FEW = "499 in 500"
# Whose body mass index and bone density these are (NHANES; sources in the data files): everybody's
# spread there is wide, so little is called unlikely elsewhere that is not.
PEOPLE, EVIDENCE = "us", "frax-2008"
# Rarer than one in twenty, and in pounds as most people are: what was meant is asked sooner
# (assumption). An adult's usual weight in pounds, taken for kilograms, gives an index near 50.
PERHAPS_Z, MOST_PEOPLE_Z = 2.0, 1.5
POUND_KG = 0.45359237  # exact: the international pound
# A T-score is printed with one decimal and a BMD with three, of about this size.
DENSITY_PRINTED, T_SCORE_DECIMALS = (0.3, 1.6), 1
NECK = f"{Site.FEMORAL_NECK}_t_score"
# Printed to one decimal, a T-score is within 0.05 of the one that its BMD gives; a little more is
# a scanner's own reference (assumption). Above ``T_SCORE_TOLERANCE`` it is refused.
T_SCORES_FIT_WITHIN = 0.15
# The last natural menopause (recalled, to be confirmed: median 51, hardly any after 60), and what
# counts as an early one among the causes of low bone density (FRAX's definition).
LATEST_MENOPAUSE_YEARS, EARLY_MENOPAUSE_YEARS = 60, 45


@dataclass(frozen=True, slots=True)
class Usual:
    """Ends of what is usual, both included, and what to say beyond them."""

    low: float
    high: float
    says: str
    source: str


USUAL: dict[str, Usual] = {
    "height_cm": Usual(
        135,
        205,
        "Unusual for an adult: check the height and its unit.",
        "1st and 99th percentiles of adults with room to spare (recalled, to be confirmed)",
    ),
    "falls_last_year": Usual(
        0, 12, "More than one a month: check the number.", "assumption; two or more count alike"
    ),
    "glucocorticoid_dose_mg_daily": Usual(
        0,
        60,
        "An unusually high dose: check that it is prednisolone equivalent, in mg a day.",
        "usual highest initial dose of prednisolone (recalled, to be confirmed)",
    ),
    "hip_axis_length_mm": Usual(
        80, 130, "Unusual for an adult: check the length.", "assumption, from published means of "
        "about 105 mm in women and 120 mm in men (recalled, to be confirmed)",
    ),
}  # fmt: skip


def unusual(values: Values) -> dict[str, str]:
    """One sentence for each answer that should be looked at again.

    Parameters
    ----------
    values : mapping of contract field name to value
        Known answers that are within ``limits``, each taken for itself: the rest of the record
        may still be wrong or missing.
    """
    found = {
        name: usual.says
        for name, usual in USUAL.items()
        if name in values and not usual.low <= values[name] <= usual.high
    }
    for sentences in (_body, _density, _history, _menopause, _old_scan):
        found = dict(sentences(values)) | found
    return found


def _body(values: Values) -> Iterator[tuple[str, str]]:
    index, field = values.get("body_mass_index"), "body_mass_index"
    if index is None and "weight_kg" in values and "height_cm" in values:
        index, field = values["weight_kg"] / (values["height_cm"] / 100) ** 2, "weight_kg"
    who = _who(values)
    if index is None or who is None:
        return
    sex, age = who
    people = population(PEOPLE).people
    away = (math.log(index) - people.mean_log_bmi[sex].at(age)) / people.sd_log_bmi[sex]
    is_weight = field == "weight_kg"
    # As it would be if the weight was written in pounds.
    as_pounds = away + math.log(POUND_KG) / people.sd_log_bmi[sex]
    if abs(away) > RARE_Z:
        check = "both" if is_weight else "it"
        pounds = f": {_pounds(values)}" if is_weight and abs(as_pounds) <= RARE_Z else ""
        yield (
            field,
            f"Body mass index {index:.1f}, {_beyond(away)} at this age. Check {check}{pounds}.",
        )
    elif is_weight and away > PERHAPS_Z and abs(as_pounds) <= MOST_PEOPLE_Z:
        yield field, f"Body mass index {index:.1f}. Check the unit: {_pounds(values)}."


def _pounds(values: Values) -> str:
    kilograms = values["weight_kg"] * POUND_KG
    return f"{shown(values['weight_kg'])} pounds would be {shown(kilograms, 3)} kg"


def _beyond(away: float) -> str:
    return f"{'lower' if away < 0 else 'higher'} than {ALL_BUT_FEW}"


def _density(values: Values) -> Iterator[tuple[str, str]]:
    neck = _t_score(values, Site.FEMORAL_NECK)
    who = _who(values)
    for site in Site:
        yield from _two_t_scores(values, site)
        yield from _density_for_a_t_score(values, site)
    if who is None:
        return
    sex, age = who
    usual_neck, doubt, beside = _usual_neck(sex, age), 1.0, "at this age"
    if neck is not None:
        field = _asked_as(values, Site.FEMORAL_NECK)
        yield from _far_from(field, neck, usual_neck, 1.0, beside)
        # Where its own minus may be missing, nothing is held against it.
        if field != NECK or not lost_its_minus(neck, usual_neck, RARE_Z):
            usual_neck, doubt = neck, 0.0
            beside = f"beside a femoral neck T-score of {shown(neck, 2)}"
    for name in bone_measurements.family().names:
        field, value = _as_asked(values, name)
        if value is not None:
            at_zero, per_t, sd = bone_measurements.family().line(name, sex, age)
            spread = math.hypot(sd, per_t * doubt)
            yield from _far_from(field, value, at_zero + per_t * usual_neck, spread, beside)


def _far_from(
    field: str, value: float, usual: float, sd: float, beside: str
) -> Iterator[tuple[str, str]]:
    away = value - usual
    if abs(away) > RARE_Z * sd:
        is_typed = field.endswith("_t_score")  # and not counted from a density
        sign = is_typed and lost_its_minus(value, usual, RARE_Z * sd)
        check = "Check it: is the sign right?" if sign else "Check it."
        yield field, f"{_beyond(away).capitalize()} {beside}. {check}"


def _usual_neck(sex: str, age_years: float) -> float:
    """The mean at this age, at a usual body mass index and without the risk factors."""
    people = population(PEOPLE).people
    index = np.exp(people.mean_log_bmi[sex].at(age_years))
    return float(mean_t_score(effects(EVIDENCE), sex, np.asarray(age_years), index, {}))


def _two_t_scores(values: Values, site: Site) -> Iterator[tuple[str, str]]:
    """A T-score that was typed, against the one that its BMD gives; far apart it is refused."""
    given, implied = values.get(f"{site}_t_score"), _implied(values, site)
    if given is None or implied is None:
        return
    if T_SCORES_FIT_WITHIN < abs(given - implied) <= T_SCORE_TOLERANCE:
        yield (
            f"{site}_t_score",
            f"Its BMD gives {shown(round(implied, 1))}, which is what counts. Check both.",
        )


def _density_for_a_t_score(values: Values, site: Site) -> Iterator[tuple[str, str]]:
    given = values.get(f"{site}_t_score")
    low, high = DENSITY_PRINTED
    if given is not None and low <= given <= high and round(given, T_SCORE_DECIMALS + 1) != given:
        yield f"{site}_t_score", f"Is {shown(given)} a BMD in g/cm²? T-scores have one decimal."


def _implied(values: Values, site: Site) -> float | None:
    bmd, maker = values.get(f"{site}_bmd_g_cm2"), values.get("dxa_manufacturer")
    if bmd is None or maker is None:
        return None
    return t_score_at(site, bmd, DxaManufacturer(maker))


def _t_score(values: Values, site: Site) -> float | None:
    implied = _implied(values, site)
    return values.get(f"{site}_t_score") if implied is None else implied


def _as_asked(values: Values, name: str) -> tuple[str, float | None]:
    """A measurement of bone, and the question that gave it: a T-score may come from a BMD."""
    for site in Site:
        if name == f"{site}_t_score":
            return _asked_as(values, site), _t_score(values, site)
    return name, values.get(name)


def _asked_as(values: Values, site: Site) -> str:
    """The question whose answer the T-score of a site comes from."""
    from_bmd = _implied(values, site) is not None
    return f"{site}_bmd_g_cm2" if from_bmd else f"{site}_t_score"


def _history(values: Values) -> Iterator[tuple[str, str]]:
    age, months = values.get("age_years"), values.get("prior_fracture_months_ago")
    if age is not None and months is not None:
        then = age - months / 12
        if 0 <= then < ADULT_FROM_YEARS:
            yield (
                "prior_fracture_months_ago",
                f"That was at age {then:.0f}: only fractures in adult life count.",
            )


def _menopause(values: Values) -> Iterator[tuple[str, str]]:
    age, past = values.get("age_years"), values.get("postmenopausal")
    if age is None or past is None or values.get("sex") != "female":
        return
    if past is False and age >= LATEST_MENOPAUSE_YEARS:
        yield "postmenopausal", f"Before the menopause at {shown(age)} is unusual. Check it."
    if past and age < EARLY_MENOPAUSE_YEARS and values.get("secondary_osteoporosis") is not True:
        yield (
            "postmenopausal",
            f"Menopause before {EARLY_MENOPAUSE_YEARS} counts as secondary osteoporosis.",
        )


def _old_scan(values: Values) -> Iterator[tuple[str, str]]:
    on: date | None = values.get("dxa_date")
    if on is not None and (datetime.now(UTC).date() - on).days > DXA_CURRENT_FOR_YEARS * 365.25:
        yield (
            "dxa_date",
            f"More than {DXA_CURRENT_FOR_YEARS:g} years ago: bone may have changed since.",
        )


def _who(values: Values) -> tuple[str, float] | None:
    """Sex and age, where both are known."""
    if "sex" not in values or "age_years" not in values:
        return None
    return str(values["sex"]), float(values["age_years"])
