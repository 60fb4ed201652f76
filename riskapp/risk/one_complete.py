"""Probabilities of one complete person, whatever modifiers are known beside the risk factors.

The sums of ``summation`` where there is nothing to sum over.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.grid_hazards import CAUSES
from riskapp.risk.hazard_terms import (
    BMI_BEND_WIDTH_KG_M2,
    PRESENT_AGE_KNOTS_YEARS,
    REFERENCE_BMI_KG_M2,
    REFERENCE_T,
    STEP_MIDDLES_YEARS,
    T_BEND,
    T_BEND_WIDTH,
    CauseTerms,
    Published,
    factor_effect,
    mean_t_score,
    terms,
)
from riskapp.risk.many import KNOTS, LINES_KEPT
from riskapp.risk.missing import Known
from riskapp.risk.modifiers import ARTHRITIS, Modifiers
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import STEPS_PER_YEAR

Array = npt.NDArray[np.float64]

YEARS = len(STEP_MIDDLES_YEARS) // STEPS_PER_YEAR
BENDS: Array = np.array(
    (REFERENCE_T, T_BEND, T_BEND_WIDTH, REFERENCE_BMI_KG_M2, BMI_BEND_WIDTH_KG_M2)
)
((AT_PRESENT, PRESENT_KNOTS_YEARS),) = PRESENT_AGE_KNOTS_YEARS.items()
PRESENT_KNOTS: Array = np.array(PRESENT_KNOTS_YEARS, dtype=np.float64)
NOTHING: Array = np.empty(0)
REFERENCE_BMI: Array = np.asarray(REFERENCE_BMI_KG_M2)


@dataclass(frozen=True, slots=True)
class _Tables:
    """What ``compiled_person.hazards_ahead`` asks of an evidence set, a population and a sex."""

    shapes: Array
    levels: Array
    present: Array
    death_ages: Array
    log_deaths: Array


def is_complete(known: Known) -> bool:
    """Whether no sum is needed: given the T-score, a cause of low density changes nothing."""
    return set(known.unknown) <= {"secondary_osteoporosis"}


def incidence_of_one(known: Known, by: Published) -> Array:
    """Probability of hip and of major fracture within 1 to 10 years.

    Equal to the mean of ``summation.incidence`` within rounding (1e-12).

    Parameters
    ----------
    known : Known
        Of somebody who ``is_complete``.

    Returns
    -------
    ndarray, shape (2, years)
        Hip first.
    """
    # Loads the compiler, which takes a quarter of a second.
    from riskapp.risk.compiled_person import curves

    found: Array = curves(hazards_of_one(known, by), YEARS)
    return found


def hazards_of_one(known: Known, by: Published) -> Array:
    """Hazards of each of ``CAUSES`` at the steps ahead, times their length, shape (3, steps).

    ``known`` is of somebody who ``is_complete``.
    """
    from riskapp.risk.compiled_person import hazards_ahead

    assert known.t_score is not None
    assert known.bmi_kg_m2 is not None
    tables, modifiers = _tables(known.sex, by), known.modifiers
    age = np.asarray(known.age_years)
    mean_t = mean_t_score(by.parameters, known.sex, age, REFERENCE_BMI, {})
    details = [(FACTORS.index(one), detail) for one, detail in modifiers.details.items()]
    details = [(place, detail) for place, detail in details if known.factors[FACTORS[place]]]
    beside = np.empty((len(details), len(FRACTURES), len(STEP_MIDDLES_YEARS)))
    for row, (_, detail) in enumerate(details):
        for cause, name in enumerate(FRACTURES):
            beside[row, cause] = detail.log_ratio(name, STEP_MIDDLES_YEARS)
    diabetes = modifiers.diabetes
    found: Array = hazards_ahead(
        KNOTS,
        tables.shapes,
        tables.levels,
        PRESENT_KNOTS,
        tables.present,
        FACTORS.index(AT_PRESENT),
        tables.death_ages,
        tables.log_deaths,
        BENDS,
        float(known.age_years),
        float(known.bmi_kg_m2),
        float(known.t_score),
        float(mean_t) - known.t_score,
        np.array([float(known.factors[name] or 0) for name in FACTORS]),
        np.array([place for place, _ in details], dtype=np.intp),
        beside,
        FACTORS.index(ARTHRITIS),
        np.array((float(diabetes.present), diabetes.share)) if diabetes else NOTHING,
        _everywhere(modifiers, known.t_score),
        STEP_MIDDLES_YEARS,
    )
    return found


def _everywhere(modifiers: Modifiers, t_score: float) -> Array:
    """``Modifiers.everywhere`` of both kinds of fracture."""
    falls = modifiers.falls.log_ratio if modifiers.falls else 0.0
    shifts = modifiers.bone.shifts if modifiers.bone else {}
    lines = [shifts.get(name) for name in FRACTURES]
    return np.array(
        [falls + (line.at_zero + line.per_t * t_score if line else 0.0) for line in lines]
    )


@lru_cache(maxsize=LINES_KEPT)
def _tables(sex: str, by: Published) -> _Tables:
    pieces = terms(by.parameters, by.people, sex, KNOTS, np.zeros(1))
    shapes = np.zeros((len(CAUSES), 3 + len(FACTORS), len(KNOTS)))
    levels, present = np.empty((len(CAUSES), 5)), np.zeros((len(CAUSES), len(PRESENT_KNOTS)))
    for row, cause in enumerate(CAUSES):
        found: CauseTerms = getattr(pieces, cause)
        shapes[row, 0] = found.base
        shapes[row, 1] = found.t_slope
        shapes[row, 2] = found.t_bend
        levels[row] = (
            found.t_around_mean,
            found.bmi_below_25,
            found.bmi_above,
            found.bmi_above_from,
            found.bmi_level_from,
        )
        for place, name in enumerate(FACTORS):
            knots = PRESENT_KNOTS if name == AT_PRESENT else KNOTS
            effect = factor_effect(cause, name, by.parameters, knots, knots)
            if effect is not None and name == AT_PRESENT:
                present[row] = effect
            elif effect is not None:
                shapes[row, 3 + place] = effect
    # The life table bends at ages of its own.
    shapes[CAUSES.index("death"), 0] = by.parameters[f"base.death.{sex}"]
    return _Tables(
        shapes, levels, present, by.people.death_ages_years, by.people.log_death_rate[sex]
    )
