"""A log hazard ratio that is a sum of terms: what the Cox engine learns, in plain arrays.

Beside the evidence the terms say how far a cohort departs from it, and the evidence's own doubts
say how far it may: they are the prior. The same terms carry the doubt of every learned engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.profile import FACTORS

Value = Callable[[Floats, Floats, Floats], Floats]  # of the column, age in years, female (0 or 1)


class Term(NamedTuple):
    """One covariate: what one column says at an age and sex.

    Attributes
    ----------
    doubt : str
        The evidence's family of effects (``evidence_sets``) whose doubt is the term's prior.
    sd : float
        Of the prior: as a multiple of that doubt, or as it is where no doubt is published.
    alone : bool
        Whether only an engine without evidence to start from needs it.
    """

    name: str
    column: str
    value: Value
    doubt: str
    sd: float
    alone: bool = False


# Normal prior on what is not among the evidence's doubts, per unit of the term (assumption): two
# thirds of such departures lie between hazard ratios of 0.9 and 1.1 per decade or per factor.
UNPUBLISHED_SD = 0.1
# A change of an effect with age or sex is as doubtful as half the effect itself (assumption).
HALF = 0.5


def _plain(x: Floats, age: Floats, female: Floats) -> Floats:
    return x


def _by_age(x: Floats, age: Floats, female: Floats) -> Floats:
    return x * (age - 70) / 10


def _by_female(x: Floats, age: Floats, female: Floats) -> Floats:
    return x * female


def _above(knot: float) -> Value:
    return lambda x, age, female: np.maximum(age - knot, 0.0) / 10


def _by_age_above(knot: float) -> Value:
    return lambda x, age, female: x * np.maximum(age - knot, 0.0) / 10


def _t_score(x: Floats, age: Floats, female: Floats) -> Floats:
    # A doubtful gradient turns where the evidence knows its base best: about the mean T-score of
    # the age and sex, which in women falls by about half a unit in ten years from -1.2 at 65 and
    # in men by half of that from -0.6 (NHANES III; rounded, as only the turning point follows).
    mean = np.where(female > 0.5, -1.2 - 0.05 * (age - 65), -0.6 - 0.025 * (age - 65))
    return np.asarray(x - mean)


# Where effects bend or change with age is taken from the published tables, not searched for in
# the cohort: BMI bends at 25 (De Laet 2005, Osteoporos Int 16:1330), the T-score gradient of
# other major fractures at -1 and that of hip fracture falls with age (Johnell 2005, JBMR
# 20:1185), prior fracture (Kanis 2004, Bone 35:375) and glucocorticoids (Kanis 2004, JBMR
# 19:893) weaken with age.
_CHANGING = ("prior_fragility_fracture", "parent_hip_fracture", "current_smoker", "glucocorticoids")
TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        Term("age", "age_years", lambda x, age, female: (age - 70) / 10, "", UNPUBLISHED_SD),
        *(
            Term(f"age above {knot}", "age_years", _above(knot), "", UNPUBLISHED_SD)
            for knot in (60, 75)
        ),
        *(
            Term(f"age above {knot}", "age_years", _above(knot), "", UNPUBLISHED_SD, alone=True)
            for knot in (50, 70, 80)
        ),
        Term("female", "female", _plain, "", UNPUBLISHED_SD),
        Term("female by age", "female", _by_age, "", UNPUBLISHED_SD),
        Term(
            "female by age above 75",
            "female",
            lambda x, age, female: x * np.maximum(age - 75, 0.0) / 10,
            "",
            UNPUBLISHED_SD,
            alone=True,
        ),
        # The evidence's doubts are per kg/m2, these terms per five.
        Term(
            "bmi below 25",
            "bmi_kg_m2",
            lambda x, age, female: np.minimum(x - 25, 0.0) / 5,
            "bmi_below_25",
            5.0,
        ),
        Term(
            "bmi above 25",
            "bmi_kg_m2",
            lambda x, age, female: np.maximum(x - 25, 0.0) / 5,
            "bmi_above",
            5.0,
        ),
        Term("t-score", "femoral_neck_t_score", _t_score, "t_score", 1.0),
        Term(
            "t-score by age",
            "femoral_neck_t_score",
            lambda x, age, female: _t_score(x, age, female) * (age - 70) / 10,
            "t_score",
            HALF,
        ),
        Term(
            "t-score by female",
            "femoral_neck_t_score",
            lambda x, age, female: _t_score(x, age, female) * female,
            "t_score",
            HALF,
        ),
        Term(
            "t-score below -1",
            "femoral_neck_t_score",
            lambda x, age, female: np.minimum(x + 1, 0.0),
            "t_score",
            HALF,
        ),
        *(Term(name, name, _plain, name, 1.0) for name in FACTORS),
        *(Term(f"{name} by age", name, _by_age, name, HALF) for name in _CHANGING),
        # What a parent's hip fracture says falls fast between these ages, and slowly beyond
        # (``PRESENT_AGE_KNOTS_YEARS``).
        *(
            Term(
                f"parent_hip_fracture by age above {knot}",
                "parent_hip_fracture",
                _by_age_above(knot),
                "parent_hip_fracture",
                HALF,
            )
            for knot in (65, 75)
        ),
    )
}


@dataclass(frozen=True)
class Basis:
    """The terms that a log hazard ratio is a sum of.

    Attributes
    ----------
    columns : tuple of str, length p
        Of the rows it reads: the clinical columns, then those of ``further``.
    terms : tuple of str
        Keys of ``TERMS``; one covariate for each further column comes behind them.
    """

    columns: tuple[str, ...]
    terms: tuple[str, ...]
    further: FurtherColumns

    @property
    def names(self) -> tuple[str, ...]:
        """Of all q covariates."""
        return (*self.terms, *self.further.names)

    @property
    def of_column(self) -> tuple[str, ...]:
        """The column that each covariate speaks of, length q."""
        return (*(TERMS[name].column for name in self.terms), *self.further.names)

    def values(self, rows: Floats) -> Floats:
        """Covariates, shape (n, q), of rows of shape (n, p)."""
        drawn = {name: rows[:, i] for i, name in enumerate(self.columns)}
        age, female = drawn["age_years"], drawn["female"]
        own = [TERMS[name].value(drawn[TERMS[name].column], age, female) for name in self.terms]
        return np.column_stack([*own, self.further.surprises(drawn)])

    def surprising(self, rows: Floats) -> Floats:
        """Rows with further columns as what they say beyond the rest, shape (n, p).

        Learners without a prior of their own read these: a raw value says again what age and
        T-score have said, and that is in the evidence already.
        """
        drawn = {name: rows[:, i] for i, name in enumerate(self.columns)}
        clinical = len(self.columns) - len(self.further.columns)
        return np.column_stack([rows[:, :clinical], self.further.surprises(drawn)])


def basis_of(
    columns: tuple[str, ...], learnable: tuple[str, ...], further: FurtherColumns, *, alone: bool
) -> Basis:
    """The terms of those columns that a cohort can teach.

    Parameters
    ----------
    alone : bool
        Whether there is no evidence to start from.
    """
    chosen = tuple(
        name
        for name, term in TERMS.items()
        if term.column in learnable and (alone or not term.alone)
    )
    return Basis(columns, chosen, further)


def prior_sd(basis: Basis, cause: str, doubts: Mapping[str, float]) -> Floats:
    """Standard deviations of the evidence's prior on ``basis.terms``.

    Parameters
    ----------
    cause : {"hip", "other", "death"}
        As the evidence names it.
    doubts : mapping of family to float
        As in ``EvidenceSet.doubts``.
    """
    found = []
    for name in basis.terms:
        term = TERMS[name]
        family = f"{cause}.{term.doubt}"
        found.append(term.sd * doubts[family] if family in doubts else UNPUBLISHED_SD)
    return np.array(found, dtype=np.float64)


def reference_terms(rows: Floats, columns: tuple[str, ...]) -> Floats:
    """What the mean of a term depends on, shape (n, 4): one, age, female, their product."""
    decades = (rows[:, columns.index("age_years")] - 70) / 10
    female = rows[:, columns.index("female")]
    return np.column_stack([np.ones_like(decades), decades, female, decades * female])


@dataclass(frozen=True)
class CoxHazard:
    """Log hazard ratio of one cause.

    Attributes
    ----------
    coefficients : ndarray, shape (q,)
    constant : float
        Taken off, so that on average over the training people's hazard nothing is added.
    reference : ndarray, shape (terms, 4)
        Mean of each term among people of one age and sex, as a line in ``reference_terms``: what
        a contribution is measured against. A further column's covariate has the mean 0.
    """

    basis: Basis
    coefficients: Floats
    constant: float
    reference: Floats

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio, shape (n,), of rows of shape (n, p)."""
        return self.basis.values(rows) @ self.coefficients - self.constant

    def stored(self) -> dict[str, object]:
        """What ``cox_hazard`` builds it from again."""
        return {
            "coefficients": self.coefficients.tolist(),
            "constant": self.constant,
            "reference": self.reference.tolist(),
        }

    def contributions(self, rows: Floats) -> Floats:
        """Shapley values of the log hazard ratio in closed form, shape (n, p + 1).

        Given age and sex the model is additive, so each column's value is its terms minus
        their mean at that age and sex (Lundberg and Lee 2017, NeurIPS 30, section 4.1). What
        remains, age and sex included, is the last column; each row sums to the log hazard
        ratio.
        """
        columns = self.basis.columns
        parts = self.basis.values(rows) * self.coefficients
        usual = reference_terms(rows, columns) @ self.reference.T
        shares = np.zeros((rows.shape[0], len(columns) + 1))
        shares[:, -1] = -self.constant
        for position, column in enumerate(self.basis.of_column):
            index = columns.index(column)
            shares[:, index] += parts[:, position]
            if position < len(self.basis.terms) and column not in ("age_years", "female"):
                mean = self.coefficients[position] * usual[:, position]
                shares[:, index] -= mean
                shares[:, -1] += mean
        return shares


def cox_hazard(basis: Basis, stored: Mapping[str, object]) -> CoxHazard:
    """Build one cause's hazard from its stored parameters."""
    return CoxHazard(
        basis=basis,
        coefficients=np.array(stored["coefficients"], dtype=np.float64),
        constant=float(str(stored["constant"])),
        reference=np.array(stored["reference"], dtype=np.float64).reshape(-1, 4),
    )
