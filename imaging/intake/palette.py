"""Pictures whose numbers are places in a table of colours: the grey that is shown for each."""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from imaging.broken import BROKEN_FILE
from imaging.errors import UnsuitableScan

# Descriptor and data of red, green and blue (PS3.3 C.7.9); without them nothing can be shown.
TABLES = (0x00281101, 0x00281102, 0x00281103, 0x00281201, 0x00281202, 0x00281203)
LONGEST_TABLE = 2 * 65_536  # bytes of one colour: as many places as 16 bits can name


def looked_up(places: npt.NDArray[np.float32], dataset: Dataset) -> npt.NDArray[np.float32]:
    """Look each place up and average its colours; the shape stays.

    Raises
    ------
    UnsuitableScan
        If the table is missing or cut short.
    """
    try:
        if not whole_table(dataset):
            raise ValueError("a colour is missing")
        colours = apply_color_lut(places.astype(np.uint16), dataset)
    except BROKEN_FILE as error:
        raise UnsuitableScan(
            "The picture is stored in colours of a palette that is not whole, so its numbers are "
            "no grey values: export it in grey."
        ) from error
    return np.asarray(colours.mean(axis=-1), dtype=np.float32)


def whole_table(dataset: Dataset) -> bool:
    """Whether every colour is there, and none is longer than a table can be."""
    data = [dataset[number].value if number in dataset else None for number in TABLES[3:]]
    return all(number in dataset for number in TABLES[:3]) and all(
        isinstance(one, bytes) and 0 < len(one) <= LONGEST_TABLE for one in data
    )
