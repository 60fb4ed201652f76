"""The model's answers to many cases of FRAX at once, population by population."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    CauseTerms,
    Parameters,
    log_hazard,
    mean_t_score,
    terms,
)
from riskapp.risk.missing import T_REACH_SD, T_SPACING
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS
from riskapp.training.evidence.frax_cases import Case

Array = npt.NDArray[np.float64]

# T-scores that stand in for the normal distribution where BMD is not known, in SD of the mean: as
# far apart as the engine's own.
T_NODES: Array = np.arange(-T_REACH_SD, T_REACH_SD + T_SPACING / 2, T_SPACING)
T_WEIGHTS: Array = np.exp(-(T_NODES**2) / 2) / np.exp(-(T_NODES**2) / 2).sum()


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of one population and sex: every choice of factors, every node of unknown T."""

    population: Population
    sex: str
    age_years: Array  # shape (rows,)
    bmi_kg_m2: Array
    factors: Mapping[str, Array]
    t_score: Array  # known T-score, or how far from the mean in SD
    t_known: npt.NDArray[np.bool_]
    shares: csr_matrix  # (cases, rows): weight of each row in each case

    def answer(self, parameters: Parameters) -> tuple[Array, Array]:
        """Major and hip, shape (rows,)."""
        ages, row = np.unique(self.age_years, return_inverse=True)
        pieces = terms(parameters, self.population, self.sex, ages[:, None], STEP_MIDDLES_YEARS)
        mean = mean_t_score(parameters, self.sex, self.age_years, self.bmi_kg_m2, self.factors)
        t_score = np.where(self.t_known, self.t_score, mean + self.t_score)[:, None]
        present = {name: values[:, None] for name, values in self.factors.items()}
        hip, other, death = (
            np.exp(
                log_hazard(
                    _of_rows(cause, row),
                    pieces.mean_t[row],
                    t_score,
                    self.bmi_kg_m2[:, None],
                    present,
                )
            )
            for cause in (pieces.hip, pieces.other, pieces.death)
        )
        return (
            cumulative_incidence(hip + other, death, STEP_YEARS)[:, -1],
            cumulative_incidence(hip, death, STEP_YEARS)[:, -1],
        )


def _of_rows(cause: CauseTerms, row: npt.NDArray[np.intp]) -> CauseTerms:
    def taken(values: Array) -> Array:
        return values[row] if values.ndim > 1 else values

    return replace(
        cause,
        base=taken(cause.base),
        t_slope=taken(cause.t_slope),
        t_bend=taken(cause.t_bend),
        factors={name: taken(effect) for name, effect in cause.factors.items()},
    )


class CaseAnswers:
    """Answers to a fixed list of cases under changing parameters."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = tuple(cases)
        who = sorted({(case.population, case.sex) for case in cases})
        self._blocks = [self._block(code, sex) for code, sex in who]
        self.populations = tuple(sorted({code for code, _ in who}))

    def _block(self, code: str, sex: str) -> _Block:
        owner, share, rows = [], [], []
        for index, case in enumerate(self.cases):
            if (case.population, case.sex) != (code, sex):
                continue
            known = case.t_score is not None
            nodes = [(case.t_score, 1.0)] if known else list(zip(T_NODES, T_WEIGHTS, strict=True))
            for chosen in case.factors:
                for t_score, weight in nodes:
                    owner.append(index)
                    share.append(weight / len(case.factors))
                    rows.append(
                        [case.age_years, case.bmi_kg_m2, t_score, float(known)]
                        + [float(name in chosen) for name in FACTORS]
                    )
        age, bmi, t_or_z, t_known, *present = np.array(rows, dtype=float).T
        return _Block(
            population=population(code),
            sex=sex,
            age_years=age,
            bmi_kg_m2=bmi,
            factors=dict(zip(FACTORS, present, strict=True)),
            t_score=t_or_z,
            t_known=t_known > 0,
            shares=csr_matrix(
                (share, (owner, np.arange(len(owner)))), shape=(len(self.cases), len(owner))
            ),
        )

    def probabilities(
        self, parameters: Mapping[str, Parameters], only: Collection[str] | None = None
    ) -> tuple[Array, Array]:
        """10-year probabilities (major, hip), each shape (cases,).

        Parameters
        ----------
        parameters : mapping of population code to parameters
        only : collection of str, optional
            Populations to answer for; cases of others get NaN.
        """
        major, hip = np.full((2, len(self.cases)), np.nan)
        for block in self._blocks:
            code = block.population.code
            if only is not None and code not in only:
                continue
            chosen = [
                index
                for index, case in enumerate(self.cases)
                if (case.population, case.sex) == (code, block.sex)
            ]
            of_major, of_hip = block.answer(parameters[code])
            major[chosen] = (block.shares @ of_major)[chosen]
            hip[chosen] = (block.shares @ of_hip)[chosen]
        return major, hip
