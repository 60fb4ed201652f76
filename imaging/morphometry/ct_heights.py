"""Six points of vertebral bodies on CT, and which of these bodies may be judged by them.

A body is judged where both endplates are certain and three planes through it, from front to back,
say alike; a height that is wrong would be read as a fracture, one that is missing is looked up.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.morphometry.vertebrae import GRADES, Morphometry, vertebral_morphometry
from imaging.regions.ct_bodies import Body
from imaging.regions.six_points import heights_of
from imaging.regions.straightened import Vector
from imaging.result import Finding, Region, Severity
from imaging.wording import in_words, listed

METHOD = "endplate surfaces in the mid-sagittal plane"
PRECISION = "within 1.5 mm on drawn vertebrae; between visits not established"
WITHIN_MM = 1.5
# Share of an endplate's columns that lie on its surface: 0.93 and more on real vertebrae, with
# generated fractures too, 0.85 to 0.90 where a bone island or a vessel was taken for the endplate.
CERTAIN_SHARE = 0.92
# Two bodies keep at least this far apart.
LEAST_DISC_MM = 1.0


def six_points(name: str, points_mm: Vector) -> Region:
    """Give six points in mm of their own plane, front to the left, head up.

    They are not drawn: the plane is not one of the pictures.
    """
    # Rows grow towards the feet, columns towards the back; mm in slice, row, column order.
    corners = tuple((float(row), float(-up)) for up, row, _ in np.asarray(points_mm))
    return Region(id=name, label=name, method=METHOD, confidence=None, polygon=corners)


def six_point_regions(bodies: Mapping[str, Body]) -> list[Region]:
    """Give all bodies from head to foot, as they are graded."""
    return [six_points(name, body.six_points_mm) for name, body in bodies.items()]


def ct_morphometry(bodies: Mapping[str, Body]) -> Morphometry:
    """Measure and grade the bodies whose endplates are certain, and name the others.

    Parameters
    ----------
    bodies : mapping of str to Body
        From head to foot.
    """
    certain = {name: body for name, body in bodies.items() if _is_certain(body)}
    for above, below in _meeting(bodies):
        certain.pop(above, None)
        certain.pop(below, None)
    judged = _graded(certain)
    doubtful = _one_sided(certain, judged)
    if doubtful:
        certain = {name: body for name, body in certain.items() if name not in doubtful}
        judged = _graded(certain)
    return Morphometry(
        judged.measurements, (*judged.findings, *_not_judged(set(bodies) - set(certain), bodies))
    )


def _graded(bodies: Mapping[str, Body]) -> Morphometry:
    return vertebral_morphometry(
        six_point_regions(bodies), (1.0, 1.0), precision=PRECISION, within_mm=WITHIN_MM
    )


def _is_certain(body: Body) -> bool:
    """Whether six points in every plane are two endplates, both of them certain."""
    if body.agreement < CERTAIN_SHARE or not body.discs_clear:
        return False
    try:
        for points in (body.six_points_mm, *body.beside_mm):
            heights_of(six_points("", points), (1.0, 1.0))
    except UnsuitableScan:
        return False
    return True


def _meeting(bodies: Mapping[str, Body]) -> list[tuple[str, str]]:
    """Name neighbours that leave no disc between them: one has the endplate of the other."""
    return [
        (above, below)
        for above, below in pairwise(bodies)
        if _disc_mm(bodies[above], bodies[below]) < LEAST_DISC_MM
    ]


def _disc_mm(above: Body, below: Body) -> float:
    """Give the least height of the disc between two bodies, along the axis of both."""
    floor, ceiling = above.six_points_mm[:2:-1], below.six_points_mm[:3]
    axis = above.six_points_mm.mean(axis=0) - below.six_points_mm.mean(axis=0)
    return float(((floor - ceiling) @ (axis / np.linalg.norm(axis))).min())


def _one_sided(bodies: Mapping[str, Body], judged: Morphometry) -> set[str]:
    """Name the bodies with a grade that is not seen in every plane."""
    graded = {
        number.region
        for number in judged.measurements
        if number.name == "vertebral_deformity_grade" and number.value
    }
    expected = {
        number.region: number.value
        for number in judged.measurements
        if number.name == "vertebral_ratio_posterior"
    }
    doubtful = set()
    for name in graded:
        body = bodies[name]
        middle = heights_of(six_points(name, body.six_points_mm), (1.0, 1.0))
        # What a sound body would have behind: its own height, or that of its neighbours.
        measure = middle.posterior / min(expected.get(name, 1.0), 1.0)
        for points in body.beside_mm:
            own = heights_of(six_points(name, points), (1.0, 1.0))
            least = min(own.anterior, own.middle, own.posterior)
            if 1 - least / max(measure, own.posterior) < GRADES[0]:
                doubtful.add(name)
    return doubtful


def _not_judged(names: set[str], bodies: Sequence[str] | Mapping[str, Body]) -> tuple[Finding, ...]:
    if not names:
        return ()
    told = listed([in_words(name) for name in bodies if name in names])
    return (
        Finding(
            code="height_not_judged",
            severity=Severity.INFO,
            regions=tuple(name for name in bodies if name in names),
            advice=f"Height of {told} is not judged: an endplate is not certain, or planes beside "
            "the middle say otherwise. It is left out of means and categories; look for a "
            "fracture by eye.",
        ),
    )
