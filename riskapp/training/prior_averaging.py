"""How far to leave the evidence: priors averaged by how likely they make what was seen.

Near its top a log-likelihood is a parabola, and under normal priors everything else is algebra: the
mean of the coefficients, and the marginal likelihood by which one prior is believed beside another
(MacKay 1992, Neural Comput 4:415, doi:10.1162/neco.1992.4.3.415; Hoeting and others 1999, Stat Sci
14:382, doi:10.1214/ss/1009212519). A prior that lets more go has to be paid for by all the data
that it would have made as likely, so that chance is not taken for an effect, and nobody has to be
left out to find that out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.risk.design_row import Floats


@dataclass(frozen=True)
class Parabola:
    """A log-likelihood of q coefficients: ``pull @ b - b @ information @ b / 2``, 0 at zero.

    Attributes
    ----------
    information : ndarray, shape (q, q)
    pull : ndarray, shape (q,)
    """

    information: Floats
    pull: Floats


def side_by_side(several: Sequence[Parabola]) -> Parabola:
    """Of several sets of coefficients that share no data, one after the other."""
    sizes = [len(each.pull) for each in several]
    information = np.zeros((sum(sizes), sum(sizes)))
    start = 0
    for each, size in zip(several, sizes, strict=True):
        information[start : start + size, start : start + size] = each.information
        start += size
    return Parabola(information, np.concatenate([each.pull for each in several]))


def averaged(
    seen: Parabola, covariances: Sequence[Floats], beliefs: Sequence[float]
) -> tuple[Floats, Floats]:
    """Mean of the coefficients under several priors about zero, and how far each is believed.

    Parameters
    ----------
    covariances : sequence of ndarray, shape (q, q)
        Of the priors; a coefficient without variance is 0.
    beliefs : sequence of float
        In each prior before anything was seen.

    Returns
    -------
    shares : ndarray, shape (priors,)
        Sum to 1.
    means : ndarray, shape (priors, q)
    """
    logs, means = [], []
    for covariance, belief in zip(covariances, beliefs, strict=True):
        spread = np.eye(len(seen.pull)) + seen.information @ covariance
        mean = covariance @ np.linalg.solve(spread, seen.pull)
        logs.append(np.log(belief) + (seen.pull @ mean - np.linalg.slogdet(spread)[1]) / 2)
        means.append(mean)
    shares = np.exp(np.array(logs) - max(logs))
    return np.asarray(shares / shares.sum()), np.array(means)
