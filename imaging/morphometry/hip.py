"""The geometry of a hip from its lines: hip axis length, neck-shaft angle, width of the neck."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imaging.result import Measurement, Region

# Hip axis length, neck width and neck-shaft angle on densitometers' pictures, as defined there:
# from the greater trochanter along the neck to the inner pelvic brim; across the narrowest neck.
FAULKNER = "Faulkner 1993, J Bone Miner Res 8:1211-1217, doi:10.1002/jbmr.5650081008"
# Over mirrored, turned (5 degrees), noisy, cropped and coarser copies, with display gamma from 0.7
# to 1.4, of one real hip and of drawn ones (tests/imaging/test_dxa_hip.py).
PRECISION = {
    "hip_axis_length": "within 2 mm on changed copies of one picture; between visits not "
    "established; in the plane of the table, so a hip above it is enlarged by a fan beam",
    "neck_shaft_angle": "within 2 degrees on changed copies of one picture; between visits not "
    "established",
    "femoral_neck_width": "within 1 mm on changed copies of one picture; between visits not "
    "established",
}
METHODS = {
    "hip_axis_length": "from the lateral side of the trochanter along the neck axis to the inner "
    "brim of the pelvis",
    "neck_shaft_angle": "between the mid-line of the shaft and the line from it to the head",
    "femoral_neck_width": "from edge to edge across the narrowest neck",
}
Lines = dict[str, npt.NDArray[np.float64]]


def hip_geometry(
    regions: Sequence[Region], spacing_mm: tuple[float, ...] | None
) -> list[Measurement]:
    """Measure the lines of a hip, placed by a program or by a person.

    Parameters
    ----------
    regions : sequence of Region
        Lines ``hip_axis``, ``femoral_axis`` (towards the hip), ``neck_axis`` (towards the head)
        and ``neck_width``; what is missing is not measured.
    spacing_mm : tuple of float or None
        (row, column); without it nothing is measured, the angle neither, since pixels need not
        be square.
    """
    if spacing_mm is None:
        return []
    lines: Lines = {
        region.id: np.array([(y * spacing_mm[0], x * spacing_mm[1]) for x, y in region.polygon])
        for region in regions
        if region.outline == "line"
    }
    values: list[tuple[str, str, float, str]] = []
    if "hip_axis" in lines:
        values.append(("hip_axis_length", "hip_axis", _length(lines["hip_axis"]), "mm"))
    if "femoral_axis" in lines and "neck_axis" in lines:
        angle = _angle(lines["femoral_axis"], lines["neck_axis"])
        values.append(("neck_shaft_angle", "neck_axis", angle, "deg"))
    if "neck_width" in lines:
        values.append(("femoral_neck_width", "neck_width", _length(lines["neck_width"]), "mm"))
    return [
        Measurement(
            name=name,
            region=region,
            value=value,
            unit=unit,
            method=METHODS[name],
            source=FAULKNER,
            precision=PRECISION[name],
        )
        for name, region, value, unit in values
    ]


def _length(line: npt.NDArray[np.float64]) -> float:
    return float(np.hypot(*np.diff(line[[0, -1]], axis=0)[0]))


def _angle(shaft: npt.NDArray[np.float64], neck: npt.NDArray[np.float64]) -> float:
    """Give the angle that opens medially, in degrees; 180 would be one straight line."""
    up, ahead = shaft[-1] - shaft[0], neck[-1] - neck[0]
    across = up[0] * ahead[1] - up[1] * ahead[0]
    return 180.0 - float(np.degrees(np.arctan2(abs(across), float(up @ ahead))))
