"""Six points of a vertebral body on CT, in the plane that halves it."""

from collections.abc import Mapping

import numpy as np

from imaging.regions.ct_bodies import Body
from imaging.result import Region

METHOD = "endplate surfaces in the mid-sagittal plane"


def six_points(name: str, body: Body) -> Region:
    """Give the six points of a body in mm of its own middle plane, front to the left, head up.

    They are not drawn: the plane is not one of the pictures.
    """
    points = np.asarray(body.six_points_mm)
    # Rows grow towards the feet, columns towards the back; mm in slice, row, column order.
    corners = tuple((float(row), float(-up)) for up, row, _ in points)
    return Region(id=name, label=name, method=METHOD, confidence=None, polygon=corners)


def six_point_regions(bodies: Mapping[str, Body]) -> list[Region]:
    """Give all bodies from head to foot, as they are graded."""
    return [six_points(name, body) for name, body in bodies.items()]
