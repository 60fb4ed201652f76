"""The peers: the same formula in plain Python, one person at a time, and in bare numpy."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from riskapp.risk.hazard_terms import (
    BASE_KNOTS_YEARS,
    BMI_ABOVE_FROM_KG_M2,
    BMI_BEND_WIDTH_KG_M2,
    EFFECT_KNOTS_YEARS,
    PRESENT_AGE_KNOTS_YEARS,
    REFERENCE_BMI_KG_M2,
    REFERENCE_T,
    SLOPE_KNOTS_YEARS,
    STEP_YEARS,
    STEPS,
    T_BEND,
    T_BEND_WIDTH,
    Parameters,
)
from riskapp.risk.hazards import Factors
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]
PARENT = "parent_hip_fracture"
PARENT_KNOTS = PRESENT_AGE_KNOTS_YEARS[PARENT]
NEVER_KG_M2 = 1e6
STRAIGHT = [name for name in FACTORS if name not in (PARENT, "secondary_osteoporosis")]


class PlainPerson:
    """Everything about one sex, age, population that does not depend on the other inputs."""

    def __init__(self, people: Population, parameters: Parameters, sex: str, age: float) -> None:
        self.parameters, self.sex, self.age = parameters, sex, age
        self.steps = [self._step(people, age + (step + 0.5) * STEP_YEARS) for step in range(STEPS)]
        self.mean_t = (
            parameters[f"t_score.at_65.{sex}"]
            + parameters[f"t_score.per_decade.{sex}"] * (age - 65) / 10
            + parameters[f"t_score.age_bend.{sex}"] * ((age - 65) / 10) ** 2
        )

    def _step(self, people: Population, attained: float) -> dict[str, float]:
        found = {}
        for cause in ("hip", "other"):
            at = {
                "base": (f"base.{cause}.{self.sex}", BASE_KNOTS_YEARS),
                "slope": (f"{cause}.t_score.{self.sex}", SLOPE_KNOTS_YEARS),
                "bend": (f"{cause}.t_score_bend", EFFECT_KNOTS_YEARS),
                **{name: (f"{cause}.{name}", EFFECT_KNOTS_YEARS) for name in STRAIGHT},
            }
            for name, (family, knots) in at.items():
                heights = [self.parameters[f"{family}.{knot}"] for knot in knots]
                found[f"{cause}.{name}"] = between(attained, knots, heights)
            heights = [self.parameters[f"{cause}.{PARENT}.{knot}"] for knot in PARENT_KNOTS]
            found[f"{cause}.{PARENT}"] = between(self.age, PARENT_KNOTS, heights)
        rates = people.log_death_rate[self.sex]
        life_table = between(attained, people.death_ages_years.tolist(), rates.tolist())
        found["death.base"] = life_table + self.parameters[f"base.death.{self.sex}"]
        return found

    def probabilities(
        self,
        t_score: float,
        bmi: float,
        factors: Mapping[str, float],
        doubts: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> tuple[float, float]:
        """Hip and major within 10 years; ``doubts`` move the log-hazards of the three causes."""
        parameters = self.parameters
        square = hinge(T_BEND - t_score, T_BEND_WIDTH) ** 2
        present = [name for name in (*STRAIGHT, PARENT) if factors[name]]
        fixed_hip, fixed_other, fixed_death = (
            self._bmi(cause, bmi) + doubt
            for cause, doubt in zip(("hip", "other", "death"), doubts, strict=True)
        )
        fixed_death += parameters["death.t_score"] * (self.mean_t - t_score)
        for name in present:
            fixed_death += parameters.get(f"death.{name}", 0.0)
        survival = [1.0, 1.0]
        cumulative = [0.0, 0.0]
        for step in self.steps:
            logs = []
            for cause, fixed in (("hip", fixed_hip), ("other", fixed_other)):
                log = step[f"{cause}.base"] + step[f"{cause}.slope"] * (REFERENCE_T - t_score)
                log += step[f"{cause}.bend"] * square + fixed
                for name in present:
                    log += step[f"{cause}.{name}"]
                logs.append(log)
            hip = math.exp(logs[0])
            major = hip + math.exp(logs[1])
            death = math.exp(step["death.base"] + fixed_death)
            for index, hazard in enumerate((hip, major)):
                total = hazard + death
                after = survival[index] * math.exp(-STEP_YEARS * total)
                cumulative[index] += (survival[index] - after) * hazard / total
                survival[index] = after
        return cumulative[0], cumulative[1]

    def _bmi(self, cause: str, bmi: float) -> float:
        below, above, level_from = bmi_effects(self.parameters, cause, self.sex)
        start = BMI_ABOVE_FROM_KG_M2[cause]
        beyond = _beyond(bmi - start, REFERENCE_BMI_KG_M2 - start)
        beyond -= hinge(bmi - level_from, BMI_BEND_WIDTH_KG_M2)
        return below * _beyond(REFERENCE_BMI_KG_M2 - bmi, 0.0) + above * beyond


def bmi_effects(parameters: Parameters, cause: str, sex: str) -> tuple[float, float, float]:
    """Per kg/m2 below 25, per kg/m2 above where it begins, and where it ends."""
    names = (f"{cause}.bmi_below_25", f"{cause}.bmi_above{'_30' if cause == 'death' else ''}")
    below, above = (parameters.get(f"{name}.{sex}", parameters.get(name, 0.0)) for name in names)
    return below, above, parameters.get(f"{cause}.bmi_level_from", NEVER_KG_M2)


def between(x: float, knots: Sequence[float], heights: Sequence[float]) -> float:
    """Straight lines between knots, level beyond."""
    if x <= knots[0]:
        return heights[0]
    for left, right, low, high in zip(knots, knots[1:], heights, heights[1:], strict=False):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return heights[-1]


def hinge(x: float, width: float) -> float:
    scaled = x / width
    return width * (max(scaled, 0.0) + math.log1p(math.exp(-abs(scaled))))


def _beyond(x: float, at_reference: float) -> float:
    return hinge(x, BMI_BEND_WIDTH_KG_M2) - hinge(at_reference, BMI_BEND_WIDTH_KG_M2)


def bare_numpy(rows: Factors, people: Population, parameters: Parameters) -> Array:
    """All rows at once, one array operation per term and step; shape (2, n), hip first."""
    found = np.empty((2, len(rows.age_years)))
    for sex, chosen in (("female", rows.female > 0.5), ("male", rows.female <= 0.5)):
        columns = {name: getattr(rows, name)[chosen] for name in Factors.__dataclass_fields__}
        found[:, chosen] = _bare_numpy_of(sex, columns, people, parameters)
    return found


def _bare_numpy_of(
    sex: str, rows: Mapping[str, Array], people: Population, parameters: Parameters
) -> Array:
    age, t_score, bmi = rows["age_years"], rows["femoral_neck_t_score"], rows["bmi_kg_m2"]
    square = (T_BEND_WIDTH * np.logaddexp(0.0, (T_BEND - t_score) / T_BEND_WIDTH)) ** 2
    mean_t = (
        parameters[f"t_score.at_65.{sex}"]
        + parameters[f"t_score.per_decade.{sex}"] * (age - 65) / 10
        + parameters[f"t_score.age_bend.{sex}"] * ((age - 65) / 10) ** 2
    )

    def beyond(x: Array, at_reference: float) -> Array:
        width = BMI_BEND_WIDTH_KG_M2
        at = np.logaddexp(0.0, at_reference / width)
        return np.asarray(width * (np.logaddexp(0.0, x / width) - at))

    def along(family: str, knots: Sequence[float], attained: Array) -> Array:
        return np.interp(attained, knots, [parameters[f"{family}.{knot}"] for knot in knots])

    def bmi_term(cause: str) -> Array:
        below, above, level_from = bmi_effects(parameters, cause, sex)
        start, width = BMI_ABOVE_FROM_KG_M2[cause], BMI_BEND_WIDTH_KG_M2
        high = beyond(bmi - start, REFERENCE_BMI_KG_M2 - start)
        high = high - width * np.logaddexp(0.0, (bmi - level_from) / width)
        return np.asarray(below * beyond(REFERENCE_BMI_KG_M2 - bmi, 0.0) + above * high)

    bmi_terms = {cause: bmi_term(cause) for cause in ("hip", "other")}
    death_fixed = bmi_term("death") + parameters[f"base.death.{sex}"]
    death_fixed = death_fixed + parameters["death.t_score"] * (mean_t - t_score)
    for name in (*STRAIGHT, PARENT):
        death_fixed = death_fixed + parameters.get(f"death.{name}", 0.0) * rows[name]
    survival, cumulative = np.ones((2, len(age))), np.zeros((2, len(age)))
    for step in range(STEPS):
        attained = age + (step + 0.5) * STEP_YEARS
        hazards = {}
        for cause in ("hip", "other"):
            log = along(f"base.{cause}.{sex}", BASE_KNOTS_YEARS, attained) + bmi_terms[cause]
            slope = along(f"{cause}.t_score.{sex}", SLOPE_KNOTS_YEARS, attained)
            log = log + slope * (REFERENCE_T - t_score)
            log = log + along(f"{cause}.t_score_bend", EFFECT_KNOTS_YEARS, attained) * square
            for name in STRAIGHT:
                log = log + along(f"{cause}.{name}", EFFECT_KNOTS_YEARS, attained) * rows[name]
            log = log + along(f"{cause}.{PARENT}", PARENT_KNOTS, age) * rows[PARENT]
            hazards[cause] = np.exp(log)
        death = np.exp(people.log_death_hazard(sex, attained) + death_fixed)
        for index, hazard in enumerate((hazards["hip"], hazards["hip"] + hazards["other"])):
            total = hazard + death
            left = survival[index] * np.exp(-STEP_YEARS * total)
            cumulative[index] += (survival[index] - left) * hazard / total
            survival[index] = left
    return cumulative
