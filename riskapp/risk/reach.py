"""Where a learned model's people were, and what it says of somebody who is not like them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtri

Floats = npt.NDArray[np.float64]

# Beyond the outermost quantile a score goes on in standard deviations, which are read off the
# middle 95 %.
MIDDLE, MIDDLE_WIDTH = (0.025, 0.975), 3.92
# Share of the spread of what was learned that may rest on inputs that are not known; and the
# standard deviation that this may mean for the number shown, as a share of it. Of people with the
# gaps of routine records one in ten is beyond both, on simulated cohorts; the first alone is true
# of four in five, of whom most would be told nearly the same number whatever is not known.
MOST_UNKNOWN, MOST_SWING = 0.5, 0.25


class Flag(StrEnum):
    """Why a learned engine's number deserves less trust."""

    OUTSIDE_SEEN_RANGE = "outside_seen_range"
    UNUSUAL_TOGETHER = "unusual_together"
    OTHER_POPULATION = "other_population"
    OTHER_SCANNER = "other_scanner"
    RESTS_ON_UNKNOWN = "rests_on_unknown"


class Beyond(NamedTuple):
    """One such reason with its sentence."""

    flag: Flag
    sentence: str


@dataclass(frozen=True)
class Reach:
    """The training people, as a normal distribution of scores.

    Attributes
    ----------
    columns : tuple of str, length k
        Measured numbers that enough people had; yes/no answers are not among them.
    shares : ndarray, shape (g,)
        Rising, between 0 and 1.
    quantiles : ndarray, shape (k, g)
        Of each column at these shares.
    correlation : ndarray, shape (k, k)
        Of the normal scores.
    rarest : float
        A person is unusual whose values together are further out than those of all but this share
        of people, were scores normal.
    percentile : float
        Of the training people, this many in a hundred are less unusual.
    scanners : tuple of str
        Manufacturers of the densitometers, where recorded.
    spread : mapping of cause to float
        Variance of f among the training people.
    """

    columns: tuple[str, ...]
    shares: Floats
    quantiles: Floats
    correlation: Floats
    rarest: float
    percentile: float
    scanners: tuple[str, ...]
    spread: Mapping[str, float]

    def scores(self, values: Floats, column: str) -> Floats:
        """Normal scores of values of one column, shape (n,)."""
        return scores(values, self.shares, self.quantiles[self.columns.index(column)])

    def rarity(self, known: Mapping[str, float]) -> float:
        """Share of people who are further from the middle in what is known of this person.

        Mahalanobis distance of the known columns' normal scores, by its chi-squared distribution;
        1 where nothing is known.
        """
        names = [name for name in self.columns if name in known]
        if not names:
            return 1.0
        at = [self.columns.index(name) for name in names]
        away = np.array([float(self.scores(np.array([known[name]]), name)[0]) for name in names])
        return float(rarities(away[None], self.correlation[np.ix_(at, at)])[0])

    def unusual(self, known: Mapping[str, float], engine: str) -> list[Beyond]:
        """Whether the known numbers together are unlike those of the training people."""
        return self.unlike(engine) if self.rarity(known) < self.rarest else []

    def unlike(self, engine: str) -> list[Beyond]:
        """What is said of somebody unusual."""
        sentence = (
            "These values together are unlike those of the people that "
            f"{engine} was trained on: {self.percentile:g} % of them are nearer to the middle."
        )
        return [Beyond(Flag.UNUSUAL_TOGETHER, sentence)]

    def other_scanner(self, scanner: str | None, engine: str) -> list[Beyond]:
        """Whether bone density was measured on a make that nobody was measured on in training."""
        if scanner is None or not self.scanners or scanner in self.scanners:
            return []
        sentence = (
            f"Bone density was measured on a scanner of {scanner}; the people that {engine} was "
            f"trained on were measured on {', '.join(self.scanners)}."
        )
        return [Beyond(Flag.OTHER_SCANNER, sentence)]

    def leaning(self, f: Mapping[str, Floats]) -> float:
        """Share of the spread of what was learned that rests on what is not known.

        Parameters
        ----------
        f : mapping of cause to ndarray, shape (n,)
            Of the equally weighted completions of one person.
        """
        return max(
            (float(f[cause].var()) / spread for cause, spread in self.spread.items() if spread > 0),
            default=0.0,
        )

    def rests_on_unknown(
        self, f: Mapping[str, Floats], swing: float, unknown: tuple[str, ...], engine: str
    ) -> list[Beyond]:
        """Whether most of what was learned cannot be judged of this person, and it matters.

        Parameters
        ----------
        swing : float
            Spread over the completions of what the engine adds, as a share of the probability.
        """
        if swing <= MOST_SWING or self.leaning(f) <= MOST_UNKNOWN:
            return []
        sentence = (
            f"Most of what {engine} learned cannot be judged here, as it rests on inputs that are "
            f"not known ({', '.join(unknown)}): its number is an average over them, and would "
            f"differ by {100 * swing:.0f} % (one standard deviation) with what they are."
        )
        return [Beyond(Flag.RESTS_ON_UNKNOWN, sentence)]


def scores(values: Floats, shares: Floats, quantiles: Floats) -> Floats:
    """Normal scores by interpolation; on with the spread of the middle beyond the last ones."""
    marks = ndtri(shares)
    low, high = np.interp(MIDDLE, shares, quantiles)
    width = max((high - low) / MIDDLE_WIDTH, np.finfo(float).tiny)
    beyond = np.where(
        values < quantiles[0],
        (values - quantiles[0]) / width,
        np.where(values > quantiles[-1], (values - quantiles[-1]) / width, 0.0),
    )
    return np.asarray(np.interp(values, quantiles, marks) + beyond)


def rarities(away: Floats, correlation: Floats) -> Floats:
    """Share of a normal distribution that lies further out, shape (n,), from (n, k) scores."""
    distance = np.einsum("ni,ij,nj->n", away, np.linalg.inv(correlation), away)
    return np.asarray(chdtrc(away.shape[1], distance))


def reach_from(stored: Mapping[str, Any]) -> Reach:
    """Build it from stored lists."""
    columns = tuple(stored["columns"])
    return Reach(
        columns=columns,
        shares=np.array(stored["shares"], dtype=np.float64),
        quantiles=np.array(stored["quantiles"], dtype=np.float64).reshape(len(columns), -1),
        correlation=np.array(stored["correlation"], dtype=np.float64).reshape(
            len(columns), len(columns)
        ),
        rarest=float(stored["rarest"]),
        percentile=float(stored["percentile"]),
        scanners=tuple(stored["scanners"]),
        spread={cause: float(each) for cause, each in stored["spread"].items()},
    )
