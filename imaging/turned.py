"""Flat pictures that are turned and turned back, as scipy turns them, but several times as fast."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from imaging.sheet import AT_ONCE, Numbers, Picture, Sheet, between
from imaging.sliding import highest

Places = npt.NDArray[np.intp]
Block = tuple[slice, slice]
BLOCK_ROWS = 64
BEYOND = 2  # a margin in which places may be noted that lie outside a picture


def turned(
    sheet: Sheet,
    turn: Numbers,
    offset: Numbers,
    shape: tuple[int, int],
    first: tuple[int, int] = (0, 0),
) -> Picture:
    """Look each pixel up at ``turn @ place + offset``, between the pixels that are there.

    Gives what ``scipy.ndimage.affine_transform`` does of order 1 and mode "nearest".

    Parameters
    ----------
    turn : ndarray, shape (2, 2)
    offset : ndarray, shape (2,)
        In pixels of the picture.
    shape : tuple of int
        Rows and columns of the answer.
    first : tuple of int
        Place of the answer's first pixel.
    """
    high, wide = shape
    found = np.empty(shape, dtype=np.float32)
    columns = first[1] + np.arange(wide)
    for top in range(0, high, step := max(1, AT_ONCE // wide)):
        bottom = min(top + step, high)
        rows = first[0] + np.arange(top, bottom)[:, None]
        found[top:bottom] = sheet.read_few(*_moved(turn, offset, rows, columns))
    return found


def _moved(turn: Numbers, offset: Numbers, rows: Places, columns: Places) -> list[Numbers]:
    return [(offset[k] + turn[k, 0] * rows) + turn[k, 1] * columns for k in (0, 1)]


class Frame:
    """The frame, large enough for all of it, in which a picture lies turned about its middle.

    Parameters
    ----------
    shape : tuple of int
        Of the picture.
    angle : float
        Radians; what falls to the right by it in the picture lies level in the frame.

    Attributes
    ----------
    shape : tuple of int
    turn, offset : ndarray
        A place of the frame lies at ``turn @ place + offset`` in the picture.
    offset_back : ndarray
        A place of the picture lies at ``turn.T @ place + offset_back`` in the frame.
    """

    def __init__(self, shape: tuple[int, int], angle: float) -> None:
        pad = int(0.5 * abs(np.sin(angle)) * max(shape)) + 2
        self._picture = shape
        self.shape = (shape[0] + 2 * pad, shape[1] + 2 * pad)
        self.turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = (np.array(shape) - 1) / 2
        self.offset = middle - self.turn @ (middle + pad)
        self.offset_back = (middle + pad) - self.turn.T @ middle

    def blocks(self, reach: int) -> Iterator[Block]:
        """Cut what the picture fills, with ``reach`` rows around it, into blocks of rows.

        Each is as wide as the picture is in it and ``reach`` rows before and after it.
        """
        last = np.array(self._picture) - 1.0
        # Clockwise; the highest one first.
        corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]) * last @ self.turn + self.offset_back
        corners = np.roll(corners, -int(corners[:, 0].argmin()), axis=0)
        rows = np.arange(self.shape[0])
        sides = [np.interp(rows, *corners[[0, k, 2]].T) for k in (1, 3)]
        left, right = np.floor(np.minimum(*sides)) - 2, np.ceil(np.maximum(*sides)) + 3
        first = max(0, int(corners[0, 0]) - reach)
        end = min(self.shape[0], int(corners[2, 0]) + 2 + reach)
        for top in range(first, end, BLOCK_ROWS):
            bottom = min(top + BLOCK_ROWS, end)
            near = slice(max(0, top - 1 - reach), bottom + 1 + reach)
            columns = max(0, int(left[near].min())), min(self.shape[1], int(right[near].max()))
            yield slice(top, bottom), slice(*columns)

    def filled(self, sheet: Sheet, block: Block) -> Picture:
        """Read one block of the turned picture; beyond its edges it goes on as it ends."""
        first = block[0].start, block[1].start
        shape = block[0].stop - first[0], block[1].stop - first[1]
        return turned(sheet, self.turn, self.offset, shape, first)

    def back(self, values: Picture, above: float) -> tuple[Places, Picture]:
        """Turn what lies in the frame back, as far as it is above a value.

        Parameters
        ----------
        values : ndarray of ``shape``

        Returns
        -------
        places : ndarray of int
            In the picture, row after row: all where it is, and some where it is not.
        found : ndarray
        """
        # A place is read between four pixels of the frame, less than 1.5 pixels from each, and is
        # nowhere above all of them: what lies beside none that is above need not be read.
        frame = np.divmod(np.flatnonzero(values > above), self.shape[1])
        near = np.zeros([side + 2 * BEYOND for side in self._picture], dtype=bool)
        picture = _moved(self.turn, self.offset, *frame)
        near[
            *(
                np.clip(np.rint(at) + BEYOND, 0, side - 1).astype(np.intp)
                for at, side in zip(picture, near.shape, strict=True)
            )
        ] = True
        inner = slice(BEYOND, -BEYOND)
        places = np.flatnonzero(highest(near, 3)[inner, inner])
        rows, columns = np.divmod(places, self._picture[1])
        down, right = _moved(self.turn.T, self.offset_back, rows, columns)
        found = between(values.ravel(), self.shape[1], down, right)
        return places, found.astype(np.float32)
