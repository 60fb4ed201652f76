"""From named parameters to the pieces of a log-hazard that add up, at attained ages.

log h(cause) = base(age, sex) + T-score term + sum of the factors present + body mass index term.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]
Parameters = Mapping[str, float]

STEP_YEARS = 0.5
STEPS = 20
# Hazards are taken at the middle of each half-year.
STEP_MIDDLES_YEARS: Array = np.arange(
    0.5 * STEP_YEARS, STEPS * STEP_YEARS, STEP_YEARS, dtype=np.float64
)

BASE_KNOTS_YEARS = (40, 50, 60, 70, 80, 90, 100)
# No publication has these: chosen to be few, twenty years apart. More were tried, and no help
# (ADR 10). Only the slope in the T-score, which falls with age, goes on to 100.
EFFECT_KNOTS_YEARS = (50, 70, 90)
SLOPE_KNOTS_YEARS = (50, 70, 90, 100)
# Effects that depend on how old the person is today and stay for the ten years ahead. FRAX's
# results follow a rise of a parental hip fracture's effect between the ages of 65 and 75 at
# assessment, not at any attained age.
PRESENT_AGE_KNOTS_YEARS = {"parent_hip_fracture": (50, 65, 75, 90)}
# The base is the log-hazard at this T-score and body mass index; any others would serve.
REFERENCE_T = -1.0
REFERENCE_BMI_KG_M2 = 25.0
# Where a log-hazard begins to bend in the T-score. No publication has it: chosen above most
# densities that are asked about (normal is -1 and above), so that the square tells low ones apart.
T_BEND = 0.5
# Bends are rounded over these widths, chosen so that sums over a few nodes are exact enough: about
# the distance of the nodes of the T-score (ADR 11).
T_BEND_WIDTH = 0.7
BMI_BEND_WIDTH_KG_M2 = 3.0
# Where the effect of a high body mass index on each cause begins. Chosen: 25, to which published
# ratios refer (De Laet and others, 2005, doi:10.1007/s00198-005-1863-y; recalled, to be confirmed),
# and 30, where obesity begins; the slopes beyond are calibrated.
BMI_ABOVE_FROM_KG_M2 = {"hip": 25.0, "other": 30.0, "death": 30.0}

NO_LEVEL = np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What nobody's answers change; the same where it is the same objects, which never change."""

    people: Population
    parameters: Parameters

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Published)
            and self.people is other.people
            and self.parameters is other.parameters
        )

    def __hash__(self) -> int:
        return hash((id(self.people), id(self.parameters)))


@dataclass(frozen=True, slots=True)
class CauseTerms:
    """One cause's pieces; arrays broadcast against shape (..., steps)."""

    base: Array
    t_slope: Array  # per unit of T below REFERENCE_T
    t_bend: Array  # per squared unit of T below T_BEND
    t_around_mean: float  # per unit of T below the mean of age and sex
    factors: Mapping[str, Array]  # only those that act on this cause
    bmi_below_25: float  # per kg/m2 below 25
    bmi_above: float  # per kg/m2 above ``bmi_above_from``
    bmi_above_from: float
    bmi_level_from: float  # kg/m2 beyond which ``bmi_above`` adds no more

    def t_term(self, t_score: Array, mean_t: Array, bent: Array) -> Array:
        """``bent`` is ``below_bend`` of the T-scores, which is the same for every cause."""
        return np.asarray(
            self.t_slope * (REFERENCE_T - t_score)
            + self.t_bend * bent
            + self.t_around_mean * (mean_t - t_score)
        )

    def bmi_term(self, bends: "BmiBends") -> Array:
        above = bends.above(self.bmi_above_from)
        if self.bmi_level_from != NO_LEVEL:
            above = above - bends.beyond_level(self.bmi_level_from)
        return np.asarray(self.bmi_below_25 * bends.below_25 + self.bmi_above * above)


class BmiBends:
    """Where effects of body mass indexes bend: each made once for all causes that bend there."""

    def __init__(self, bmi_kg_m2: Array) -> None:
        self._bmi = bmi_kg_m2
        self._above: dict[float, Array] = {}
        self.below_25 = _beyond(REFERENCE_BMI_KG_M2 - bmi_kg_m2, 0.0)

    def above(self, start_kg_m2: float) -> Array:
        if start_kg_m2 not in self._above:
            at_reference = REFERENCE_BMI_KG_M2 - start_kg_m2
            self._above[start_kg_m2] = _beyond(self._bmi - start_kg_m2, at_reference)
        return self._above[start_kg_m2]

    def beyond_level(self, start_kg_m2: float) -> Array:
        return rounded_hinge(self._bmi - start_kg_m2, BMI_BEND_WIDTH_KG_M2)


@dataclass(frozen=True, slots=True)
class Terms:
    """The three causes for one sex at given attained ages."""

    hip: CauseTerms
    other: CauseTerms
    death: CauseTerms
    mean_t: Array  # mean T-score at present age without factors at a body mass index of 25


def log_hazard(
    cause: CauseTerms,
    mean_t: Array,
    t_score: Array,
    bmi_kg_m2: Array,
    factors: Mapping[str, Array],
) -> Array:
    """All pieces of one cause together; inputs broadcast against (..., steps)."""
    t_term = cause.t_term(t_score, mean_t, below_bend(t_score))
    total = cause.base + t_term + cause.bmi_term(BmiBends(bmi_kg_m2))
    for name, effect in cause.factors.items():
        total = total + effect * factors[name]
    return np.asarray(total)


def log_hazards_by_step(
    cause: CauseTerms,
    mean_t: Array,
    t_score: Array,
    bent: Array,
    bends: BmiBends,
    factors: Mapping[str, Array],
) -> Array:
    """``log_hazard`` of n people of one age, shape (steps, n), as a product of two matrices.

    Parameters
    ----------
    t_score, bent, factors : ndarray, shape (n,) or (1,)
        ``bent`` as in ``CauseTerms.t_term``.
    """
    level = cause.t_around_mean * (mean_t - t_score) + cause.bmi_term(bends)
    by_person = [np.ones(1), level, REFERENCE_T - t_score, bent]
    by_person += [factors[name] for name in cause.factors]
    by_step = [cause.base, np.ones(1), cause.t_slope, cause.t_bend, *cause.factors.values()]
    steps, people = (np.stack(np.broadcast_arrays(*each)) for each in (by_step, by_person))
    return np.asarray(steps.T @ people)


def rounded_hinge(x: Array, width: float) -> Array:
    """max(0, x), rounded over ``width``."""
    return np.asarray(width * np.logaddexp(0.0, x / width))


def below_bend(t_score: Array) -> Array:
    """How far below ``T_BEND``, squared; 0 above, rounded."""
    return rounded_hinge(T_BEND - t_score, T_BEND_WIDTH) ** 2


def _beyond(x: Array, at_reference: float) -> Array:
    # Shifted so that the term is 0 at the reference in spite of the rounding.
    width = BMI_BEND_WIDTH_KG_M2
    return rounded_hinge(x, width) - rounded_hinge(np.asarray(at_reference), width)


def mean_t_score(
    parameters: Parameters,
    sex: str,
    age_years: Array,
    bmi_kg_m2: Array,
    factors: Mapping[str, Array],
) -> Array:
    """Mean femoral-neck T-score (its SD is 1) given age, sex, body mass index and factors."""
    decades = (age_years - 65) / 10
    mean = (
        parameters[f"t_score.at_65.{sex}"]
        + parameters[f"t_score.per_decade.{sex}"] * decades
        + parameters[f"t_score.age_bend.{sex}"] * decades**2
        + parameters["t_score.log_bmi"] * np.log(bmi_kg_m2 / REFERENCE_BMI_KG_M2)
    )
    for name, present in factors.items():
        mean = mean + parameters.get(f"t_score.{name}", 0.0) * present
    return np.asarray(mean)


def terms(
    parameters: Parameters, population: Population, sex: str, age_years: Array, steps_years: Array
) -> Terms:
    """Pieces of the log-hazards of one sex.

    Parameters
    ----------
    age_years : ndarray, shape () or (n, 1)
        Present age.
    steps_years : ndarray, shape (steps,)
        Time from now to the middle of each step.
    """
    attained = age_years + steps_years
    none: Array = np.zeros(())
    mean_t = mean_t_score(parameters, sex, age_years, np.asarray(REFERENCE_BMI_KG_M2), {})
    deaths = population.log_death_hazard(sex, attained)
    return Terms(
        hip=_fracture_terms("hip", parameters, sex, age_years, attained),
        other=_fracture_terms("other", parameters, sex, age_years, attained),
        death=CauseTerms(
            base=deaths + parameters[f"base.death.{sex}"],
            t_slope=none,
            t_bend=none,
            t_around_mean=parameters["death.t_score"],
            factors=_factor_terms("death", parameters, age_years, attained),
            bmi_below_25=parameters["death.bmi_below_25"],
            bmi_above=parameters["death.bmi_above_30"],
            bmi_above_from=BMI_ABOVE_FROM_KG_M2["death"],
            bmi_level_from=NO_LEVEL,
        ),
        mean_t=mean_t,
    )


def _fracture_terms(
    cause: str, parameters: Parameters, sex: str, age_years: Array, attained: Array
) -> CauseTerms:
    def along(family: str, knots: tuple[int, ...]) -> Array:
        # Straight lines between knots, level beyond the first and last.
        return np.interp(attained, knots, [parameters[f"{family}.{age}"] for age in knots])

    return CauseTerms(
        base=along(f"base.{cause}.{sex}", BASE_KNOTS_YEARS),
        t_slope=along(f"{cause}.t_score.{sex}", SLOPE_KNOTS_YEARS),
        t_bend=along(f"{cause}.t_score_bend", EFFECT_KNOTS_YEARS),
        t_around_mean=0.0,
        factors=_factor_terms(cause, parameters, age_years, attained),
        bmi_below_25=_of_sex(parameters, f"{cause}.bmi_below_25", sex),
        bmi_above=_of_sex(parameters, f"{cause}.bmi_above", sex),
        bmi_above_from=BMI_ABOVE_FROM_KG_M2[cause],
        bmi_level_from=parameters.get(f"{cause}.bmi_level_from", NO_LEVEL),
    )


def _of_sex(parameters: Parameters, name: str, sex: str) -> float:
    """A parameter that an evidence set may hold for each sex, or for both together."""
    own = f"{name}.{sex}"
    return parameters[own if own in parameters else name]


def _factor_terms(
    cause: str, parameters: Parameters, age_years: Array, attained: Array
) -> dict[str, Array]:
    effects = {
        name: factor_effect(cause, name, parameters, age_years, attained) for name in FACTORS
    }
    return {name: effect for name, effect in effects.items() if effect is not None}


def factor_effect(
    cause: str, name: str, parameters: Parameters, age_years: Array, attained: Array
) -> Array | None:
    """What a factor adds to one cause's log-hazard at attained ages; None where it does not."""
    family = f"{cause}.{name}"
    if family in parameters:
        return np.full_like(attained, parameters[family])
    read_at_present = PRESENT_AGE_KNOTS_YEARS.get(name)
    knots = read_at_present or EFFECT_KNOTS_YEARS
    if f"{family}.{knots[0]}" not in parameters:
        return None
    heights = [parameters[f"{family}.{age}"] for age in knots]
    if read_at_present:
        return np.broadcast_to(np.interp(age_years, knots, heights), np.shape(attained))
    return np.interp(attained, knots, heights)
