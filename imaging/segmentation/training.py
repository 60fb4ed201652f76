"""Training on drawn pictures; everything follows from the recipe."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from imaging.segmentation.network import UNet
from imaging.segmentation.recipe import Recipe
from imaging.segmentation.sources import HELD_OUT, TRAINING, Draw, stream
from imaging.segmentation.synthesis import Example

WARM_UP = 0.1  # share of the steps
WEIGHT_DECAY = 1e-4
LONGEST_GRADIENT = 1.0
# Cells added to both sides of Dice, so that an absent class costs little.
SMOOTH_CELLS = 10.0
Report = Callable[[int, float], None]


def train(
    recipe: Recipe, draw: Draw, start: UNet | None = None, report: Report | None = None
) -> UNet:
    """Train a network from its recipe, on one thread.

    Parameters
    ----------
    draw : callable
        Gives one example from a stream of random numbers.
    start : UNet, optional
        Weights to begin with, such as pre-trained ones; drawn from the seed otherwise.
    report : callable, optional
        Told the number of steps done and the loss of the last one.
    """
    # With several threads sums are taken in another order, and the weights differ.
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    network = start or UNet(recipe.design)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=WARM_UP
    )
    network.train()
    for step in range(recipe.steps):
        first = step * recipe.batch
        examples = [draw(stream(recipe, TRAINING, first + index)) for index in range(recipe.batch)]
        pictures, labels = as_tensors(examples)
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(network(pictures), labels)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), LONGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        if report is not None:
            report(step + 1, float(loss.detach()))
    network.eval()
    return network


def as_tensors(examples: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """Stack examples to (batch, 1, ...) pictures and (batch, ...) labels."""
    pictures = torch.from_numpy(np.stack([example.image for example in examples]))[:, None]
    labels = torch.from_numpy(np.stack([example.labels for example in examples]).astype(np.int64))
    return pictures, labels


def loss_of(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Give cross-entropy plus one less Dice (Milletari et al. 2016, arXiv 1606.04797)."""
    chances = scores.softmax(1)
    truth = functional.one_hot(labels, scores.shape[1]).movedim(-1, 1).to(scores.dtype)
    over = (0, *range(2, scores.dim()))
    both = (chances * truth).sum(over)
    either = chances.sum(over) + truth.sum(over)
    dice = (2 * both + SMOOTH_CELLS) / (either + SMOOTH_CELLS)
    return functional.cross_entropy(scores, labels) + (1 - dice[1:]).mean()


def held_out_dice(network: UNet, recipe: Recipe, draw: Draw, count: int) -> dict[int, float]:
    """Give the Dice of each class over examples that training never draws.

    All cells of all examples are counted together, so that an example without a class does not
    weigh as much as one that is full of it.
    """
    classes = recipe.design.classes
    both, either = np.zeros(classes), np.zeros(classes)
    for index in range(count):
        pictures, labels = as_tensors([draw(stream(recipe, HELD_OUT, index))])
        with torch.inference_mode():
            seen = network(pictures).argmax(1)
        for kind in range(classes):
            here, there = seen == kind, labels == kind
            both[kind] += int((here & there).sum())
            either[kind] += int(here.sum() + there.sum())
    return {
        kind: float(2 * both[kind] / either[kind]) for kind in range(1, classes) if either[kind]
    }
