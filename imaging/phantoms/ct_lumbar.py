"""A drawn lumbar CT with sacrum, pelvis and aorta, and the truth about each vertebra."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import CTImageStorage
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]

# From the sacrum upward; how far each body leans forward, as lordosis has it.
LEVELS = ("S1", "L5", "L4", "L3", "L2", "L1", "T12", "T11")
LEAN_DEG = (38.0, 20.0, 8.0, 0.0, -6.0, -10.0, -10.0, -8.0)
BODY_MM = 26.5  # height
DISC_MM = 9.0
HALF_DEPTH_MM, HALF_WIDTH_MM = 16.5, 23.5
CORTEX_HU, PLATE_HU, ARCH_HU = 420.0, 380.0, 420.0
DISC_HU, MUSCLE_HU, FAT_HU, CANAL_HU = 85.0, 55.0, -100.0, 25.0
FIELD_MM = 350.0


@dataclass(frozen=True, slots=True)
class CtTruth:
    """What was drawn.

    Attributes
    ----------
    names : tuple of str
        Level of each label, from 1 upward.
    labels : ndarray of int8, shape (slices, rows, columns)
        Vertebral bodies, cortex included; 0 elsewhere. Foot to head.
    trabecular_hu : dict of str to float
        Mean attenuation inside each body.
    """

    names: tuple[str, ...]
    labels: npt.NDArray[np.int8]
    trabecular_hu: dict[str, float]
    spacing_mm: tuple[float, float, float]


def ct_lumbar(
    seed: int,
    *,
    slice_mm: float = 2.5,
    pixel_mm: float = 1.4,
    vessel_hu: float = 45.0,
    noise_hu: float = 12.0,
    marrow_hu: float | None = None,
    bend_mm: float = 0.0,
    wedged: Mapping[str, float] | None = None,
    dented: Mapping[str, float] | None = None,
    crushed: Mapping[str, float] | None = None,
) -> tuple[npt.NDArray[np.int16], CtTruth]:
    """Draw a lumbar CT from mid-sacrum to T11, foot to head.

    Parameters
    ----------
    seed : int
        Anatomy, density and noise.
    vessel_hu : float
        Attenuation of the aorta; 150 looks like contrast medium.
    marrow_hu : float, optional
        Mean attenuation of marrow; 20 is a very porous spine. Drawn between 85 and 190 by default.
    bend_mm : float
        How far the middle of the spine lies to the left of its ends: scoliosis.
    wedged : mapping of level to float, optional
        Share of the height that a body has lost in front, as a wedge fracture.
    dented, crushed : mapping of level to float, optional
        Share lost in the middle, half from either endplate, and all over.

    Returns
    -------
    voxels : ndarray of int16, shape (slices, rows, columns)
        Hounsfield units.
    truth : CtTruth
    """
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.93, 1.08)
    marrow = rng.uniform(85, 190)
    if marrow_hu is not None:
        marrow = marrow_hu
    count = round(FIELD_MM / pixel_mm)
    # Two thin layers make one slice, so that slices mix what they cut across.
    layer_mm = slice_mm / 2
    height = size * (BODY_MM + DISC_MM) * 6.4 + 75
    layers = 2 * int(height / slice_mm)
    x = np.asarray((np.arange(count) - count / 2) * pixel_mm, dtype=np.float64)
    y = np.asarray((np.arange(count) - count * 0.62) * pixel_mm, dtype=np.float64)
    volume = _trunk(x, y)[None].repeat(layers, axis=0)
    labels = np.zeros(volume.shape, dtype=np.int8)
    truth: dict[str, float] = {}
    z, back = 62.0, 22.0
    for label, (name, lean) in enumerate(zip(LEVELS, LEAN_DEG, strict=True), start=1):
        hu = marrow + rng.normal(0, 8)
        truth[name] = hu
        turn = np.deg2rad(lean + rng.normal(0, 1.5))
        bent = bend_mm * np.sin(np.pi * (label - 1) / (len(LEVELS) - 1))
        place = _Place(z, back, turn, size, rng.normal(0, 1) + bent)
        drawing = _Drawing(volume, labels, layer_mm, x, y, place)
        if name == "S1":
            _sacrum(drawing, hu)
            _wings(volume, x, y, place, layer_mm)
        else:
            losses = ((kind or {}).get(name, 0.0) for kind in (wedged, dented, crushed))
            _vertebra(drawing, label, hu, _Lost(*losses))
        above = LEAN_DEG[min(label, len(LEAN_DEG) - 1)]
        middle = np.deg2rad((lean + above) / 2)
        gap = size * (BODY_MM + DISC_MM)
        z, back = z + gap * float(np.cos(middle)), back - gap * float(np.sin(middle))
    _aorta(volume, labels, x, y, vessel_hu)
    grain = ndimage.gaussian_filter(rng.normal(0, 1, volume.shape), 0.7)
    volume += np.where(labels > 0, 22.0 / grain.std(), 0.0) * grain
    volume = ndimage.gaussian_filter(volume, (0.5, 0.45, 0.45))
    sliced = volume.reshape(-1, 2, count, count).mean(axis=1)
    sliced += rng.normal(0, noise_hu, sliced.shape)
    return np.clip(np.rint(sliced), -1024, 3071).astype(np.int16), CtTruth(
        LEVELS, labels[::2], truth, (slice_mm, pixel_mm, pixel_mm)
    )


@dataclass(frozen=True, slots=True)
class _Place:
    z: float
    y: float
    lean: float
    size: float
    x: float


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A box of the volume around one vertebra, with coordinates that lean with it."""

    volume: Array
    labels: npt.NDArray[np.int8]
    layer_mm: float
    x: Array
    y: Array
    place: _Place

    def box(
        self, reach: float, wide: float
    ) -> tuple[tuple[slice, slice, slice], Array, Array, Array]:
        """Give the box, and height, forward and sideways coordinates in it, in body sizes.

        ``reach`` is mm up, down, forward and back, ``wide`` to either side.
        """
        p = self.place
        z = np.arange(len(self.volume)) * self.layer_mm
        spans = tuple(
            slice(int(np.searchsorted(axis, at - far)), int(np.searchsorted(axis, at + far)))
            for axis, at, far in ((z, p.z, reach), (self.y, p.y, reach), (self.x, p.x, wide))
        )
        dz = (z[spans[0]] - p.z)[:, None, None]
        dy = (self.y[spans[1]] - p.y)[None, :, None]
        dx = (self.x[spans[2]] - p.x)[None, None, :]
        up = (dz * np.cos(p.lean) - dy * np.sin(p.lean)) / p.size
        ahead = (-dz * np.sin(p.lean) - dy * np.cos(p.lean)) / p.size
        aside = np.broadcast_to(dx / p.size, np.broadcast_shapes(up.shape, dx.shape))
        return (spans[0], spans[1], spans[2]), up + 0 * dx, ahead + 0 * dx, aside


@dataclass(frozen=True, slots=True)
class _Lost:
    """Shares of a body's height that are lost in front, in the middle and all over."""

    front: float
    middle: float
    all: float

    def plates(self, behind: Array, ahead: Array) -> tuple[Array, Array]:
        """Give how far the upper and the lower endplate lie inside of where they were, mm."""
        forward = np.clip(behind / (2 * HALF_DEPTH_MM), 0, 1)
        dome = np.clip(1 - (ahead / HALF_DEPTH_MM) ** 2, 0, 1)
        dent = self.middle / 2 * dome
        return BODY_MM * (self.front * forward + dent + self.all), BODY_MM * dent


def _trunk(x: Array, y: Array) -> Array:
    across, depth = np.meshgrid(x, y + 30)
    plane = np.full(across.shape, -1000.0)
    plane[(across / 165) ** 2 + (depth / 112) ** 2 < 1] = FAT_HU
    plane[(across / 140) ** 2 + ((depth + 4) / 88) ** 2 < 1] = MUSCLE_HU
    return plane


def _vertebra(drawing: _Drawing, label: int, hu: float, lost: _Lost) -> None:
    span, up, ahead, aside = drawing.box(72.0, 46.0)
    volume, labels = drawing.volume[span], drawing.labels[span]
    half = BODY_MM / 2
    # A body is flat behind and narrower in the middle.
    waist = 1 - 0.06 * np.cos(np.pi * np.clip(up / BODY_MM, -0.5, 0.5))
    depth = np.where(ahead > 0, HALF_DEPTH_MM, HALF_DEPTH_MM * 0.95)
    radius = np.sqrt((ahead / depth) ** 2 + (aside / HALF_WIDTH_MM) ** 2) / waist
    behind = ahead + HALF_DEPTH_MM  # mm from the posterior wall
    canal = ((behind + 7.5) / 8.0) ** 2 + (aside / 11.0) ** 2
    ring = ((behind + 8.5) / 15.5) ** 2 + (aside / 19.0) ** 2
    volume[(ring < 1) & (up > -17) & (up < 19)] = MUSCLE_HU
    arch = (ring < 1) & (canal > 1) & (behind < -3) & (up > -15) & (up < 9)
    pedicle = (np.abs(np.abs(aside) - 14.5) < 4) & (behind < 8) & (behind > -10)
    facet = (np.abs(aside) - 17) ** 2 + (behind + 17) ** 2 < 40
    spinous = (np.abs(aside) < 3.2) & (behind < -22) & (behind > -46) & (up > -15) & (up < 3)
    transverse = (np.abs(np.abs(aside) - 28) < 11) & (np.abs(behind + 6) < 4) & (np.abs(up - 4) < 4)
    bone = arch | (pedicle & (up > 0) & (up < 11)) | (facet & (np.abs(up) < 16)) | spinous
    volume[bone | transverse] = ARCH_HU
    volume[(canal < 1) & (np.abs(up) < 20)] = CANAL_HU
    sunk, risen = lost.plates(behind, ahead)
    top, bottom = half - sunk, risen - half
    disc = (up > top) & (up < half + DISC_MM) | (up > -half) & (up < bottom)
    volume[disc & (radius < 1.02)] = DISC_HU
    body = (radius < 1) & (up > bottom) & (up < top)
    volume[body] = hu
    volume[body & ((1 - radius) * HALF_DEPTH_MM < 1.6)] = CORTEX_HU
    volume[body & ((up - bottom < 1.3) | (top - up < 1.3))] = PLATE_HU
    labels[body] = label


def _sacrum(drawing: _Drawing, hu: float) -> None:
    span, up, ahead, aside = drawing.box(110.0, 64.0)
    volume, labels = drawing.volume[span], drawing.labels[span]
    down = BODY_MM / 2 - up
    taper = np.clip(1 - down / 85, 0.12, 1)
    within = (down > 0) & (down < 75)
    behind = ahead + HALF_DEPTH_MM
    body = within & ((behind / (1.9 * HALF_DEPTH_MM * taper) - 0.5) ** 2 * 4 < 1)
    body &= np.abs(aside) < 24 * taper + 2
    alae = within & (np.abs(aside) < 56 * taper) & (behind > -12) & (behind < 24 * taper)
    roof = within & (np.abs(aside) < 24 * taper + 6) & (behind > -22) & (behind < -15)
    volume[alae] = 0.7 * hu
    volume[body] = hu
    volume[body & (down < 1.5)] = PLATE_HU
    volume[roof] = ARCH_HU
    volume[within & (((behind + 7.5) / 7.5) ** 2 + (aside / (11 * taper + 2)) ** 2 < 1)] = CANAL_HU
    disc = (np.abs(aside) < 24) & (behind > 0) & (behind < 2 * HALF_DEPTH_MM)
    volume[disc & (down < 0) & (down > -DISC_MM)] = DISC_HU
    labels[body & (down < BODY_MM)] = 1


def _wings(volume: Array, x: Array, y: Array, place: _Place, layer_mm: float) -> None:
    """Draw the iliac wings as plates that open forward, up to the height of L4."""
    z = np.arange(len(volume)) * layer_mm
    top = int(np.searchsorted(z, place.z + 52))
    across, depth = np.meshgrid(np.abs(x), y - place.y)
    forward = -depth
    plate = np.abs(across - (58 + 0.85 * (forward + 10))) < 6
    plate &= (forward > -25) & (forward < 55)
    volume[:top, plate] = 300.0


def _aorta(
    volume: Array, labels: npt.NDArray[np.int8], x: Array, y: Array, vessel_hu: float
) -> None:
    for index in range(len(volume)):
        # Above its fork before L4.
        rows = np.flatnonzero((labels[index] > LEVELS.index("L4")).any(axis=1))
        if not rows.size:
            continue
        across, depth = np.meshgrid(x - 8, y - (y[rows[0]] - 14))
        volume[index][across**2 + depth**2 < 81] = vessel_hu


def ct_lumbar_dicoms(
    seed: int,
    *,
    slice_mm: float = 2.5,
    vessel_hu: float = 45.0,
    noise_hu: float = 12.0,
    marrow_hu: float | None = None,
) -> list[bytes]:
    """Write ``ct_lumbar`` as one DICOM series, one file for each slice."""
    voxels, truth = ct_lumbar(
        seed, slice_mm=slice_mm, vessel_hu=vessel_hu, noise_hu=noise_hu, marrow_hu=marrow_hu
    )
    pixel_mm = truth.spacing_mm[1]
    files = []
    for index, plane in enumerate(voxels):
        dataset = header(f"ct-{seed}-{slice_mm}", CTImageStorage, "CT", number=index + 1)
        dataset.StudyDescription = f"{MARK} CT ABDOMEN"
        dataset.SeriesDescription = f"{MARK} axial {slice_mm} mm"
        dataset.KVP = 120
        dataset.SliceThickness = slice_mm
        dataset.PixelSpacing = [pixel_mm, pixel_mm]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.ImagePositionPatient = [-FIELD_MM / 2, -FIELD_MM / 2, -400 + index * slice_mm]
        dataset.RescaleIntercept, dataset.RescaleSlope = -1024, 1
        dataset.RescaleType = "HU"
        files.append(with_pixels(dataset, (plane + 1024).astype(np.int16), bits=16, signed=True))
    return files
