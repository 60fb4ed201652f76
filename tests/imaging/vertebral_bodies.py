"""Bodies drawn by their heights."""

from imaging.morphometry.vertebrae import (
    Morphometry,
    vertebral_morphometry,
)
from imaging.result import Region


def body(name: str, anterior: float, middle: float, posterior: float) -> Region:
    """Draw a body of these heights, 30 deep, upper plate level at row 0, front to the right."""
    corners = (
        (30.0, 0.0),
        (15.0, 0.0),
        (0.0, 0.0),
        (0.0, posterior),
        (15.0, middle),
        (30.0, anterior),
    )
    return Region(id=name, label=name, method="any", confidence=None, polygon=corners)


def read(*bodies: Region, mm: tuple[float, float] | None = (1.0, 1.0)) -> Morphometry:
    return vertebral_morphometry(bodies, mm, precision="drawn", within_mm=0.5)
