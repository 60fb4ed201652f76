"""Means over a grid given each part of what is known: what reasons are shared out from."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from riskapp.risk.grid_hazards import Added
from riskapp.risk.missing import BMI, INPUTS, T_SCORE, Grid, Known, ways
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
    everybody = with_everybody(
        Added(np.zeros((0, *grid.weights.shape[:-1])), np.zeros((0, len(grid.t_score))))
    )
    sums = [over_bone_and_body(one, grid.weights, known) for one in (*values, everybody)]
    return means(sums, known)


def with_everybody(values: Added) -> Added:
    """With 1 for every combination behind the outcomes, whose sum the others are divided by."""
    others, t_score = values.others, values.t_score
    return Added(
        np.concatenate([others, np.ones((1, *others.shape[1:]))]),
        np.concatenate([t_score, np.zeros((1, t_score.shape[1]))]),
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
    found = [_over_t_score(values, weights, nodes) for nodes in ways(T_SCORE, known)]
    by_bmi = [[one[..., nodes].sum(axis=-1) for one in found] for nodes in ways(BMI, known)]
    return np.stack([np.stack(each, axis=-1) for each in by_bmi], axis=-2)


def _over_t_score(values: Array | Added, weights: Array, nodes: slice) -> Array:
    """Weighted values summed over some T-scores, shape (outcomes, one axis for each but it)."""
    if not isinstance(values, Added):
        return np.asarray(np.einsum("o...t,...t->o...", values[..., nodes], weights[..., nodes]))
    along = np.concatenate([values.t_score, np.ones((1, weights.shape[-1]))])[:, nodes]
    found = along @ weights.reshape(-1, weights.shape[-1])[:, nodes].T
    *moved, total = (one.reshape(weights.shape[:-1]) for one in found)
    return np.stack([one * total + more for one, more in zip(values.others, moved, strict=True)])
