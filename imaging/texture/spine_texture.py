"""Texture of vertebrae on a densitometer's display image."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from imaging import stages
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.regions.dxa_spine import LEVELS
from imaging.regions.spine_column import exposed_field
from imaging.result import Measurement, Region
from imaging.stages import Stage
from imaging.texture.bone_texture import texture_measurements

COMBINED = "-".join((LEVELS[0], LEVELS[-1]))
SCORE = "lumbar_texture_score"
SCORE_OF = "glcm_correlation"
OWN_SCALE = "our own scale from -1 to 1, not the trabecular bone score and not convertible to it"


def spine_texture(projection: Projection, regions: Sequence[Region]) -> list[Measurement]:
    """Measure every region, and all four levels together where they are all there.

    Co-occurrence needs a grid in millimetres: without spacing only first-order values are given.
    """
    shape = (projection.pixels.shape[0], projection.pixels.shape[1])
    stages.now(Stage.TEXTURE)
    exposed = exposed_field(projection.pixels)
    masks = {region.id: inside(region.polygon, shape) & exposed for region in regions}
    if all(level in masks for level in LEVELS):
        union = np.zeros(shape, dtype=bool)
        for level in LEVELS:
            union |= masks[level]
        masks[COMBINED] = union
    spacing = None if projection.spacing is None else projection.spacing.mm
    numbers: list[Measurement] = []
    for name, mask in masks.items():
        found = texture_measurements(projection.pixels, mask, spacing, name)
        if name == COMBINED:
            numbers += [_score(number) for number in found if number.name == SCORE_OF]
        numbers += found
    return numbers


def _score(correlation: Measurement) -> Measurement:
    """Give the four levels' correlation the name under which risk uses it."""
    method = f"co-occurrence correlation (IBSI NI2N) over {COMBINED}: {correlation.method}"
    return replace(correlation, name=SCORE, method=f"{method}; {OWN_SCALE}")
