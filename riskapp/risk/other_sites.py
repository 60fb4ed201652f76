"""What a DXA would show beside the femoral neck: T-scores drawn at the sites not known yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES, InT, family, measured
from riskapp.risk.missing import Known

Array = npt.NDArray[np.float64]

SITES = ("total_hip_t_score", "lumbar_spine_t_score")
NOTHING = InT(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class OtherSites:
    """T-scores that go with drawn ones of the femoral neck.

    Attributes
    ----------
    t_scores : mapping of field to ndarray, shape (n,)
    log_ratios : mapping of cause to ndarray, shape (n,)
        What knowing them adds to the log-hazard.
    """

    t_scores: Mapping[str, Array]
    log_ratios: Mapping[str, Array]


def other_sites(
    known: Known, neck: Array, hip_share: float, rng: np.random.Generator
) -> OtherSites:
    """Draw T-scores given age, sex, the femoral neck and every measurement of bone that is known.

    Parameters
    ----------
    neck : ndarray, shape (n,)
        T-scores of the femoral neck.
    hip_share : float
        Of major fracture at this age and sex, as ``measured`` takes it.
    rng : Generator
        The draws of each site are spread evenly over their distribution, in random order.
    """
    values = {} if known.modifiers.bone is None else dict(known.modifiers.bone.values)
    whole = family()
    sites = [name for name in SITES if name not in values]
    at_zero, per_t, sd = np.array(
        [whole.line(name, known.sex, known.age_years) for name in whole.names]
    ).T
    given = [whole.names.index(name) for name in values]
    asked = [whole.names.index(name) for name in sites]
    told = np.array([values[whole.names[index]] for index in given]).reshape(-1, 1)
    away = (told - at_zero[given, None] - np.outer(per_t[given], neck)) / sd[given, None]
    between = whole.correlation[np.ix_(asked, given)] @ np.linalg.inv(
        whole.correlation[np.ix_(given, given)]
    )
    left = (
        whole.correlation[np.ix_(asked, asked)] - between @ whole.correlation[np.ix_(given, asked)]
    )
    evenly = _even_normals(len(neck))
    noise = np.array([rng.permutation(evenly) for _ in sites]).reshape(-1, len(neck))
    z = between @ away + np.linalg.cholesky(left) @ noise
    drawn = at_zero[asked, None] + np.outer(per_t[asked], neck) + sd[asked, None] * z
    t_scores = dict(zip(sites, drawn, strict=True))
    return OtherSites(t_scores, _log_ratios(known, values, t_scores, neck, hip_share))


def _even_normals(n: int) -> Array:
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / n) for i in range(n)])


def _log_ratios(
    known: Known,
    values: Mapping[str, float],
    t_scores: Mapping[str, Array],
    neck: Array,
    hip_share: float,
) -> dict[str, Array]:
    """Of all measurements beside those known; a straight line in each site's T-score."""

    def shifts(more: Mapping[str, float]) -> Mapping[str, InT]:
        found = measured({**values, **more}, known.sex, known.age_years, hip_share)
        return dict.fromkeys(FRACTURES, NOTHING) if found is None else found.shifts

    before, level = shifts({}), dict.fromkeys(t_scores, 0.0)
    at_level = shifts(level)
    one_up = {name: shifts({**level, name: 1.0}) for name in t_scores}
    return {
        cause: at_level[cause].at(neck)
        - before[cause].at(neck)
        + sum(
            (one_up[name][cause].at_zero - at_level[cause].at_zero) * t_score
            for name, t_score in t_scores.items()
        )
        for cause in FRACTURES
    }
