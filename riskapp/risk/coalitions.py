"""Means over a grid given each part of what is known: what reasons are shared out from."""

from collections.abc import Iterable, Sequence

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
    shape = [len(ways(BMI, known)), len(ways(T_SCORE, known)), len(stacked)]
    # Each axis in turn is the first one, and the last when it was summed over.
    turned = stacked.reshape(len(stacked), -1).T
    for nodes, name in zip(stacked.shape[1:], FACTORS, strict=False):
        either = _either(name, known, nodes)
        turned = (either @ turned.reshape(nodes, -1)).T
        shape.append(len(either))
    found = np.moveaxis(turned.reshape(shape), (0, 1), (-2, -1))
    found = found.squeeze(axis=tuple(1 + INPUTS.index(name) for name in known.unknown))
    return np.asarray(found[:-1] / found[-1])


def _either(name: str, known: Known, nodes: int) -> Array:
    """Which nodes of a factor count where it is forgotten, and where it is known, if it is."""
    forgotten = np.ones(nodes)
    if not known.is_known(name):
        return forgotten[None]
    # What is told of a factor stands beside its nodes, as the last.
    described = name in known.modifiers.described
    forgotten[-1] = not described
    chosen = np.zeros(nodes)
    chosen[-1 if described else int(bool(known.value(name)))] = 1
    return np.stack([forgotten, chosen])


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
    by_bmi = _ones_and(values.bmi, ways(BMI, known))
    by_t = _ones_and(values.t_score, ways(T_SCORE, known))
    outcomes, beside = len(values.bmi), (by_bmi.shape[1], by_t.shape[1])
    # Shape (combinations, bmi, ways of the T-score for everybody and for each outcome).
    over_t = weights.reshape(-1, t_score) @ by_t.reshape(-1, t_score).T
    over_t = over_t.reshape(-1, bmi, by_t.shape[0] * by_t.shape[1])
    total, by_t_score = np.split(by_bmi[0] @ over_t, [beside[1]], axis=-1)
    by_index = by_bmi[1:].reshape(-1, bmi) @ over_t[..., : beside[1]]
    moved = by_index.reshape(-1, outcomes, *beside)
    moved += np.moveaxis(by_t_score.reshape(-1, beside[0], outcomes, beside[1]), 2, 1)
    both = np.concatenate([total[:, None], moved], axis=1).reshape(*factors, -1, *beside)
    total, *each = np.moveaxis(as_often(both, values.factors.shape[1:]), -3, 0)
    return np.stack(
        [
            one[..., None, None] * total + more
            for one, more in zip(values.factors, each, strict=True)
        ]
    )


def _ones_and(values: Array, ways: Sequence[slice]) -> Array:
    """1 and each of the values, where a way leads to; shape (1 + len(values), ways, nodes)."""
    every = np.concatenate([np.ones((1, values.shape[1])), values])
    found = np.zeros((len(every), len(ways), values.shape[1]))
    for place, way in enumerate(ways):
        found[:, place, way] = every[:, way]
    return found
