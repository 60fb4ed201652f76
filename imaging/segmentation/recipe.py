"""The recipe of a network: all that decides its weights."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from imaging.segmentation.design import Design
from imaging.segmentation.labels import Ct, Flat

Target = Literal["ct", "flat"]
TARGETS: tuple[Target, ...] = get_args(Target)
DEFAULT_SEED = 20261121
DEFAULT_MINUTES = 10.0
# A time limit would make the weights depend on the machine; a minute is this many steps instead,
# measured on one thread of a machine that others used too.
STEPS_PER_MINUTE: dict[Target, int] = {"ct": 150, "flat": 130}
DESIGNS: dict[Target, Design] = {
    "ct": Design(dimensions=3, channels=(12, 24, 56), classes=len(Ct)),
    "flat": Design(dimensions=2, channels=(12, 24, 48, 96), classes=len(Flat)),
}
SHAPES: dict[Target, tuple[int, ...]] = {"ct": (48, 32, 32), "flat": (160, 128)}
BATCHES: dict[Target, int] = {"ct": 2, "flat": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What was done; the same recipe gives the same weights with the same torch.

    Attributes
    ----------
    shape : tuple of int
        Cells of one training picture.
    label_maps, pretrained_on : tuple of str
        SHA-256 of the files from elsewhere; none for what ships.
    """

    target: Target
    seed: int
    steps: int
    batch: int
    learning_rate: float
    shape: tuple[int, ...]
    design: Design
    label_maps: tuple[str, ...] = ()
    pretrained_on: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Recipe":
        design = stored["design"]
        return cls(
            **{
                **stored,
                "shape": tuple(stored["shape"]),
                "label_maps": tuple(stored["label_maps"]),
                "pretrained_on": tuple(stored["pretrained_on"]),
                "design": Design(
                    dimensions=int(design["dimensions"]),
                    channels=tuple(int(count) for count in design["channels"]),
                    classes=int(design["classes"]),
                ),
            }
        )


def recipe_for(
    target: Target, minutes: float = DEFAULT_MINUTES, seed: int = DEFAULT_SEED
) -> Recipe:
    """Give the recipe of a target for about so many minutes of one thread."""
    return Recipe(
        target=target,
        seed=seed,
        steps=max(1, round(minutes * STEPS_PER_MINUTE[target])),
        batch=BATCHES[target],
        learning_rate=4e-3,
        shape=SHAPES[target],
        design=DESIGNS[target],
    )
