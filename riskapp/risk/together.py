"""Which risk factors occur together more often than chance, beyond age and sex.

Two things matter in a survey (docs/adr/0013): who smokes drinks more often, and weighs less. Each
factor stays as common as it is, and the mean and spread of log body mass index stay as they are:
only how they go together changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Together:
    """How one pair of factors, and one factor and body mass index, go together.

    Attributes
    ----------
    pair : tuple of str
        Two factors.
    odds_ratio : float
        Odds that both are present over what independence would give.
    leaner : str
        The factor that shifts body mass index.
    log_bmi_shift : mapping of sex to float
        Mean log body mass index of those with that factor less that of those without.
    """

    pair: tuple[str, str]
    odds_ratio: float
    leaner: str
    log_bmi_shift: Mapping[str, float]

    def pair_ratios(self, first: float | Array, second: float | Array) -> Array:
        """How much more often than by chance, shape (2, 2, ...): absent or present of each.

        Parameters
        ----------
        first, second : float or ndarray, shape (...)
            How common the two factors are.
        """
        more = self.odds_ratio - 1
        if more == 0:
            return np.ones((2, 2, *np.shape(first)))
        total = 1 + (first + second) * more
        root = np.sqrt(total**2 - 4 * self.odds_ratio * more * first * second)
        both = (total - root) / (2 * more)
        joint = np.array(
            [[1 - first - second + both, second - both], [first - both, both]], dtype=np.float64
        )
        chance = np.array(
            [
                [(1 - first) * (1 - second), (1 - first) * second],
                [first * (1 - second), first * second],
            ]
        )
        return np.asarray(joint / chance)

    def log_bmi(
        self, mean: float | Array, sd: float, sex: str, prevalence: float | Array
    ) -> tuple[Array, float | Array]:
        """Means of log body mass index without and with the factor, and their common SD.

        Parameters
        ----------
        mean : float or ndarray, shape (...)
            Of all people of one age and sex, as ``sd``, which the two groups together keep.
        prevalence : float or ndarray, shape (...)

        Returns
        -------
        ndarray, shape (2, ...), and float or ndarray, shape (...)
        """
        shift = self.log_bmi_shift[sex]
        without = mean - shift * prevalence
        variance = sd**2 - shift**2 * prevalence * (1 - prevalence)
        return np.array([without, without + shift]), np.sqrt(variance)

    def bmi_ratios(
        self,
        log_bmi: Array,
        mean: float | Array,
        sd: float,
        sex: str,
        prevalence: float | Array,
    ) -> Array:
        """How much more often than among all a body mass index occurs, shape (2, ..., n).

        Against the log-normal of all people, for those without and with the factor.

        Parameters
        ----------
        log_bmi : ndarray, shape (..., n)
        mean, prevalence : float or ndarray, shape (...)
        """
        of_all = np.asarray(mean)[..., None]
        means, own_sd = self.log_bmi(of_all, sd, sex, np.asarray(prevalence)[..., None])
        among_all = ((log_bmi - of_all) / sd) ** 2
        own = ((log_bmi - means) / own_sd) ** 2
        return np.asarray(sd / own_sd * np.exp((among_all - own) / 2))


def together(stored: Mapping[str, Any]) -> Together | None:
    """As a people file gives it, if it does."""
    found = stored.get("together")
    if found is None:
        return None
    first, second = found["pair"]
    return Together(
        pair=(first, second),
        odds_ratio=found["odds_ratio"],
        leaner=found["leaner"],
        log_bmi_shift=found["log_bmi_shift"],
    )
