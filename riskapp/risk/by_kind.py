"""The evidence's answers about many people of a few kinds, as columns.

People of one kind share every answer but age, body mass index and T-score: what is said of them is
said once, and their probabilities are summed together. They are those of ``EvidenceEngine`` within
rounding (1e-12), without interval or reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk import predicting, published
from riskapp.risk.bone_density import DxaManufacturer, Site, t_score_at
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.grid_hazards import NO_HAZARD
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.hazards import Factors
from riskapp.risk.limits import RANGES, T_SCORE_TOLERANCE
from riskapp.risk.many import incidence_of_many
from riskapp.risk.many_incomplete import Incomplete, incidence_of_incomplete
from riskapp.risk.missing import known_inputs
from riskapp.risk.modifier_reading import counted
from riskapp.risk.modifier_words import ROUNDING, neck_surely_usual
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS, TIMES, RiskProfile

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Kind:
    """What people of one kind have in common.

    Attributes
    ----------
    population, sex : str
    made_by : DxaManufacturer or None
        Whose scale a bone density is on.
    factors : tuple of float, one for each of ``FACTORS``
        1 yes, 0 no, NaN not known.
    unknown, warnings : tuple of str
        As in ``RiskEstimate``.
    """

    population: str
    sex: str
    made_by: DxaManufacturer | None
    factors: tuple[float, ...]
    unknown: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """n people of some kinds.

    Attributes
    ----------
    kinds : ndarray of int, shape (n,)
        Positions among the kinds.
    age_years, bmi_kg_m2, t_score, neck_bmd_g_cm2 : ndarray, shape (n,)
        NaN where not known; T-score and bone density are of the femoral neck.
    """

    kinds: Positions
    age_years: Floats
    bmi_kg_m2: Floats
    t_score: Floats
    neck_bmd_g_cm2: Floats

    def chosen(self, which: Flags | Positions) -> "People":
        """Some of them."""
        return People(**{each.name: getattr(self, each.name)[which] for each in fields(self)})


def ages_told_apart() -> tuple[float, ...]:
    """Ages in years, rising, at which what is said beside an answer changes in some population."""
    found = {
        one.hip_incidence.from_age_years
        for one in map(population, published.names("populations"))
        if one.hip_incidence is not None
    }
    return tuple(sorted(found))


def kind_of(profile: RiskProfile, engine: EvidenceEngine, options: EstimateOptions) -> Kind | None:
    """The kind of a person; None where people like this are answered one by one.

    So are those of whom a modifier is given: whether it counts, and what it makes of a number,
    rests on the numbers too.

    Raises
    ------
    RiskError
        As ``EvidenceEngine.estimate`` does.
    """
    people, evidence = engine.answering_for(profile, options)
    if any(getattr(profile, name) is not None for name in counted()) or _long(profile):
        return None
    known = predicting.inputs_counted(profile, options)
    return Kind(
        population=evidence.population,
        sex=profile.sex.value,
        made_by=profile.dxa_manufacturer,
        factors=tuple(np.nan if (on := known.factors[name]) is None else on for name in FACTORS),
        unknown=known_inputs(profile).unknown,
        warnings=predicting.warnings(
            profile, options, people, evidence, f"evidence set {evidence.name}", known=known
        ),
    )


def _long(profile: RiskProfile) -> bool:
    """Whether a time is given that the youngest cannot have had."""
    youngest = RANGES["age_years"].low
    given = [(getattr(profile, name), per_year) for name, per_year in TIMES.items()]
    return any(value is not None and value / per_year > youngest for value, per_year in given)


def with_density(people: People, kinds: Sequence[Kind]) -> tuple[People, Flags]:
    """The T-scores that count: from a bone density where it is given.

    Returns
    -------
    People
    ndarray of bool, shape (n,)
        Whether a T-score that is given too surely agrees.
    """
    t_score, agree = people.t_score.copy(), np.ones(len(people.kinds), dtype=np.bool_)
    for made_by in DxaManufacturer:
        of_these = np.array([kind.made_by is made_by for kind in kinds], dtype=np.bool_)
        chosen = np.flatnonzero(of_these[people.kinds] & ~np.isnan(people.neck_bmd_g_cm2))
        different, place = np.unique(people.neck_bmd_g_cm2[chosen], return_inverse=True)
        implied = np.array(
            [t_score_at(Site.FEMORAL_NECK, bmd, made_by) for bmd in different.tolist()],
            dtype=np.float64,
        )[place]
        apart = np.abs(implied - t_score[chosen])
        agree[chosen] = np.isnan(apart) | (apart < T_SCORE_TOLERANCE - ROUNDING)
        t_score[chosen] = implied
    return replace(people, t_score=t_score), agree


def said_alike(people: People, kinds: Sequence[Kind]) -> Flags:
    """Of whom nothing is said but what is said of their kind, shape (n,)."""
    female = np.array([kind.sex == "female" for kind in kinds], dtype=np.bool_)[people.kinds]
    found = np.empty(len(female), dtype=np.bool_)
    for sex, chosen in (("female", female), ("male", ~female)):
        few = people.chosen(chosen)
        found[chosen] = neck_surely_usual(sex, few.age_years, few.bmi_kg_m2, few.t_score)
    return found


def probabilities(people: People, kinds: Sequence[Kind], evidence: str) -> Floats:
    """Probability of hip and of major fracture within ten years, shape (2, n); hip first.

    Parameters
    ----------
    evidence : str
        Name of the evidence set.
    """
    found = np.empty((2, len(people.kinds)))
    factors = np.array([kind.factors for kind in kinds], dtype=np.float64)
    known_alike: dict[tuple[str, str, tuple[bool, ...]], int] = {}
    group = np.array(
        [
            known_alike.setdefault((kind.population, kind.sex, blank), len(known_alike))
            for kind, blank in zip(kinds, map(tuple, np.isnan(factors).tolist()), strict=True)
        ],
        dtype=np.intp,
    )[people.kinds]
    group = 4 * group + 2 * np.isnan(people.bmi_kg_m2) + np.isnan(people.t_score)
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=4 * len(known_alike))
    ends = np.cumsum(sizes)
    told = product(known_alike, (False, True), (False, True))
    for ((code, sex, blank), no_bmi, no_t_score), size, end in zip(told, sizes, ends, strict=True):
        if not size:
            continue
        chosen = order[end - size : end]
        few = people.chosen(chosen)
        given = zip(FACTORS, blank, factors[few.kinds].T, strict=True)
        rows = Incomplete(
            few.age_years,
            {name: values for name, unknown, values in given if not unknown},
            None if no_bmi else few.bmi_kg_m2,
            None if no_t_score else few.t_score,
        )
        parameters = evidence_set(evidence, code).parameters
        found[:, chosen] = _probabilities(rows, sex, population(code), parameters)
    return found


def _probabilities(
    rows: Incomplete, sex: str, people: Population, parameters: Parameters
) -> Floats:
    # Beside a T-score, a cause of low density changes nothing.
    if set(rows.unknown) - {NO_HAZARD} or rows.bmi_kg_m2 is None or rows.t_score is None:
        return incidence_of_incomplete(rows, sex, people, parameters)
    none = np.zeros(len(rows.age_years))
    complete = Factors(
        age_years=rows.age_years,
        female=np.full(len(none), float(sex == "female")),
        bmi_kg_m2=rows.bmi_kg_m2,
        femoral_neck_t_score=rows.t_score,
        **{name: rows.factors.get(name, none) for name in FACTORS},
    )
    return incidence_of_many(complete, people, parameters)[:, -1]
