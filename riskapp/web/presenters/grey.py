"""What the greys of a picture stand for, so that a window over them can be named in numbers."""

from dataclasses import dataclass

from imaging.drawing.display import CT_WINDOW_HU
from imaging.result import Kind


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class GreyScale:
    """From black to white: HU on CT, else per cent of the picture's own range."""

    low: int
    high: int
    unit: str
    presets: tuple[Preset, ...]

    @property
    def width(self) -> int:
        return self.high - self.low

    @property
    def level(self) -> int:
        return (self.high + self.low) // 2


# Within what the stored pictures hold, which end at the window that they were made with.
CT = GreyScale(
    *(int(end) for end in CT_WINDOW_HU),
    "HU",
    (
        Preset("All", *(int(end) for end in CT_WINDOW_HU)),
        Preset("Spongy bone", 0, 300),
        Preset("Soft tissue", -150, 240),
    ),
)
PER_CENT = GreyScale(
    0, 100, "%", (Preset("All", 0, 100), Preset("Bone", 35, 100), Preset("Soft tissue", 0, 50))
)


def grey_scale(kind: Kind) -> GreyScale:
    return CT if kind.modality == "ct" else PER_CENT
