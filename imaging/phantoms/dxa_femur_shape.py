"""The shape of a drawn hip: shaft, neck, head and trochanters as depths under one surface."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Place = tuple[float, float]
BLEND_MM = 3.0


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Parameters in mm; (row, column) in a picture whose medial side is the left."""

    corner: Place  # where the axes cross
    up: Place  # along the shaft
    ahead: Place  # along the neck, to the head
    angle_deg: float
    shaft_half: float
    cortex: float
    neck_half: float
    narrowest: float  # along the neck from the corner
    neck_length: float  # from the corner to the centre of the head
    head_radius: float
    trochanter: float  # radius of the greater one
    lesser: float  # how far the lesser one stands out

    @property
    def head(self) -> Place:
        return (
            self.corner[0] + self.neck_length * self.ahead[0],
            self.corner[1] + self.neck_length * self.ahead[1],
        )

    @classmethod
    def random(cls, rng: np.random.Generator, lesser: float) -> "Anatomy":
        """Draw a hip; spreads are as wide as adults' and a little wider (our own)."""
        angle = float(rng.uniform(121, 140))
        lean = np.radians(rng.normal(0, 2.5))
        up = (-float(np.cos(lean)), float(np.sin(lean)))
        turn = lean - np.radians(180 - angle)
        ahead = (-float(np.cos(turn)), float(np.sin(turn)))
        half = float(rng.uniform(14.5, 18.5))
        radius = half * float(rng.uniform(1.28, 1.42))
        length = float(rng.uniform(46, 56))
        # Outside the head, and in its lee.
        narrowest = length - np.sqrt(radius**2 - half**2) - float(rng.uniform(5, 8))
        return cls(
            corner=(float(rng.uniform(72, 80)), float(rng.uniform(108, 118))),
            up=up,
            ahead=ahead,
            angle_deg=angle,
            shaft_half=float(rng.uniform(0.86, 0.98)) * half,
            cortex=float(rng.uniform(3.5, 6.5)),
            neck_half=half,
            narrowest=narrowest,
            neck_length=length,
            head_radius=radius,
            trochanter=half * float(rng.uniform(0.85, 1.05)),
            lesser=lesser,
        )


def femur_depth(shape: Anatomy, y: Array, x: Array) -> Array:
    """Give the depth under the femur's surface in mm; negative outside."""
    down, right = y - shape.corner[0], x - shape.corner[1]
    along_shaft = down * shape.up[0] + right * shape.up[1]
    lateral = right * -shape.up[0] + down * shape.up[1]
    along = down * shape.ahead[0] + right * shape.ahead[1]
    across = -down * shape.ahead[1] + right * shape.ahead[0]
    # The shaft widens upwards and ends under the trochanter.
    half = shape.shaft_half + np.clip(along_shaft + 30, 0, 30) * 0.1
    shaft = np.minimum(half - np.abs(lateral), -along_shaft - 2 - 0.3 * np.clip(lateral, 0, 40))
    waist = shape.neck_half + 0.007 * np.clip(along - shape.narrowest, -18, 18) ** 2
    neck = np.minimum(waist - np.abs(across), np.minimum(along, shape.neck_length - along))
    head = shape.head_radius - np.hypot(y - shape.head[0], x - shape.head[1])
    greater = shape.trochanter - np.hypot((along_shaft - 6) / 1.7, lateral - 8.0)
    minor = 8 - np.hypot((along_shaft + 36) / 1.3, lateral + shape.shaft_half + shape.lesser - 7.0)
    joined = _blend(_blend(shaft, neck), greater)
    return _blend(_blend(joined, minor), head)


def _blend(one: Array, other: Array) -> Array:
    """Join two bodies with a fillet between them."""
    near = np.clip(BLEND_MM - np.abs(one - other), 0, None) / BLEND_MM
    return np.asarray(np.maximum(one, other) + near**2 * BLEND_MM / 4)


def _brim(shape: Anatomy, y: Array) -> Array:
    """Give the column of the inner brim of the pelvis in each row."""
    up = shape.head[0] - y
    return np.asarray(shape.head[1] - shape.head_radius - 10 + 0.06 * np.clip(up, -30, 200))


def pelvis_grey(shape: Anatomy, y: Array, x: Array) -> Array:
    """Draw ilium with its brim, roof of the joint, wall of the acetabulum and ischium."""
    down, right = y - shape.head[0], x - shape.head[1]
    apart = np.hypot(down, right)
    radius = shape.head_radius
    inward = x - _brim(shape, y)
    wing = 0.55 * radius + 0.12 * np.clip(-down - radius, 0, None) - right
    ilium = np.minimum(np.minimum(inward, wing), 6 - down)
    plate = _soft(ilium, 0.6)
    # Over the head only its front and back wall lie, thinner towards the outer side.
    wall = np.clip(0.55 - right / (1.6 * radius), 0, 1)
    grey = 75 * plate * np.where(apart < radius + 3, wall, 1.0)
    grey += 110 * np.exp(-(((inward - 3) / 2.2) ** 2)) * plate
    # Upwards the wing is a column with two light edges, so that on its head it is like a shaft.
    grey += 90 * np.exp(-(((wing - 3) / 2.2) ** 2)) * plate * np.clip((-down - radius) / 8, 0, 1)
    roof = np.exp(-(((apart - radius - 5.5) / 2.0) ** 2)) * (down < -0.35 * radius)
    grey += 120 * roof * _soft(wing + 1.5, 0.8)
    place = np.hypot((right + radius + 1) / 0.62, down - radius - 16)
    ring = np.hypot((right + radius + 24) / 1.0, (down - radius - 8) / 0.8)
    grey += 80 * _soft(23 - place, 0.8)
    grey += 45 * (_soft(19 - ring, 0.8) - _soft(13 - ring, 0.8)) * _soft(-inward, 1.0)
    return np.asarray(grey)


def _soft(inside: Array, blur: float) -> Array:
    """Turn a signed distance in mm into a smooth edge."""
    return np.asarray(1 / (1 + np.exp(-np.clip(inside / blur, -40, 40))), dtype=np.float64)


def truth_along_axis(shape: Anatomy) -> tuple[Place, float, float]:
    """Find the narrowest crossing and the hip axis length of the drawn surface itself."""
    fine = np.arange(-40.0, 40.0, 0.05)
    across = np.array([-shape.ahead[1], shape.ahead[0]])
    best: tuple[float, Place] | None = None
    for along in np.arange(shape.narrowest - 8, shape.narrowest + 8, 0.25):
        middle = np.array(shape.corner) + along * np.array(shape.ahead)
        line = middle + fine[:, None] * across
        inside = femur_depth(shape, line[:, 0], line[:, 1]) > 0
        run = fine[inside & (np.abs(fine) < 30)]
        width = float(run[-1] - run[0])
        if best is None or width < best[0]:
            centre = middle + (run[0] + run[-1]) / 2 * across
            best = (width, (float(centre[0]), float(centre[1])))
    if best is None:
        raise ValueError("The drawn neck has no width.")
    axis = np.arange(-60.0, 120.0, 0.1)
    line = np.array(shape.corner) + axis[:, None] * np.array(shape.ahead)
    bone = femur_depth(shape, line[:, 0], line[:, 1]) > 0
    lateral = float(axis[np.flatnonzero(bone)[0]])
    medial = axis[(line[:, 1] <= _brim(shape, line[:, 0])) & (axis > 0)]
    return best[1], best[0], float(medial[0]) - lateral
