"""A fitted Cox model reduced to plain arrays: terms, coefficients, their covariance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskapp.risk.design_row import Floats


class Term(NamedTuple):
    """One covariate of the Cox model: a shape in one column, times a shape in age or sex.

    Every term reads one column beside age and sex. Given age and sex the log-hazard is then a
    sum over columns, and its Shapley values are a difference of terms: no sampling.
    """

    name: str
    column: str
    shape: Callable[[Floats], Floats]
    modifier: Callable[[Floats, Floats], Floats]  # of age in years and female (0 or 1)


def _itself(x: Floats) -> Floats:
    return x


def _one(age: Floats, female: Floats) -> Floats:
    return np.ones_like(age)


def _age(age: Floats, female: Floats) -> Floats:
    return (age - 70) / 10


def _female(age: Floats, female: Floats) -> Floats:
    return female


def _decades_above(knot: float) -> Callable[[Floats], Floats]:
    return lambda age: np.maximum(age - knot, 0.0) / 10


def _plain(column: str) -> Term:
    return Term(column, column, _itself, _one)


def _by_age(column: str) -> Term:
    return Term(f"{column} by age", column, _itself, _age)


# Where effects bend or change with age is taken from the published tables, not searched for in
# the cohort: BMI bends at 25 (De Laet 2005, Osteoporos Int 16:1330), the T-score gradient of
# other major fractures at -1 and that of hip fracture falls with age (Johnell 2005, JBMR
# 20:1185), prior fracture (Kanis 2004, Bone 35:375) and glucocorticoids (Kanis 2004, JBMR
# 19:893) weaken with age.
TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        Term("age", "age_years", lambda age: (age - 70) / 10, _one),
        *(
            Term(f"age above {knot}", "age_years", _decades_above(knot), _one)
            for knot in (50, 60, 70, 80)
        ),
        _plain("female"),
        Term("female by age", "female", _itself, _age),
        Term("female by age above 75", "female", _itself, lambda age, _: _decades_above(75)(age)),
        Term("bmi below 25", "bmi_kg_m2", lambda bmi: np.minimum(bmi - 25, 0.0) / 5, _one),
        Term("bmi above 25", "bmi_kg_m2", lambda bmi: np.maximum(bmi - 25, 0.0) / 5, _one),
        _plain("femoral_neck_t_score"),
        _by_age("femoral_neck_t_score"),
        Term("t-score by female", "femoral_neck_t_score", _itself, _female),
        Term("t-score below -1", "femoral_neck_t_score", lambda t: np.minimum(t + 1, 0.0), _one),
        _plain("prior_fragility_fracture"),
        _by_age("prior_fragility_fracture"),
        _plain("parent_hip_fracture"),
        _by_age("parent_hip_fracture"),
        _plain("current_smoker"),
        _by_age("current_smoker"),
        _plain("glucocorticoids"),
        _by_age("glucocorticoids"),
        _plain("rheumatoid_arthritis"),
        _plain("secondary_osteoporosis"),
        _plain("alcohol_3_or_more_units_daily"),
        Term("lumbar_texture_score", "lumbar_texture_score", lambda x: x / 0.01, _one),
        Term("l1_attenuation_hu", "l1_attenuation_hu", lambda x: x / 50, _one),
    )
}


def term_names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the terms that these columns allow, in the table's order."""
    return tuple(name for name, term in TERMS.items() if term.column in columns)


def term_values(rows: Floats, columns: tuple[str, ...], names: tuple[str, ...]) -> Floats:
    """Covariates of the Cox model, shape (n, len(names)), from rows of shape (n, p)."""
    age, female = rows[:, columns.index("age_years")], rows[:, columns.index("female")]
    return np.column_stack(
        [
            TERMS[name].shape(rows[:, columns.index(TERMS[name].column)])
            * TERMS[name].modifier(age, female)
            for name in names
        ]
    )


def reference_terms(rows: Floats, columns: tuple[str, ...]) -> Floats:
    """What the mean of a shape depends on, shape (n, 4): one, age, female, their product."""
    decades, female = (
        (rows[:, columns.index("age_years")] - 70) / 10,
        rows[:, columns.index("female")],
    )
    return np.column_stack([np.ones_like(decades), decades, female, decades * female])


@dataclass(frozen=True)
class CoxHazard:
    """Log hazard ratio of one cause.

    Attributes
    ----------
    columns : tuple of str, length p
        Of the rows it reads.
    names : tuple of str, length q
        Keys of ``TERMS``.
    coefficients : ndarray, shape (q,)
    centre : ndarray, shape (q,)
        Term values at which the baseline hazard was estimated.
    covariance : ndarray, shape (q, q)
        Of the coefficients, for intervals.
    reference : ndarray, shape (q, 4)
        Mean of each term's shape among people of one age and sex, as a line in
        ``reference_terms``: what a contribution is measured against.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    coefficients: Floats
    centre: Floats
    covariance: Floats
    reference: Floats

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio against the baseline, shape (n,), of rows of shape (n, p)."""
        return self._centred(rows) @ self.coefficients

    def drawn_log_hazard_ratio(self, rows: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Log hazard ratios, shape (draws, n), under coefficients drawn from their covariance.

        The baseline hazard is held: at the centre the data fix it whatever the coefficients.
        """
        # By eigenvalues: a small cohort's covariance may be singular but for rounding.
        drawn = rng.multivariate_normal(
            self.coefficients, self.covariance, size=draws, method="eigh", check_valid="ignore"
        )
        return drawn @ self._centred(rows).T

    def _centred(self, rows: Floats) -> Floats:
        return term_values(rows, self.columns, self.names) - self.centre

    def contributions(self, rows: Floats) -> Floats:
        """Shapley values of the log hazard ratio in closed form, shape (n, p + 1).

        Given age and sex the model is additive, so each column's value is its terms minus
        their mean at that age and sex (Lundberg and Lee 2017, NeurIPS 30, section 4.1). What
        remains, age and sex included, is the last column; each row sums to the log hazard
        ratio.
        """
        age, female = (
            rows[:, self.columns.index("age_years")],
            rows[:, self.columns.index("female")],
        )
        means = reference_terms(rows, self.columns) @ self.reference.T
        shares = np.zeros((rows.shape[0], len(self.columns) + 1))
        shares[:, -1] = -self.centre @ self.coefficients
        for position, name in enumerate(self.names):
            term = TERMS[name]
            column = self.columns.index(term.column)
            effect = self.coefficients[position] * term.modifier(age, female)
            if term.column in ("age_years", "female"):
                shares[:, column] += effect * term.shape(rows[:, column])
                continue
            shares[:, column] += effect * (term.shape(rows[:, column]) - means[:, position])
            shares[:, -1] += effect * means[:, position]
        return shares


def cox_hazard(columns: tuple[str, ...], stored: Mapping[str, list[object]]) -> CoxHazard:
    """Build one cause's hazard from its stored parameters."""
    return CoxHazard(
        columns=columns,
        names=tuple(str(name) for name in stored["terms"]),
        coefficients=np.array(stored["coefficients"], dtype=np.float64),
        centre=np.array(stored["centre"], dtype=np.float64),
        covariance=np.array(stored["covariance"], dtype=np.float64),
        reference=np.array(stored["reference"], dtype=np.float64),
    )
