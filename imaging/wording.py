"""Names of regions and lists of them as a person reads them."""

from collections.abc import Iterable


def in_words(region: str) -> str:
    """``femoral_neck_left`` as "femoral neck left"."""
    return region.replace("_", " ")


def listed(words: Iterable[str]) -> str:
    """``L1, L2 and L3``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
