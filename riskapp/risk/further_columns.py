"""What an unmeasured further column probably is, and what a measured one says of the rest.

Further columns are image features and whatever a site declares (``site_columns``). Each number is
turned into a normal score by its quantiles among the people that the model was trained on; scores
are jointly normal around straight lines in age, sex, T-score and body mass index. Yes/no columns
come first: logistic in the same terms, and the lines of the numbers move with them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtri

from riskapp.risk.design_row import Floats
from riskapp.risk.site_columns import SiteColumn

# Around the menopause women lose trabecular bone faster than men (Jang 2019, Radiology
# 291:360, doi:10.1148/radiol.2019181648), so the line for women bends here. Age: assumption.
MENOPAUSE_YEARS = 52.0
TERMS = ("one", "age", "female", "menopause", "t_score", "bmi")


def terms(drawn: Mapping[str, Floats]) -> Floats:
    """Terms of the straight lines, shape (n, 6), in the order of ``TERMS``."""
    age, female = drawn["age_years"], drawn["female"]
    return np.column_stack(
        [
            np.ones_like(age),
            (age - 65) / 10,
            female,
            female * np.maximum(MENOPAUSE_YEARS - age, 0.0) / 10,
            drawn["femoral_neck_t_score"],
            (drawn["bmi_kg_m2"] - 25) / 5,
        ]
    )


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Values of one column at increasing normal scores; straight between, level beyond."""

    values: Floats
    scores: Floats

    def score(self, values: Floats) -> Floats:
        return np.interp(values, self.values, self.scores)

    def value(self, scores: Floats) -> Floats:
        return np.interp(scores, self.scores, self.values)


@dataclass(frozen=True)
class FurtherColumns:
    """Joint distribution of k further columns given age, sex, T-score and body mass index.

    Attributes
    ----------
    columns : tuple of SiteColumn, length k
        Yes/no columns first.
    quantiles : mapping of name to Quantiles
        Of the columns that are no yes/no.
    lines : ndarray, shape (k, 6)
        Log-odds of yes, or mean score, by ``TERMS``.
    beside : ndarray, shape (numbers, yes/no columns)
        What a yes beyond its chance adds to the scores of the numbers.
    covariance : ndarray, shape (numbers, numbers)
        Of the scores, around their means.
    """

    columns: tuple[SiteColumn, ...]
    quantiles: Mapping[str, Quantiles]
    lines: Floats
    beside: Floats
    covariance: Floats

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def n_yes_no(self) -> int:
        return sum(column.yes_no for column in self.columns)

    def surprises(self, drawn: Mapping[str, Floats]) -> Floats:
        """What each column says beyond age, sex, T-score and body mass index, shape (n, k).

        In standard deviations; 0 is what was to be expected. Nobody's average hazard moves with
        what is not surprising: that is in the evidence already.
        """
        if not self.columns:
            return np.zeros((len(drawn["age_years"]), 0))
        chances, means = self._expected(terms(drawn))
        answers = np.column_stack([drawn[name] for name in self.names])
        yes = self.n_yes_no
        scores = self._scores(answers)
        spread = np.sqrt(np.maximum(chances * (1 - chances), 1e-4))
        return np.column_stack(
            [
                (answers[:, :yes] - chances) / spread,
                (scores - means) / np.sqrt(self._whole_variance()),
            ]
        )

    def complete(
        self,
        pool: Mapping[str, Floats],
        known: Mapping[str, float],
        n: int,
        rng: np.random.Generator,
        told: Collection[str] = (),
    ) -> dict[str, Floats]:
        """Add the further columns to draws of everything else.

        A known column also says something about an unknown T-score or body mass index: draws
        under which it would be unlikely are thinned out in proportion to its density
        (sampling-importance-resampling; Rubin 1987, JASA 82:543, doi:10.2307/2289460), so that
        the returned draws are equally weighted again.

        Parameters
        ----------
        pool : dict of str to ndarray, shape (m,), m at least n
            Equally weighted draws of the clinical columns.
        known : dict of str to float
            What is known of the further columns.
        n : int
            How many draws to return, as even along the order of the pool as that is.
        told : collection of str
            Columns whose word on the T-score is in the pool already.

        Returns
        -------
        dict of str to ndarray, shape (n,)
        """
        if not self.columns:
            chosen = _resample(np.zeros(len(pool["age_years"])), n, rng)
            return {name: values[chosen] for name, values in pool.items()}
        yes = self.n_yes_no
        chances, means = self._expected(terms(pool))
        answers = (rng.random(chances.shape) < chances).astype(np.float64)
        log_weights = np.zeros(len(chances))
        for i, name in enumerate(self.names[:yes]):
            if name in known:
                answers[:, i] = known[name]
                chance = np.where(known[name] > 0.5, chances[:, i], 1 - chances[:, i])
                log_weights += np.log(np.maximum(chance, 1e-12))
        means = means + (answers - chances) @ self.beside.T
        measured = [i for i, name in enumerate(self.names[yes:]) if name in known]
        scores = np.array(
            [
                float(
                    self.quantiles[self.names[yes + i]].score(
                        np.asarray(known[self.names[yes + i]])
                    )
                )
                for i in measured
            ]
        )
        telling = [k for k, i in enumerate(measured) if self.names[yes + i] not in told]
        log_weights += self._log_density(
            scores[telling] - means[:, [measured[k] for k in telling]],
            [measured[k] for k in telling],
        )
        chosen = _resample(log_weights, n, rng)
        kept = {name: values[chosen] for name, values in pool.items()}
        kept |= {name: answers[chosen, i] for i, name in enumerate(self.names[:yes])}
        return kept | self._numbers(means[chosen], measured, scores, known, rng)

    def _numbers(
        self,
        means: Floats,
        measured: list[int],
        scores: Floats,
        known: Mapping[str, float],
        rng: np.random.Generator,
    ) -> dict[str, Floats]:
        """Known numbers repeated, unknown ones drawn given them."""
        n, numbers = means.shape
        names = self.names[self.n_yes_no :]
        missing = [i for i in range(numbers) if i not in measured]
        found = {names[i]: np.full(n, known[names[i]]) for i in measured}
        if not missing:
            return found
        spread = self.covariance[np.ix_(missing, missing)]
        centre = means[:, missing]
        if measured:
            within = self.covariance[np.ix_(measured, measured)]
            across = np.linalg.solve(within, self.covariance[np.ix_(measured, missing)]).T
            centre = centre + (scores - means[:, measured]) @ across.T
            spread = spread - across @ self.covariance[np.ix_(measured, missing)]
        values, vectors = np.linalg.eigh(spread)
        drawn = (
            centre
            + _even_normals(n, len(missing), rng) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
        )
        for position, i in enumerate(missing):
            found[names[i]] = self.quantiles[names[i]].value(drawn[:, position])
        return found

    def _expected(self, x: Floats) -> tuple[Floats, Floats]:
        """Chances of yes and mean scores, shapes (n, yes/no) and (n, numbers)."""
        linear = x @ self.lines.T
        return expit(linear[:, : self.n_yes_no]), linear[:, self.n_yes_no :]

    def _scores(self, answers: Floats) -> Floats:
        yes = self.n_yes_no
        scores = [
            self.quantiles[name].score(answers[:, yes + i])
            for i, name in enumerate(self.names[yes:])
        ]
        return np.column_stack(scores) if scores else np.zeros((len(answers), 0))

    def _whole_variance(self) -> Floats:
        """Of the scores about their means over yes and no; chances of one half are the widest."""
        return np.asarray(np.diag(self.covariance) + 0.25 * (self.beside**2).sum(axis=1))

    def _log_density(self, away: Floats, chosen: list[int]) -> Floats:
        if not chosen:
            return np.zeros(len(away))
        within = self.covariance[np.ix_(chosen, chosen)]
        return np.asarray(-0.5 * np.einsum("ni,ij,nj->n", away, np.linalg.inv(within), away))


NO_FURTHER = FurtherColumns((), {}, np.zeros((0, len(TERMS))), np.zeros((0, 0)), np.zeros((0, 0)))


def _even_normals(n: int, columns: int, rng: np.random.Generator) -> Floats:
    """Normal draws whose every column is spread evenly: means over few draws are steadier.

    Latin hypercube sampling (McKay and others 1979, Technometrics 21:239, doi:10.2307/1268522).
    """
    strata = np.argsort(rng.random((n, columns)), axis=0)
    return np.asarray(ndtri((strata + rng.random((n, columns))) / n))


def _resample(
    log_weights: Floats, n: int, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Systematic resampling: n indices, each chosen in proportion to its weight."""
    weights = np.exp(log_weights - log_weights.max())
    steps = (np.arange(n) + rng.random()) / n
    chosen = np.searchsorted(np.cumsum(weights) / weights.sum(), steps)
    return np.minimum(chosen, len(weights) - 1)
