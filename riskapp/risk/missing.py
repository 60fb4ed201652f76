"""What is not known, integrated over: its distribution given what is known.

Given age and sex the yes/no factors and the body mass index are independent but for what a
population's people are known to have together; the femoral-neck T-score is normal with SD 1 about
a mean that depends on all of them. Knowing the T-score therefore changes what is likely of the
rest, by Bayes' rule over the same sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_density import Site
from riskapp.risk.hazard_terms import Parameters, mean_t_score
from riskapp.risk.modifiers import NONE, Modifiers
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.together import Together

Array = npt.NDArray[np.float64]
Numbers = TypeVar("Numbers", npt.NDArray[np.float64], npt.NDArray[np.intp])

BMI, T_SCORE = "body_mass_index", "femoral_neck_t_score"
INPUTS = (*FACTORS, BMI, T_SCORE)
# Gauss-Hermite nodes for the logarithm of body mass index.
BMI_NODES = 19
BMI_Z, _unscaled = np.polynomial.hermite_e.hermegauss(BMI_NODES)
BMI_WEIGHTS: Array = _unscaled / _unscaled.sum()
# The T-score is summed over evenly spaced nodes: for a normal density times a smooth function
# this is as exact as any rule (the error falls as exp(-2 (pi / spacing)^2)).
T_SPACING = 0.75
T_REACH_SD = 5.25


@dataclass(frozen=True, slots=True)
class Known:
    """The inputs of the evidence engine; None is not known.

    ``modifiers`` are further answers that move the hazards (``modifiers.known_modifiers``).
    """

    age_years: float
    sex: str
    factors: Mapping[str, bool | None]
    bmi_kg_m2: float | None
    t_score: float | None
    modifiers: Modifiers = NONE

    def is_known(self, name: str) -> bool:
        if name == BMI:
            return self.bmi_kg_m2 is not None
        return self.t_score is not None if name == T_SCORE else self.factors[name] is not None

    def value(self, name: str) -> float | bool | None:
        if name == BMI:
            return self.bmi_kg_m2
        return self.t_score if name == T_SCORE else self.factors[name]

    @property
    def players(self) -> tuple[str, ...]:
        return tuple(name for name in INPUTS if self.is_known(name))

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(name for name in INPUTS if not self.is_known(name))


def known_inputs(profile: RiskProfile) -> Known:
    """What of a profile the engine uses."""
    return Known(
        age_years=profile.age_years,
        sex=profile.sex.value,
        factors={name: getattr(profile, name) for name in FACTORS},
        bmi_kg_m2=profile.bmi_kg_m2,
        t_score=profile.t_score(Site.FEMORAL_NECK),
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of inputs that is summed over.

    Attributes
    ----------
    factors : tuple of ndarray, one for each of ``FACTORS``
        (0, 1) where it is summed over, else the known value alone; on a full grid (0, 1, 1)
        where more is told of a factor that makes it another, which belongs to the last.
    bmi_kg_m2, t_score : ndarray
        Nodes; on a full grid the known value, if any, comes last.
    weights : ndarray, one axis for each of ``INPUTS``
        Joint weight of each combination; along the last axis a known T-score has its density.
        A factor as it is told has that of the factor, which stands there once (``as_often``).
    """

    factors: tuple[Array, ...]
    bmi_kg_m2: Array
    t_score: Array
    weights: Array


def grid(
    known: Known, people: Population, parameters: Parameters, *, full: bool, t_sd: float = 1.0
) -> Grid:
    """Lay out the combinations.

    Parameters
    ----------
    full : bool
        False: known inputs are fixed, unknown ones summed over. True: every input is summed
        over and known values stand beside their nodes, so that any of them can be forgotten.
    t_sd : float
        Standard deviation of the T-score about its mean, where it is not the published 1.
    """
    both = np.array([0.0, 1.0])
    factors, marginals = [], []
    for name in FACTORS:
        answer = known.factors[name]
        if answer is None or full:
            prevalence = people.people.prevalence(name, known.sex, known.age_years)
            factors.append(both)
            marginals.append(np.array([1 - prevalence, prevalence]))
        else:
            factors.append(np.array([float(answer)]))
            marginals.append(np.ones(1))
    bmi, bmi_weights = _bmi_nodes(known, people, full)
    means = _means(known, parameters, factors, bmi)
    # The longest axis last: what is before it is small.
    chances = _along(bmi_weights, len(FACTORS))
    for axis, marginal in enumerate(marginals):
        chances = chances * _along(marginal, axis)
    if people.people.together is not None:
        chances = chances * _together(known, people.people.together, people, factors, bmi)
    t_score, weights = _t_nodes(known, means, chances, full, t_sd)
    if full:
        described = known.modifiers.described
        factors = [np.append(both, 1.0) if name in described else both for name in FACTORS]
    return Grid(tuple(factors), bmi, t_score, weights)


def as_often(values: Numbers, shape: tuple[int, ...]) -> Numbers:
    """What a full grid holds, with each axis of factors as long as it is with what is told of them.

    A factor as it is told is as likely as the factor is.
    """
    for axis, length in enumerate(shape):
        if length > values.shape[axis]:
            values = np.repeat(values, (1, 2), axis=axis)
    return values


def _together(
    known: Known, found: Together, people: Population, factors: list[Array], bmi: Array
) -> Array:
    """How much likelier than by chance each combination is, beside one another's prevalence."""
    sex, age = known.sex, known.age_years
    common = {name: people.people.prevalence(name, sex, age) for name in FACTORS}
    rows, columns = (FACTORS.index(name) for name in found.pair)
    pair = found.pair_ratios(*(common[name] for name in found.pair))
    present = [values.astype(int) for values in factors]
    by_pair = pair[present[rows][:, None], present[columns][None, :]]
    mean, sd = people.people.mean_log_bmi[sex].at(age), people.people.sd_log_bmi[sex]
    leaner = FACTORS.index(found.leaner)
    by_bmi = found.bmi_ratios(np.log(bmi), mean, sd, sex, common[found.leaner])[present[leaner]]
    return _across(by_pair, rows, columns) * _across(by_bmi, leaner, len(FACTORS))


def _across(values: Array, rows: int, columns: int) -> Array:
    """A table laid along two axes, the earlier one first."""
    shape = [1] * len(INPUTS)
    if rows > columns:
        rows, columns, values = columns, rows, values.T
    shape[rows], shape[columns] = values.shape
    return values.reshape(shape)


def told_of_t(known: Known) -> tuple[float, float]:
    """The T-score that other measurements of bone point to, and with what precision."""
    bone = known.modifiers.bone
    return (0.0, 0.0) if bone is None else (bone.likely_t, bone.precision)


def _along(values: Array, axis: int) -> Array:
    return values.reshape([-1 if axis == other else 1 for other in range(len(INPUTS))])


def _bmi_nodes(known: Known, people: Population, full: bool) -> tuple[Array, Array]:
    given = known.bmi_kg_m2
    if given is not None and not full:
        return np.array([given]), np.ones(1)
    mean = people.people.mean_log_bmi[known.sex].at(known.age_years)
    nodes = np.exp(mean + people.people.sd_log_bmi[known.sex] * BMI_Z)
    if given is None:
        return nodes, BMI_WEIGHTS
    return np.append(nodes, given), np.append(BMI_WEIGHTS, 1.0)


def _means(known: Known, parameters: Parameters, factors: list[Array], bmi: Array) -> Array:
    """Mean T-score of every combination, with a last axis of length 1."""
    return mean_t_score(
        parameters,
        known.sex,
        np.asarray(known.age_years),
        _along(bmi, len(FACTORS)),
        {name: _along(values, axis) for axis, (name, values) in enumerate(_named(factors))},
    )


def _named(factors: list[Array]) -> list[tuple[str, Array]]:
    return list(zip(FACTORS, factors, strict=True))


def _t_nodes(
    known: Known, means: Array, chances: Array, full: bool, t_sd: float
) -> tuple[Array, Array]:
    """T-scores and the weights of every combination; other measurements of bone move them.

    Both are normal in T, so the T-score given the measurements has a known mean and SD for each
    combination of the rest, and the combination itself a known weight.

    Parameters
    ----------
    means, chances : ndarray
        Mean T-score of every combination of the rest, and how likely it is; last axis of length 1.
    """
    given = known.t_score
    if given is not None and not full:
        return np.array([given]), _at(given, means, chances, t_sd)
    from riskapp.risk.compiled_weights import normal_weights

    likely, precision = told_of_t(known)
    own = 1 / t_sd**2
    variance = 1 / (own + precision)
    centres, sd = variance * (own * means + precision * likely), np.sqrt(variance)
    spacing = T_SPACING * sd
    low = np.floor((centres.min() - T_REACH_SD * sd) / spacing)
    high = np.ceil((centres.max() + T_REACH_SD * sd) / spacing)
    nodes = spacing * np.arange(low, high + 1)
    log_fit = -(own * precision * variance) * (likely - means) ** 2 / 2
    sums = chances * np.exp(log_fit - log_fit.max())
    weights = np.empty((centres.size, len(nodes) + (given is not None)))
    normal_weights(nodes, centres.ravel(), variance, sums.ravel(), weights)
    if given is not None:
        nodes = np.append(nodes, given)
        weights[:, -1] = _at(given, means, chances, t_sd).ravel()
    return nodes, weights.reshape(*centres.shape[:-1], len(nodes))


def _at(t_score: float, means: Array, chances: Array, t_sd: float) -> Array:
    """Weights of a known T-score, but for a factor."""
    return np.asarray(chances * np.exp(-(((t_score - means) / t_sd) ** 2) / 2))


def ways(name: str, known: Known) -> list[slice]:
    """Nodes of a full grid: those that stand for all, and apart from them what is known."""
    return [slice(-1), slice(-1, None)] if known.is_known(name) else [slice(None)]
