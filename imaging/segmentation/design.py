"""The shape of a network, known before torch is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Design:
    """All that is needed to build a network whose weights fit.

    Attributes
    ----------
    dimensions : int
        3 for volumes, 2 for flat pictures.
    channels : tuple of int
        Of each level, from fine to coarse; each level halves the grid.
    classes : int
        Of the answer, the background included.
    """

    dimensions: int
    channels: tuple[int, ...]
    classes: int

    @property
    def multiple(self) -> int:
        """What each side of a picture must be a multiple of."""
        return int(2 ** (len(self.channels) - 1))
