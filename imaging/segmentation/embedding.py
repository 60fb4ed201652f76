"""Vectors that describe the texture of a patch of bone: a CNN and a transformer hybrid.

Both answer ``embed(patch)`` with a unit vector of the same length. What the numbers mean for a
fracture is not known: they carry no clinical evidence until a cohort with outcomes says so.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import nn
from torch.nn import functional

from imaging.errors import UnsuitableScan
from imaging.segmentation.synthesis import Array

Kind = Literal["cnn", "hybrid"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CELLS = 64  # of a patch
CELL_MM = 0.5  # 32 mm: the inside of a lumbar body
NUMBERS = 48
WIDTH = 32
HEADS = 4
TOKENS = (CELLS // 8) ** 2


class Encoder(nn.Module):
    """From a patch, (batch, 1, CELLS, CELLS), to a unit vector, (batch, NUMBERS)."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.stem = nn.Sequential(
            *_halving(1, 12),
            *_halving(12, 24),
            *_halving(24, WIDTH),
        )
        self.mix: nn.Module
        if kind == "cnn":
            self.mix = nn.Sequential(*_halving(WIDTH, WIDTH), nn.Flatten(2))
        else:
            self.mix = _Attention()
        self.answer = nn.Linear(2 * WIDTH, NUMBERS)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        cells = self.mix(self.stem(patches))  # (batch, WIDTH, places)
        # Texture is what is typical and how much it varies, wherever it lies.
        summary = torch.cat([cells.mean(2), cells.std(2)], dim=1)
        return functional.normalize(self.answer(summary), dim=1)


class _Attention(nn.Module):
    """Two layers of self-attention over the places of a patch (Vaswani et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.zeros(1, TOKENS, WIDTH))
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, cells: torch.Tensor) -> torch.Tensor:
        tokens: torch.Tensor = self.layers(cells.flatten(2).transpose(1, 2) + self.places)
        return tokens.transpose(1, 2)


def _halving(before: int, after: int) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(before, after, 3, padding=1, stride=2, bias=False),
        nn.GroupNorm(4, after),
        nn.GELU(),
    )


@dataclass(frozen=True, slots=True)
class Embedder:
    """A trained encoder with the hash of its weights."""

    encoder: Encoder
    sha256: str

    def embed(self, patch: Array, mm: tuple[float, float]) -> npt.NDArray[np.float32]:
        """Describe a patch of bone.

        Parameters
        ----------
        patch : ndarray, shape (rows, columns)
            Grey values of any scale, bone only.
        mm : tuple of float
            Size of a pixel (row, column).

        Returns
        -------
        ndarray, shape (NUMBERS,)
            Of length 1; no unit.

        Raises
        ------
        UnsuitableScan
            If the patch is even, holds what is no number, or is smaller than half of CELLS cells.
        """
        grid = on_patch_grid(patch, mm)
        with torch.inference_mode():
            numbers = self.encoder(torch.from_numpy(grid)[None, None])
        return np.asarray(numbers[0].numpy(), dtype=np.float32)


def on_patch_grid(patch: Array, mm: tuple[float, float]) -> Array:
    """Resample the middle of a patch to CELLS x CELLS and bring it to mean 0 and spread 1."""
    if patch.ndim != 2 or not np.isfinite(patch).all() or float(np.ptp(patch)) == 0:
        raise UnsuitableScan("The patch holds no texture: it is even, or not numbers.")
    if min(n * side for n, side in zip(patch.shape, mm, strict=True)) < CELLS * CELL_MM / 2:
        raise UnsuitableScan(
            f"The patch is smaller than {CELLS * CELL_MM / 2:.0f} mm, too small for its texture."
        )
    smooth = ndimage.gaussian_filter(patch, [max(0.0, 0.4 * CELL_MM / side - 0.2) for side in mm])
    places = [
        (n - 1) / 2 + (np.arange(CELLS) - (CELLS - 1) / 2) * CELL_MM / side
        for n, side in zip(patch.shape, mm, strict=True)
    ]
    grid = ndimage.map_coordinates(
        smooth, np.meshgrid(*places, indexing="ij"), order=1, mode="reflect"
    )
    return standard(np.asarray(grid, dtype=np.float32))


def standard(grid: Array) -> Array:
    """Bring grey values to mean 0 and spread 1."""
    return np.asarray((grid - grid.mean()) / (grid.std() or 1.0), dtype=np.float32)
