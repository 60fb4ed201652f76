"""Text in pictures, read by tesseract, an optional program of the system.

It is called over pipes: the process that measures may write no file, which rules out wrappers
that hand pictures over in temporary files.
"""

import os
import shutil
import subprocess
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from imaging import stages
from imaging.errors import UnsuitableScan
from imaging.reports.words import Word
from imaging.stages import Stage

PROGRAM = "tesseract"
SECONDS = 40.0
ABSENT = (
    "The numbers of this report stand in a picture, and the program tesseract that reads text in "
    "pictures is not installed here: send the structured report or a PDF with text, or ask whoever "
    "runs this server to install tesseract-ocr."
)
# One block of text of one column: the words' own places decide what is a column.
BLOCK = 6
FIGURES = "0123456789."


def is_there() -> bool:
    """Say whether text in pictures can be read on this machine."""
    return shutil.which(PROGRAM) is not None


def read_words(picture: Image.Image, *, letters: str = "", block: int = BLOCK) -> list[Word]:
    """Read the words of a grey picture with their places in its pixels.

    Parameters
    ----------
    letters : str
        The only letters that may occur; all unless given.

    Raises
    ------
    UnsuitableScan
        If the program is not installed.
    """
    stages.now(Stage.READING_PRINT)
    program = shutil.which(PROGRAM)
    if program is None:
        raise UnsuitableScan(ABSENT, "document")
    sink = BytesIO()
    picture.save(sink, "PNG", compress_level=1)
    allowed = ["-c", f"tessedit_char_whitelist={letters}"] if letters else []
    try:
        # Fixed arguments without a shell; the picture goes in over the pipe.
        read = subprocess.run(  # noqa: S603
            [program, "stdin", "stdout", "--psm", str(block), "--dpi", "300", *allowed, "tsv"],
            input=sink.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        return []
    return _words(read.stdout.decode("utf-8", errors="replace"))


def _words(table: str) -> list[Word]:
    """Take words from tesseract's table: 12 columns, of which 7-10 are place, 12 is text."""
    words = []
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) != 12 or not cells[11].strip():
            continue
        left, top, width, height = (float(cell) for cell in cells[6:10])
        words.append(Word(cells[11].strip(), left, left + width, top, top + height))
    return words


def page_of(pixels: npt.NDArray[np.generic]) -> Image.Image:
    """Make a grey page, dark on bright, of any array of grey values; its size stays."""
    values = np.asarray(pixels, dtype=np.float32)
    low, high = np.percentile(values, (0.5, 99.5))
    if high <= low:
        low, high = float(values.min()), float(values.max()) + 1.0
    grey = np.clip((values - low) / (high - low), 0, 1)
    if np.median(grey) < 0.5:
        grey = 1 - grey
    return Image.fromarray((255 * grey).astype(np.uint8), "L")


def read_page(page: Image.Image, wide: int) -> list[Word]:
    """Read a whole page at this width in pixels; places are in the page's own pixels."""
    scale = float(np.clip(wide / max(page.width, 1), 0.5, 5.0))
    size = (round(page.width * scale), round(page.height * scale))
    enlarged = page.resize(size, Image.Resampling.LANCZOS)
    return [
        Word(
            word.text, word.left / scale, word.right / scale, word.top / scale, word.bottom / scale
        )
        for word in read_words(enlarged)
    ]
