"""Drawn spines as CT: random attenuation for every tissue, neighbours, vessels, metal, noise."""

import numpy as np
from scipy import ndimage

from imaging.segmentation.anatomy_ct import DrawnSpine, draw_spine
from imaging.segmentation.labels import Ct
from imaging.segmentation.synthesis import (
    Array,
    Example,
    Labels,
    Random,
    Real,
    clouds,
    grain,
    paint,
    soft,
    thick_slices,
)

# What the network sees of the scale of attenuation: fat to cortical bone.
SHOWN_HU = (-250.0, 750.0)
METAL_SHARE = 0.06
TURNED_SHARE = 0.5
EDGE_MM = 0.8  # cells of 2 mm mix what they cut across


def normalised(hu: Array) -> Array:
    """Turn Hounsfield units into what the network reads."""
    return np.asarray((np.clip(hu, *SHOWN_HU) - 100) / 200, dtype=np.float32)


def example(rng: Random, cells: int) -> Example:
    """Draw one piece of spine and its CT."""
    spine = draw_spine(rng, cells)
    image = _surroundings(rng, spine)
    _bones(rng, image, spine)
    if rng.random() < METAL_SHARE:
        _screws(rng, image, spine)
    image, labels = _scanned(rng, image), spine.labels
    if rng.random() < TURNED_SHARE:
        image, labels = image[:, :, ::-1], labels[:, :, ::-1]
    return Example(np.ascontiguousarray(normalised(image)), np.ascontiguousarray(labels))


def example_of(rng: Random, labels: Labels) -> Example:
    """Paint a label map from elsewhere, whose surfaces are known to half a cell only."""
    image = np.full(labels.shape, rng.uniform(20, 80), np.float32)
    image += rng.uniform(0, 60) * clouds(rng, labels.shape, 6)
    marrow = _marrow(rng)
    values = {
        Ct.CANAL: rng.uniform(0, 60),
        Ct.ARCH: rng.uniform(150, 500),
        Ct.SACRUM: marrow,
        Ct.DISC: rng.uniform(30, 140),
        Ct.BODY: marrow,
    }
    for kind, value in values.items():
        image[labels == kind] = value + rng.uniform(0, 40) * rng.normal()
    image += (labels == Ct.BODY) * rng.uniform(0, 40) * clouds(rng, labels.shape, 2)
    return Example(normalised(_scanned(rng, image)), labels)


def _marrow(rng: Random) -> float:
    """Draw the attenuation of trabecular bone: very porous to young and enhanced."""
    return float(rng.uniform(-10, 330) if rng.random() < 0.85 else rng.uniform(-40, 60))


def _surroundings(rng: Random, spine: DrawnSpine) -> Array:
    """Draw fat, muscle, vessels, bowel and lung around the spine."""
    shape = spine.labels.shape
    ahead, aside = spine.ahead, spine.aside
    muscle, fat = rng.uniform(20, 95), rng.uniform(-130, -50)
    patches = clouds(rng, shape, rng.uniform(4, 12)) + rng.uniform(-0.8, 1.8)
    image = fat + (muscle - fat) * soft(patches, 0.15)
    psoas = (
        1
        - np.hypot(
            (np.abs(aside) - rng.uniform(27, 40)) / rng.uniform(9, 18),
            (ahead - rng.uniform(-14, 6)) / rng.uniform(10, 20),
        )
    ) * 10
    paint(image, soft(psoas, 1.0), muscle + rng.normal(0, 8))
    line = np.arange(shape[0], dtype=np.float32)[:, None, None]
    blood = rng.uniform(25, 70) if rng.random() < 0.5 else rng.uniform(70, 330)
    for at in (rng.uniform(-2, 14), rng.uniform(-26, -6)):  # aorta, vena cava
        width = rng.uniform(7, 14)
        sway = rng.normal(0, 3) * np.sin(line / rng.uniform(10, 30) + rng.uniform(0, 6))
        off = np.hypot(aside - at - sway, ahead - rng.uniform(26, 36))
        paint(image, soft((width - off).astype(np.float32), 0.8), blood)
        if rng.random() < 0.3:
            chalk = np.exp(-(((off - width) / 1.5) ** 2)) * (clouds(rng, shape, 5) > 1.0)
            paint(image, chalk, rng.uniform(200, 700))
    for _ in range(rng.integers(0, 4)):
        _blob(rng, image, spine)
    return np.asarray(image, dtype=np.float32)


def _blob(rng: Random, image: Array, spine: DrawnSpine) -> None:
    """Draw bowel, kidney, lung, liver or a rib: anything from air to contrast."""
    shape = image.shape
    centre = (
        rng.uniform(0, shape[0] * 2),
        rng.uniform(5, 60),
        rng.choice([-1, 1]) * rng.uniform(8, 45),
    )
    size = rng.uniform(5, 25, 3)
    z = np.arange(shape[0], dtype=np.float32)[:, None, None] * 2 - centre[0]
    off = np.sqrt(
        (z / (2 * size[0])) ** 2
        + ((spine.ahead - centre[1]) / size[1]) ** 2
        + ((spine.aside - centre[2]) / size[2]) ** 2
    )
    value = float(rng.choice([-950, -300, 30, 120, 250, 450]) + rng.normal(0, 30))
    paint(image, soft(((1 - off) * size.min()), 1.0), value)


def _bones(rng: Random, image: Array, spine: DrawnSpine) -> None:
    shape = image.shape
    marrow = _marrow(rng)
    cortex = marrow + rng.uniform(40, 450)
    inside = spine.inside
    paint(image, soft(inside[Ct.CANAL] + 3, EDGE_MM), rng.uniform(-90, 60))  # fat, ligament
    paint(image, soft(inside[Ct.CANAL] - 2, EDGE_MM), rng.uniform(-5, 60))
    hardness = 0.5 * (marrow + cortex) + rng.uniform(-60, 250)
    arch = hardness + rng.uniform(20, 140) * clouds(rng, shape, 3)
    paint(image, soft(inside[Ct.ARCH], EDGE_MM), arch)
    disc = rng.uniform(25, 150)
    share = soft(inside[Ct.DISC], EDGE_MM)
    paint(image, share, disc + rng.uniform(0, 20) * clouds(rng, shape, 3))
    if rng.random() < 0.1:  # gas in a worn disc
        paint(image, soft(inside[Ct.DISC] - 3, EDGE_MM), rng.uniform(-500, -50))
    texture = rng.uniform(0, 45) * clouds(rng, shape, 1.5) + rng.uniform(0, 60) * clouds(
        rng, shape, 6
    )
    sacrum = marrow * rng.uniform(0.4, 1.2) + texture
    for kind, value in ((Ct.SACRUM, sacrum), (Ct.BODY, marrow + texture + _each(rng, spine))):
        paint(image, soft(inside[kind], EDGE_MM), value)
        shell = np.exp(-(((inside[kind] - 0.6) / rng.uniform(0.8, 1.6)) ** 2))
        paint(image, (rng.uniform(0.2, 0.9) * shell).astype(np.float32), cortex)
    if rng.random() < 0.4:
        _vein(rng, image, spine)


def _each(rng: Random, spine: DrawnSpine) -> Array:
    """Let vertebrae differ in density; a crushed or cemented one differs more."""
    spread = rng.uniform(0, 25)
    values = rng.normal(0, spread, int(spine.level.max()) + 1)
    odd = rng.random(len(values)) < 0.05
    values[odd] += rng.uniform(-60, 250, int(odd.sum()))
    return np.asarray(values[spine.level], dtype=np.float32)


def _vein(rng: Random, image: Array, spine: DrawnSpine) -> None:
    """Draw the basivertebral vein: the middle of the back half, dark or enhanced."""
    deep = soft(spine.inside[Ct.BODY] - rng.uniform(5, 8), 1.0)
    back = soft((-2 - spine.ahead).astype(np.float32), 2.0)
    middle = np.exp(-((spine.aside / rng.uniform(2, 6)) ** 2))
    paint(image, (0.7 * deep * back * middle), rng.uniform(-20, 250))


def _screws(rng: Random, image: Array, spine: DrawnSpine) -> None:
    """Draw pedicle screws at both sides of some vertebrae, and the streaks they throw."""
    levels = np.unique(spine.level)[1:]
    z = np.arange(image.shape[0], dtype=np.float32)[:, None, None]
    metal = np.zeros(image.shape, bool)
    for level in levels[rng.random(len(levels)) < 0.6]:
        planes = np.flatnonzero((spine.level == level).any(axis=(1, 2)))
        at = planes[len(planes) * 2 // 3]
        for side in (-1, 1):
            out = np.abs(spine.aside - side * (8 + 0.25 * (10 - spine.ahead)))
            metal |= (np.hypot(out, 2 * (z - at)) < 3) & (spine.ahead < 10)
    streaks = clouds(rng, image.shape, 3) * rng.uniform(20, 120)
    near = metal.any(axis=(1, 2))
    image[near] += streaks[near]
    image[metal] = rng.uniform(1500, 3000)


def _scanned(rng: Random, image: Array) -> Array:
    """Blur, slice and grain as some scanner would, and let the scale be a little off."""
    blur = rng.uniform(0, 0.9)
    shown: Real = ndimage.gaussian_filter(image, (blur * rng.uniform(0.6, 1.4), blur, blur))
    shown = thick_slices(shown, int(rng.choice([1, 1, 1, 2, 2, 3, 4, 5])))
    level = rng.uniform(0, 55) * rng.uniform(0.2, 1)
    shown = shown + level * grain(rng, shown.shape, rng.uniform(0, 1.0))
    uneven = rng.uniform(0, 0.06) * clouds(rng, image.shape, 30)
    shown = shown * (rng.normal(1, 0.06) + uneven) + rng.normal(0, 12)
    return np.asarray(shown, dtype=np.float32)
