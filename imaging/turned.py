"""A flat picture that is turned, as scipy does it but several times as fast."""

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
# So many places at a time stay near the processor.
AT_ONCE = 4_096


def turned(picture: Picture, turn: Numbers, offset: Numbers, shape: tuple[int, int]) -> Picture:
    """Look each pixel up at ``turn @ place + offset``, between the pixels that are there.

    Gives what ``scipy.ndimage.affine_transform`` does of order 1 and mode "nearest", to the last
    bit. That one is written for any number of axes and any order: of a spine from the side it
    took half the time.

    Parameters
    ----------
    picture : ndarray, shape (rows, columns)
    turn : ndarray, shape (2, 2)
    offset : ndarray, shape (2,)
        In pixels of ``picture``.
    shape : tuple of int
        Rows and columns of the answer.
    """
    # A row and a column more, which weigh nought wherever they are read.
    flat = np.pad(picture, ((0, 1), (0, 1)), mode="edge").ravel().astype(np.float64)
    last, wide = np.array(picture.shape) - 1.0, picture.shape[1] + 1
    found = np.empty(shape, dtype=np.float32)
    columns = np.arange(shape[1])
    for first in range(0, shape[0], step := max(1, AT_ONCE // shape[1])):
        rows = np.arange(first, min(first + step, shape[0]))[:, None]
        # Beyond its edges a picture goes on as it ends.
        down, right = (
            np.clip((offset[k] + turn[k, 0] * rows) + turn[k, 1] * columns, 0.0, last[k])
            for k in (0, 1)
        )
        up, left = down.astype(np.intp), right.astype(np.intp)
        down -= up
        right -= left
        at = up
        at *= wide
        at += left
        above, before = 1 - down, 1 - right
        part = flat.take(at)
        part *= above
        part *= before
        for by, row, column in ((1, above, right), (wide, down, before), (wide + 1, down, right)):
            more = flat.take(at + by)
            more *= row
            more *= column
            part += more
        found[rows[0, 0] : rows[-1, 0] + 1] = part
    return found
