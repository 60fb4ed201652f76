"""A log hazard ratio that is a sum of terms: what the Cox engine learns, in plain arrays.

Beside the evidence the terms say how far a cohort departs from it, and the evidence's own doubts
say how far it may: they are the prior. The same terms carry the doubt of every learned engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from riskapp.risk.cox_terms import TERMS, UNPUBLISHED_SD
from riskapp.risk.design_row import Floats
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.site_columns import Direction, SiteColumn

# Where the effect of a further column may change, in standard deviations of what it says beyond
# the rest (penalised linear splines; Ruppert, Wand and Carroll 2003, "Semiparametric regression",
# chapter 3; recalled, to be confirmed), and the mean of what lies above, if that is normal.
KNOTS_SD = (-1.0, 0.0, 1.0)
_NORMAL = NormalDist()
USUAL_ABOVE = tuple(_NORMAL.pdf(knot) - knot * _NORMAL.cdf(-knot) for knot in KNOTS_SD)


@dataclass(frozen=True)
class Basis:
    """The terms that a log hazard ratio is a sum of.

    Attributes
    ----------
    columns : tuple of str, length p
        Of the rows it reads: the clinical columns, then those of ``further``.
    terms : tuple of str
        Keys of ``TERMS``; one covariate for each further column comes behind them, then those by
        which some of these bend.
    """

    columns: tuple[str, ...]
    terms: tuple[str, ...]
    further: FurtherColumns

    @property
    def names(self) -> tuple[str, ...]:
        """Of all q covariates."""
        bends = (f"{name} above {knot:g} SD" for name in self.bending for knot in KNOTS_SD)
        return (*self.terms, *self.further.names, *bends)

    @property
    def bending(self) -> tuple[str, ...]:
        """Further columns whose effect may change along them: numbers of no declared direction."""
        return tuple(column.name for column in self.further.columns if _bends(column))

    @property
    def of_column(self) -> tuple[str, ...]:
        """The column that each covariate speaks of, length q."""
        bends = (name for name in self.bending for _ in KNOTS_SD)
        return (*(TERMS[name].column for name in self.terms), *self.further.names, *bends)

    def values(self, rows: Floats) -> Floats:
        """Covariates, shape (n, q), of rows of shape (n, p)."""
        drawn = {name: rows[:, i] for i, name in enumerate(self.columns)}
        age, female = drawn["age_years"], drawn["female"]
        own = [TERMS[name].value(drawn[TERMS[name].column], age, female) for name in self.terms]
        surprises = self.further.surprises(drawn)
        bends = [
            np.maximum(surprises[:, i] - knot, 0.0) - usual
            for i, column in enumerate(self.further.columns)
            if _bends(column)
            for knot, usual in zip(KNOTS_SD, USUAL_ABOVE, strict=True)
        ]
        return np.column_stack([*own, surprises, *bends])

    def surprising(self, rows: Floats) -> Floats:
        """Rows with further columns as what they say beyond the rest, shape (n, p).

        Learners without a prior of their own read these: a raw value says again what age and
        T-score have said, and that is in the evidence already.
        """
        drawn = {name: rows[:, i] for i, name in enumerate(self.columns)}
        clinical = len(self.columns) - len(self.further.columns)
        return np.column_stack([rows[:, :clinical], self.further.surprises(drawn)])


def _bends(column: SiteColumn) -> bool:
    return not column.yes_no and column.direction == Direction.NOT_SAID


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
