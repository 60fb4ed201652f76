"""Where training pictures come from: drawn anatomy, and label maps that the user has."""

from collections.abc import Callable, Sequence

import numpy as np

from imaging.segmentation import painting_ct, painting_flat
from imaging.segmentation.recipe import Recipe
from imaging.segmentation.synthesis import Example, Labels, Random

Draw = Callable[[Random], Example]
# Streams of random numbers that never meet.
TRAINING, HELD_OUT, PRETRAINING = 0, 1, 2
# Of the pictures that are painted on label maps, where there are any.
LABEL_MAP_SHARE = 0.5
FEWEST_LABELLED = 0.02  # of a crop that may not be all background
TRIES = 20


def drawing(recipe: Recipe, label_maps: Sequence[Labels] = ()) -> Draw:
    """Give what draws one example from a stream of random numbers."""

    def draw(rng: Random) -> Example:
        if label_maps and rng.random() < LABEL_MAP_SHARE:
            labels = crop(rng, label_maps[int(rng.integers(len(label_maps)))], recipe.shape)
            if recipe.target == "ct":
                return painting_ct.example_of(rng, labels)
            return painting_flat.example_of(rng, labels)
        if recipe.target == "ct":
            return painting_ct.example(rng, recipe.shape[0])
        return painting_flat.example(rng, (recipe.shape[0], recipe.shape[1]))

    return draw


def stream(recipe: Recipe, purpose: int, index: int) -> Random:
    """Give the random numbers of one example."""
    return np.random.default_rng([recipe.seed, purpose, index])


def crop(rng: Random, whole: Labels, shape: Sequence[int]) -> Labels:
    """Cut a piece that shows something; what is too small is padded with background."""
    short = [max(0, wanted - have) for wanted, have in zip(shape, whole.shape, strict=True)]
    padded = np.pad(whole, [(0, missing) for missing in short])
    piece = padded
    for _ in range(TRIES):
        corner = [
            int(rng.integers(have - wanted + 1))
            for have, wanted in zip(padded.shape, shape, strict=True)
        ]
        box = tuple(slice(at, at + n) for at, n in zip(corner, shape, strict=True))
        piece = padded[box]
        if float((piece > 0).mean()) >= FEWEST_LABELLED:
            break
    return np.ascontiguousarray(piece)
