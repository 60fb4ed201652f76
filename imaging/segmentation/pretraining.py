"""Self-supervised pre-training: filling in what was hidden of scans without labels.

The idea is that of masked image modelling (He et al. 2022, CVPR, arXiv 2111.06377), at the scale
of a small U-Net. It is an option for a site with scans of its own; what ships did not use it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from imaging.segmentation.network import UNet
from imaging.segmentation.recipe import Recipe
from imaging.segmentation.sources import PRETRAINING, stream
from imaging.segmentation.synthesis import Array, Random
from imaging.segmentation.training import Report

HIDDEN_SHARE = 0.4
BLOCK_CELLS = 8


def pretrain(
    recipe: Recipe, pictures: Sequence[Array], steps: int, report: Report | None = None
) -> UNet:
    """Train a network to fill in hidden blocks; its features are what training starts with."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    network = UNet(recipe.design)
    flat = recipe.design.dimensions == 2
    grey = (nn.Conv2d if flat else nn.Conv3d)(recipe.design.channels[0], 1, 1)
    learned = [*network.parameters(), *grey.parameters()]
    optimiser = torch.optim.AdamW(learned, lr=recipe.learning_rate / 4)
    for step in range(steps):
        rng = stream(recipe, PRETRAINING, step)
        whole = [
            piece(rng, pictures[int(rng.integers(len(pictures)))], recipe.shape)
            for _ in range(recipe.batch)
        ]
        truth = torch.from_numpy(np.stack(whole))[:, None]
        hidden = torch.from_numpy(np.stack([blocks(rng, recipe.shape) for _ in whole]))[:, None]
        optimiser.zero_grad(set_to_none=True)
        filled = grey(network.features(truth.masked_fill(hidden, 0.0)))
        loss = functional.l1_loss(filled[hidden], truth[hidden])
        torch.autograd.backward(loss)
        optimiser.step()
        if report is not None:
            report(step + 1, float(loss.detach()))
    return network


def piece(rng: Random, whole: Array, shape: Sequence[int]) -> Array:
    """Cut a piece anywhere; what is too small repeats its edge."""
    short = [(0, max(0, n - have)) for n, have in zip(shape, whole.shape, strict=True)]
    padded = np.pad(whole, short, mode="edge")
    corner = [int(rng.integers(have - n + 1)) for have, n in zip(padded.shape, shape, strict=True)]
    box = tuple(slice(at, at + n) for at, n in zip(corner, shape, strict=True))
    return np.ascontiguousarray(padded[box])


def blocks(rng: Random, shape: Sequence[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Choose the blocks that are hidden."""
    coarse = rng.random([-(-n // BLOCK_CELLS) for n in shape]) < HIDDEN_SHARE
    for axis in range(len(shape)):
        coarse = coarse.repeat(BLOCK_CELLS, axis=axis)
    return np.asarray(coarse[tuple(slice(0, n) for n in shape)])
