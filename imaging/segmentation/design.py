"""The shape of a network, known before torch is."""

from dataclasses import dataclass

# Group normalisation (Wu & He 2018, arXiv 1803.08494) does not depend on the size of a batch.
GROUPS = 4
NORM_EPSILON = 1e-5
LEAK = 0.1


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

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name every array of its weights, as torch names them, with its shape."""
        three, two, one = ((side,) * self.dimensions for side in (3, 2, 1))
        fine = self.channels[0]
        shapes: dict[str, tuple[int, ...]] = {}
        for depth, (before, here) in enumerate(
            zip((1, *self.channels), self.channels, strict=False)
        ):
            shapes |= _block(f"down.{depth}", before, here, three)
        for step, (below, here) in enumerate(
            zip(self.channels[:0:-1], self.channels[-2::-1], strict=True)
        ):
            shapes[f"widen.{step}.weight"] = (below, here, *two)
            shapes[f"widen.{step}.bias"] = (here,)
            shapes |= _block(f"up.{step}", 2 * here, here, three)
        shapes["answer.weight"] = (self.classes, fine, *one)
        shapes["answer.bias"] = (self.classes,)
        return shapes


def _block(name: str, before: int, after: int, side: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Two convolutions, each with its normalisation, at the places torch gives them."""
    shapes: dict[str, tuple[int, ...]] = {}
    for at, width in ((0, before), (3, after)):
        shapes[f"{name}.{at}.weight"] = (after, width, *side)
        shapes[f"{name}.{at + 1}.weight"] = (after,)
        shapes[f"{name}.{at + 1}.bias"] = (after,)
    return shapes
