"""A trained U-Net's answer with numpy alone: loading torch would take longer than measuring."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from imaging.segmentation.design import GROUPS, LEAK, NORM_EPSILON, Design

Array = npt.NDArray[np.float32]
# Cells multiplied at a time, so that the copies of their neighbours stay in the cache.
CELLS = 512


@dataclass(frozen=True, slots=True)
class PlainNetwork:
    """A trained ``imaging.segmentation.network.UNet`` that answers without torch.

    Attributes
    ----------
    arrays : mapping of str to ndarray
        Its weights, as ``design.shapes`` names them.
    """

    design: Design
    arrays: Mapping[str, Array]

    def scores(self, picture: Array) -> Array:
        """Give one score per class and cell, the same as torch gives to rounding.

        Parameters
        ----------
        picture : ndarray
            Each side a multiple of ``design.multiple``.

        Returns
        -------
        ndarray, shape (classes, *picture.shape)
        """
        kept: list[Array] = []
        here = picture[None]
        for depth in range(len(self.design.channels)):
            here = self._block(f"down.{depth}", here if depth == 0 else _halved(here))
            kept.append(here)
        for step, beside in enumerate(reversed(kept[:-1])):
            wide = _doubled(*self._layer(f"widen.{step}"), here)
            here = self._block(f"up.{step}", np.concatenate([wide, beside]))
        kernel, bias = self._layer("answer")
        flat = kernel.reshape(len(bias), -1) @ here.reshape(len(here), -1) + bias[:, None]
        return np.asarray(flat.reshape(-1, *picture.shape))

    def _layer(self, name: str) -> tuple[Array, Array]:
        return self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"]

    def _block(self, name: str, here: Array) -> Array:
        """Convolve, normalise and bend, twice."""
        for at in (0, 3):
            here = _convolved(self.arrays[f"{name}.{at}.weight"], here)
            here = _bent(*self._layer(f"{name}.{at + 1}"), here)
        return here


def softmax(scores: Array) -> Array:
    """Turn scores into chances along the first axis."""
    raised = np.exp(scores - scores.max(axis=0))
    return np.asarray(raised / raised.sum(axis=0))


def _convolved(kernel: Array, here: Array) -> Array:
    """Correlate with a kernel of three cells a side; outside the picture is zero.

    In a padded picture that lies flat in memory each neighbour is one offset away from every
    cell, so that a run of cells is one matrix product; what it says of the padding is dropped.
    """
    rank = here.ndim - 1
    padded = np.pad(here, [(0, 0)] + [(1, 1)] * rank)
    shape = padded.shape[1:]
    steps = [int(np.prod(shape[axis + 1 :])) for axis in range(rank)]
    offsets = [int(np.dot(steps, near)) for near in product((-1, 0, 1), repeat=rank)]
    reach = offsets[-1]
    flat = padded.reshape(len(here), -1)
    # (out, in, *3) to (out, offsets x in), in the order of ``offsets``
    matrix = np.moveaxis(kernel.reshape(*kernel.shape[:2], -1), 1, 2).reshape(len(kernel), -1)
    seen = np.zeros((len(kernel), flat.shape[1]), dtype=np.float32)
    room = np.empty((matrix.shape[1], CELLS), dtype=np.float32)
    for first in range(reach, flat.shape[1] - reach, CELLS):
        last = min(first + CELLS, flat.shape[1] - reach)
        beside = room[:, : last - first]
        np.concatenate([flat[:, first + by : last + by] for by in offsets], out=beside)
        np.matmul(matrix, beside, out=seen[:, first:last])
    inner = (slice(None), *(slice(1, -1),) * rank)
    return np.ascontiguousarray(seen.reshape(-1, *shape)[inner])


def _bent(scale: Array, shift: Array, here: Array) -> Array:
    """Normalise in groups of channels (Wu & He 2018, arXiv 1803.08494), then a leaky bend.

    In place, one channel after the other, so that it is bent while it is near the processor.
    """
    groups = here.reshape(GROUPS, -1)
    mean = groups.mean(axis=1)
    spread = np.sqrt(groups.var(axis=1, mean=mean[:, None]) + NORM_EPSILON)
    each = len(here) // GROUPS
    gain = scale / np.repeat(spread, each)
    offset = shift - np.repeat(mean, each) * gain
    leak = np.empty_like(here[0])
    for channel, by, more in zip(here, gain, offset, strict=True):
        channel *= by
        channel += more
        np.maximum(channel, np.multiply(channel, LEAK, out=leak), out=channel)
    return here


def _halved(here: Array) -> Array:
    """Keep the largest of each pair along every side."""
    for axis in range(1, here.ndim):
        even = (slice(None),) * axis + (slice(0, None, 2),)
        odd = (slice(None),) * axis + (slice(1, None, 2),)
        here = np.maximum(here[even], here[odd])
    return here


def _doubled(kernel: Array, bias: Array, here: Array) -> Array:
    """Spread each cell over two along every side, each with its own weights."""
    sides = here.shape[1:]
    wide = np.empty((kernel.shape[1], *(2 * n for n in sides)), dtype=np.float32)
    flat = here.reshape(len(here), -1)
    parts = kernel.reshape(*kernel.shape[:2], -1)
    for number, place in enumerate(product((0, 1), repeat=len(sides))):
        part = parts[:, :, number].T @ flat + bias[:, None]
        where = tuple(slice(at, None, 2) for at in place)
        wide[:, *where] = part.reshape(-1, *sides)
    return wide
