"""What an unmeasured image feature probably is, and what a measured one says of an unknown T-score.

The features are taken as jointly normal around a straight line in age, sex and T-score, with
the coefficients estimated from the people that the model was trained on and kept with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.limits import RANGES

# Around the menopause women lose trabecular bone faster than men (Jang 2019, Radiology
# 291:360, doi:10.1148/radiol.2019181648), so the line for women bends here. Age: assumption.
MENOPAUSE_YEARS = 52.0
N_TERMS = 5


def terms(drawn: Mapping[str, Floats]) -> Floats:
    """Terms of the straight line, shape (n, 5): one, decades above 65, female, bend, T-score."""
    age, female = drawn["age_years"], drawn["female"]
    decades_before_menopause = np.maximum(MENOPAUSE_YEARS - age, 0.0) / 10
    return np.column_stack(
        [
            np.ones_like(age),
            (age - 65) / 10,
            female,
            female * decades_before_menopause,
            drawn["femoral_neck_t_score"],
        ]
    )


@dataclass(frozen=True)
class ImageFeatures:
    """Joint normal distribution of k image features given age, sex and T-score.

    Attributes
    ----------
    names : tuple of str, length k
    coefficients : ndarray, shape (k, 5)
    covariance : ndarray, shape (k, k)
        Of what the line leaves unexplained.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats

    def complete(
        self, drawn: Mapping[str, Floats], known: Mapping[str, float], rng: np.random.Generator
    ) -> dict[str, Floats]:
        """Add the image features to equally weighted draws of everything else.

        A measured feature also says something about an unknown T-score: draws of the T-score
        under which the measured value would be unlikely are thinned out in proportion to its
        density (sampling-importance-resampling; Rubin 1987, JASA 82:543,
        doi:10.2307/2289460), so that the returned draws are equally weighted again.

        Parameters
        ----------
        drawn : dict of str to ndarray, shape (n,)
            Age, sex, T-score and whatever else the row needs.
        known : dict of str to float
            Image features that were measured.
        rng : numpy.random.Generator

        Returns
        -------
        dict of str to ndarray, shape (n,)
        """
        if not self.names:
            return dict(drawn)
        measured = [i for i, name in enumerate(self.names) if name in known]
        missing = [i for i, name in enumerate(self.names) if name not in known]
        kept = dict(drawn)
        mean = terms(drawn) @ self.coefficients.T
        n = mean.shape[0]
        residual = np.array([known[self.names[i]] for i in measured]) - mean[:, measured]
        if measured:
            within = self.covariance[np.ix_(measured, measured)]
            distance = np.einsum("ni,ij,nj->n", residual, np.linalg.inv(within), residual)
            chosen = _resample(np.exp(-0.5 * (distance - distance.min())), rng)
            kept = {name: values[chosen] for name, values in drawn.items()}
            mean, residual = mean[chosen], residual[chosen]
            # Regression of the features still missing on those measured.
            across = self.covariance[np.ix_(missing, measured)] @ np.linalg.inv(within)
            centre = mean[:, missing] + residual @ across.T
            spread = (
                self.covariance[np.ix_(missing, missing)]
                - across @ self.covariance[np.ix_(measured, missing)]
            )
        else:
            centre, spread = mean, self.covariance
        for i in measured:
            kept[self.names[i]] = np.full(n, known[self.names[i]])
        if missing:
            noise = rng.standard_normal((n, len(missing))) @ np.linalg.cholesky(spread).T
            for column, i in enumerate(missing):
                limit = RANGES[self.names[i]]
                values = centre[:, column] + noise[:, column]
                kept[self.names[i]] = np.clip(values, limit.low, limit.high)
        return kept


def _resample(
    weights: Floats, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Systematic resampling: n indices, each chosen in proportion to its weight."""
    n = weights.size
    steps = (np.arange(n) + rng.random()) / n
    chosen = np.searchsorted(np.cumsum(weights) / weights.sum(), steps)
    return np.minimum(chosen, n - 1)
