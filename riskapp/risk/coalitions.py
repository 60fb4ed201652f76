"""Means over a grid given each part of what is known: what reasons are shared out from."""

from collections.abc import Iterable
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.grid_hazards import Added
from riskapp.risk.missing import BMI, INPUTS, T_SCORE, Grid, Known, as_often, ways
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]


def coalition_values(values: Iterable[Array | Added], grid: Grid, known: Known) -> Array:
    """Mean given each part of what is known.

    Parameters
    ----------
    values : iterable of ndarray, each of shape (outcomes, one axis for each of ``INPUTS``)
        On a full grid.

    Returns
    -------
    ndarray, shape (all outcomes, 2, ..., 2)
        One axis for each known input, in the order of ``known.players``: 0 forgotten, 1 known.
    """
    shape = (*map(len, grid.factors), *grid.weights.shape[-2:])
    everybody = with_everybody(
        Added(np.zeros((0, *shape[:-2])), *(np.zeros((0, nodes)) for nodes in shape[-2:]))
    )
    weights = as_often(grid.weights, shape)
    sums = [over_bone_and_body(one, weights, known) for one in (*values, everybody)]
    return means(sums, known)


def with_everybody(values: Added) -> Added:
    """With 1 for every combination behind the outcomes, whose sum the others are divided by."""
    factors, beside = values.factors, (values.bmi, values.t_score)
    return Added(
        np.concatenate([factors, np.ones((1, *factors.shape[1:]))]),
        *(np.concatenate([one, np.zeros((1, one.shape[1]))]) for one in beside),
    )


def means(sums: Iterable[Array], known: Known) -> Array:
    """``coalition_values`` from what ``over_bone_and_body`` leaves, that of everybody last."""
    stacked = np.concatenate(list(sums))
    for name in FACTORS:
        stacked = _either(stacked, name, known)
    unknown = tuple(1 + INPUTS.index(name) for name in known.unknown)
    stacked = stacked.squeeze(axis=unknown)
    return np.asarray(stacked[:-1] / stacked[-1])


def _either(stacked: Array, name: str, known: Known) -> Array:
    """An input's axis (they are the last ones) made two: forgotten, and known where it is."""
    axis = INPUTS.index(name) - len(INPUTS)
    nodes = np.moveaxis(stacked, axis, 0)
    if not known.is_known(name):
        return np.expand_dims(nodes.sum(axis=0), axis)
    if name in known.modifiers.described:
        nodes, chosen = nodes[:-1], nodes[-1]  # what is known stands beside the nodes
    else:
        chosen = nodes[int(bool(known.value(name)))]
    return np.stack([nodes.sum(axis=0), chosen], axis=axis)


def over_bone_and_body(values: Array | Added, weights: Array, known: Known) -> Array:
    """Weighted values with the last two axes as ``_either`` leaves the others."""
    if isinstance(values, Added):
        return _of_a_sum(values, weights, known)
    found = [
        [
            np.einsum("o...bt,...bt->o...", values[..., bmi, t_score], weights[..., bmi, t_score])
            for t_score in ways(T_SCORE, known)
        ]
        for bmi in ways(BMI, known)
    ]
    return np.stack([np.stack(each, axis=-1) for each in found], axis=-2)


def _of_a_sum(values: Added, weights: Array, known: Known) -> Array:
    """Factor by factor, as what goes with them is the same for all body mass indexes."""
    *factors, bmi, t_score = weights.shape
    both = values.bmi[:, :, None] + values.t_score[:, None, :]
    both = np.concatenate([both, np.ones((1, bmi, t_score))])
    apart = list(product(ways(BMI, known), ways(T_SCORE, known)))
    chosen = np.zeros((len(apart), *both.shape))
    for one, (some, few) in zip(chosen, apart, strict=True):
        one[:, some, few] = both[:, some, few]
    found = weights.reshape(-1, bmi * t_score) @ chosen.reshape(-1, bmi * t_score).T
    beside = (len(ways(BMI, known)), len(ways(T_SCORE, known)), len(both))
    found = as_often(found.reshape(*factors, *beside), values.factors.shape[1:])
    *moved, total = np.moveaxis(found, -1, 0)
    return np.stack(
        [
            one[..., None, None] * total + more
            for one, more in zip(values.factors, moved, strict=True)
        ]
    )
