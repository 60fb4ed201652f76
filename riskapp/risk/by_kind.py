"""The evidence's answers about many people of a few kinds, as columns.

What is said of people of one kind is said once, and the probabilities of all are summed together.
They are those of ``EvidenceEngine`` within rounding (1e-12), without interval or reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk import bone_measurements, predicting
from riskapp.risk.bone_density import Site, t_score_at
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.grid_hazards import NO_HAZARD
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.hazards import Factors
from riskapp.risk.kinds import AGE, BMI, T_SCORE, Kind, People, grouped
from riskapp.risk.limits import T_SCORE_TOLERANCE
from riskapp.risk.many import incidence_of_many
from riskapp.risk.many_incomplete import Incomplete, incidence_of_incomplete
from riskapp.risk.many_measurements import surely_usual
from riskapp.risk.many_modifiers import Beside
from riskapp.risk.missing import INPUTS
from riskapp.risk.modifier_words import ROUNDING
from riskapp.risk.modifiers_by_kind import beside
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS, RiskProfile

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class EvidenceByKind:
    """The engine "evidence"."""

    engine: EvidenceEngine

    def takes(self, people: People, options: EstimateOptions) -> Flags:
        """Who can be answered together with others: everybody."""
        return np.ones(len(people), dtype=np.bool_)

    def kind_of(self, profile: RiskProfile, options: EstimateOptions) -> Kind:
        """The kind of a person, with what is said of this one.

        Raises
        ------
        RiskError
            As ``EvidenceEngine.estimate`` does.
        """
        people, evidence = self.engine.answering_for(profile, options)
        known = predicting.inputs_counted(profile, options)
        return Kind(
            population=evidence.population,
            sex=profile.sex.value,
            made_by=profile.dxa_manufacturer,
            counts=frozenset(known.modifiers.used),
            warnings=predicting.warnings(
                profile, options, people, evidence, f"evidence set {evidence.name}", known=known
            ),
        )

    def said_alike(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> tuple[People, Sequence[Kind], Flags, Flags]:
        """As ``said_alike``, with the kinds, which stay as they are."""
        people, agree, plain = said_alike(people, kinds)
        return people, kinds, agree, plain

    def unknown(self, people: People) -> tuple[list[tuple[str, ...]], Positions]:
        """What is not known, as in ``RiskEstimate``: different ones, and whose each is."""
        return unknown_of(people, INPUTS)

    def probabilities(
        self, people: People, kinds: Sequence[Kind], options: EstimateOptions
    ) -> Floats:
        """Of hip and of major fracture within ten years, shape (2, n); hip first."""
        evidence, as_no = self.engine.evidence_set, options.unknown_as_no
        return probabilities(people, kinds, evidence, unknown_as_no=as_no)


def said_alike(people: People, kinds: Sequence[Kind]) -> tuple[People, Flags, Flags]:
    """Of whom nothing is said but what is said of their kind.

    Returns
    -------
    People
        With the T-scores that count.
    ndarray of bool, shape (n,)
        Whether their densities and T-scores surely agree: else they may be refused.
    ndarray of bool, shape (n,)
        Of these, whether nothing of their own is said.
    """
    people, agree = _with_density(people, kinds)
    found = np.empty(len(people), dtype=np.bool_)
    measurements = bone_measurements.family().names
    of_kind = [(kind.sex, tuple(n for n in measurements if n in kind.counts)) for kind in kinds]
    for (sex, measured), chosen in grouped(of_kind, people.kinds):
        few = people.chosen(chosen)
        found[chosen] = surely_usual(
            measured, few.columns, sex, few.column(AGE), few.column(BMI), few.column(T_SCORE)
        )
    return people, agree, agree & found


def _with_density(people: People, kinds: Sequence[Kind]) -> tuple[People, Flags]:
    """The T-scores that count: from a bone density where it is given.

    Returns
    -------
    People
    ndarray of bool, shape (n,)
        Whether T-scores that are given too surely agree.
    """
    agree = np.ones(len(people), dtype=np.bool_)
    makers = grouped([kind.made_by for kind in kinds], people.kinds)
    for site in Site:
        density = people.columns.get(f"{site}_bmd_g_cm2")
        if density is None:
            continue
        t_score = people.column(f"{site}_t_score").copy()
        for made_by, chosen in makers:
            if made_by is None:
                continue
            implied = t_score_at(site, density[chosen], made_by)
            if implied is not None:
                apart = np.abs(implied - t_score[chosen])
                agree[chosen] &= np.isnan(apart) | (apart < T_SCORE_TOLERANCE - ROUNDING)
                t_score[chosen] = np.where(np.isnan(implied), t_score[chosen], implied)
        people = people.having(**{f"{site}_t_score": t_score})
    return people, agree


def unknown_of(people: People, names: Sequence[str]) -> tuple[list[tuple[str, ...]], Positions]:
    """Which of these fields are not known: the different ones, and whose each is."""
    codes = np.zeros(len(people), dtype=np.intp)
    for name in names:
        codes = 2 * codes + np.isnan(people.column(name))
    different, place = np.unique(codes, return_inverse=True)
    last = len(names) - 1
    told = [
        tuple(name for at, name in enumerate(names) if code >> (last - at) & 1)
        for code in different.tolist()
    ]
    return told, place


def probabilities(
    people: People, kinds: Sequence[Kind], evidence: str, *, unknown_as_no: bool
) -> Floats:
    """Probability of hip and of major fracture within ten years, shape (2, n); hip first.

    Parameters
    ----------
    evidence : str
        Name of the evidence set.
    """
    if unknown_as_no:
        people = people.known_as_no(FACTORS)
    added = beside(people, kinds, evidence)
    found = np.empty((2, len(people)))
    different, of_person = unknown_of(people, INPUTS)
    known = [(kind.population, kind.sex) for kind in kinds]
    for (code, sex), chosen in grouped(known, people.kinds):
        parameters = evidence_set(evidence, code).parameters
        for unknown, place in grouped(different, of_person[chosen]):
            few = chosen[place]
            for part in _equally_precise(few, added) if T_SCORE in unknown else [few]:
                rows = _rows(people.chosen(part), unknown, added and added.chosen(part))
                found[:, part] = _probabilities(rows, sex, population(code), parameters)
    return found


def _equally_precise(rows: Positions, added: Beside | None) -> list[Positions]:
    """Those of whom measurements tell the neck equally well: its likely values lie as wide."""
    if added is None:
        return [rows]
    precision = added.precision[rows]
    return [rows[precision == one] for one in np.unique(precision)]


def _rows(people: People, unknown: tuple[str, ...], added: Beside | None) -> Incomplete:
    return Incomplete(
        people.column(AGE),
        {name: people.column(name) for name in FACTORS if name not in unknown},
        None if BMI in unknown else people.column(BMI),
        None if T_SCORE in unknown else people.column(T_SCORE),
        added,
    )


def _probabilities(
    rows: Incomplete, sex: str, people: Population, parameters: Parameters
) -> Floats:
    if set(rows.unknown) - {NO_HAZARD} or rows.bmi_kg_m2 is None or rows.t_score is None:
        return incidence_of_incomplete(rows, sex, people, parameters)
    known = {AGE: rows.age_years, BMI: rows.bmi_kg_m2, T_SCORE: rows.t_score, **rows.factors}
    everybody = People(np.zeros(len(rows.age_years), dtype=np.intp), known)
    factors = complete(everybody, sex)
    return incidence_of_many(factors, people, parameters, rows.beside)[:, -1]


def complete(people: People, sex: str) -> Factors:
    """Rows of people of one sex of whom all that acts is known.

    Beside a T-score a cause of low density changes nothing: not known, it counts as no.
    """
    return Factors(
        age_years=people.column(AGE),
        female=np.full(len(people), float(sex == "female")),
        bmi_kg_m2=people.column(BMI),
        femoral_neck_t_score=people.column(T_SCORE),
        **{name: np.nan_to_num(people.column(name)) for name in FACTORS},
    )
