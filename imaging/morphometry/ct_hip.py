"""Width of the femoral neck and its angle to the shaft on CT, in space."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from imaging.regions.ct_hips import FEMORAL_NECK, Hip
from imaging.regions.ct_trochanter import INTERTROCHANTERIC
from imaging.regions.rings import ANGLES
from imaging.result import Measurement

SOURCE = "own definition, in the plane of the hip instead of a projection"
# On 28 drawn femora: slices of 1.5-5 mm, noise of 12-40 HU (tests/imaging/test_ct_hip.py).
WIDTH_PRECISION = "0.5 to 3 mm too wide on drawn femora; between visits not established"
ANGLE_PRECISION = "within 4 degrees on drawn femora; between visits not established"


def hip_lengths(hips: Sequence[Hip]) -> list[Measurement]:
    """Measure each neck; its angle where the head is sure and enough of the shaft in view."""
    numbers = []
    for hip in hips:
        region = f"{FEMORAL_NECK}_{hip.neck.head.side}"
        radii = hip.neck.rings.radii[hip.neck.narrowest]
        numbers.append(
            Measurement(
                name="femoral_neck_width",
                region=region,
                value=float(radii[0] + radii[ANGLES // 2]),
                unit="mm",
                method="from upper to lower edge across the narrowest section of the neck",
                source=SOURCE,
                precision=WIDTH_PRECISION,
                tried_on="generated images",
            )
        )
        if hip.shaft is None or not hip.head_is_sure:
            continue
        angle = np.rad2deg(np.arccos(-hip.neck.axis @ hip.shaft.down))
        numbers.append(
            Measurement(
                name="neck_shaft_angle",
                region=region,
                value=float(angle),
                unit="deg",
                method="between the axis of the neck and that of the shaft, in space",
                source=SOURCE,
                precision=ANGLE_PRECISION,
                tried_on="generated images",
            )
        )
    return numbers


def marked_untried(numbers: Sequence[Measurement]) -> list[Measurement]:
    """Say of the numbers of the femur below its head that no real scan was there to try them on."""
    return [
        replace(one, tried_on="generated images")
        if one.region.startswith((f"{FEMORAL_NECK}_", f"{INTERTROCHANTERIC}_"))
        else one
        for one in numbers
    ]
