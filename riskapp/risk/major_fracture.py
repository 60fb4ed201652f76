"""From figures published for hip and for major fracture to the hazard of the other major ones."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def on_other(major: float, hip: float, hip_share: float) -> float:
    """The factor on the other hazard that gives the published one on major fracture.

    Major fracture is hip or other, so ``major = share * hip + (1 - share) * other``.

    Parameters
    ----------
    major, hip : float
        Published relative hazards; 1 where none is published for hip.
    hip_share : float
        Of major fracture, among the people that the figures are about.

    Returns
    -------
    float
        Never on the other side of 1 than ``major``: published figures are rounded, and where
        nearly all are hip fractures the difference would be what the rounding left.
    """
    other = (major - hip_share * hip) / (1 - hip_share)
    return min(other, 1.0) if major < 1 else max(other, 1.0)


def on_other_of_many(major: Floats, hip: Floats, hip_share: Floats) -> Floats:
    """The same of many people, shape (n,)."""
    other = (major - hip_share * hip) / (1 - hip_share)
    return np.where(major < 1, np.minimum(other, 1.0), np.maximum(other, 1.0))
