"""Voxels of one bone or region in a volume, packed small enough to be stored as text."""

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voxels:
    """A mask in a box of the volume.

    Attributes
    ----------
    corner, shape : tuple of int
        First slice, row and column of the box, and how many of each.
    bits : str
        Base64 of zlib of the mask, eight voxels a byte, the first in the highest bit; columns
        run fastest, then rows, then slices.
    """

    corner: tuple[int, int, int]
    shape: tuple[int, int, int]
    bits: str

    @property
    def mask(self) -> Mask:
        """Unpack to booleans of ``shape``.

        Raises
        ------
        ValueError
            If the bits do not fill the box.
        """
        count = prod(self.shape)
        size = (count + 7) // 8
        packed = zlib.decompressobj().decompress(b64decode(self.bits), size)
        if len(packed) != size:
            raise ValueError("The bits do not fill the box of voxels.")
        flat = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=count)
        return flat.astype(bool).reshape(self.shape)


def packed(corner: tuple[int, int, int], mask: Mask) -> Voxels:
    """Pack what is marked, in the smallest box that holds it; at least one voxel is marked."""
    marked = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    box = tuple(slice(int(at[0]), int(at[-1]) + 1) for at in marked)
    z, y, x = (int(at[0]) + first for at, first in zip(marked, corner, strict=True))
    tight = mask[box]
    bits = b64encode(zlib.compress(np.packbits(tight).tobytes(), 9)).decode()
    depth, rows, columns = tight.shape
    return Voxels(corner=(z, y, x), shape=(depth, rows, columns), bits=bits)


def voxels_from_json(stored: dict[str, object] | None) -> Voxels | None:
    if stored is None:
        return None
    corner, shape = (tuple(int(n) for n in stored[name]) for name in ("corner", "shape"))  # type: ignore[attr-defined]
    return Voxels(
        corner=(corner[0], corner[1], corner[2]),
        shape=(shape[0], shape[1], shape[2]),
        bits=str(stored["bits"]),
    )
