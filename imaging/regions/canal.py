"""The spinal canal through a CT volume: the rail on which vertebrae are found."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.regions.paths import best_path
from imaging.volume import Volume

Array = npt.NDArray[np.float32]
Cell = TypeVar("Cell", np.float32, np.bool_)

GRID_MM = 2.0
CLIP_HU = (-1000.0, 1500.0)  # metal would outweigh bone
AIR_HU = -300.0
BONE_HU = 180.0
# Bone of a very low density: tried where the usual threshold leaves the canal without a ring.
POROUS_HU = 100.0
CLEAR_SCORE = 1.8  # of the better half of the path; 1.9 to 2.1 on real scans
# The lumbar canal is 15-27 mm wide and deep, ringed by bone (Zhou et al. 2000, Eur Spine J
# 9:242-248; RECALLED): nothing hard within 6 mm, bone 7-19 mm away.
FREE_MM = 6.0
RING_MM = (7.0, 19.0)
RAYS = 16
BODY_MM = (15.0, 35.0)  # where the body lies in front of the middle of the canal
# Half widths of the search field around the middle of the trunk.
ASIDE_MM = 40.0
AHEAD_MM = 15.0
CUT_SHARE = 0.15  # of a side of the field that is body
MIRROR_MM = 130.0  # as far as the hips
MIRROR_BEND = 0.05
# A path scoring less than this per slice has followed something else.
LEAST_SCORE = 0.9
SMOOTH_MM = 8.0
BEND_COST = 0.15
# A body turned on its side gives a canal in its middle that fits badly: 5-14 mm behind the middle
# of the trunk at a score of 1.2-1.5; upright ones lie 57-68 mm behind at 1.8-2.3 (two real
# bodies, each turned, and a drawn one).
BEHIND_MM = 25.0
UPRIGHT_SCORE = 1.6


def on_coarse_grid(volume: Volume) -> Array:
    """Average and resample to cubes of exactly GRID_MM, the first one at the volume's corner."""
    whole = [max(1, int(GRID_MM // mm)) for mm in volume.spacing_mm]
    slices = len(volume.voxels) // whole[0]
    # Slice by slice: a copy of the whole volume would cost more time than the averaging.
    thick = [
        np.mean([_averaged(volume.voxels[at * whole[0] + k], whole) for k in range(whole[0])], 0)
        for at in range(slices)
    ]
    values = np.asarray(thick, dtype=np.float32)
    steps = [GRID_MM / (mm * count) for mm, count in zip(volume.spacing_mm, whole, strict=True)]
    return np.asarray(
        ndimage.affine_transform(
            values,
            steps,
            # From middle to middle: cell 0 begins where voxel 0 begins.
            offset=[(step - 1) / 2 for step in steps],
            output_shape=tuple(
                max(1, round(n / step)) for n, step in zip(values.shape, steps, strict=True)
            ),
            order=1,
            mode="nearest",
        ),
        dtype=np.float32,
    )


def _averaged(plane: Array, whole: list[int]) -> Array:
    """Average blocks of a clipped slice; what is left over at its end is dropped."""
    clipped = np.clip(plane, *CLIP_HU)
    rows, columns = (n // w * w for n, w in zip(plane.shape, whole[1:], strict=True))
    parts = [
        clipped[i : rows : whole[1], k : columns : whole[2]]
        for i in range(whole[1])
        for k in range(whole[2])
    ]
    return np.asarray(sum(parts) / np.float32(len(parts)), dtype=np.float32)


def trunk_middle(image: Array) -> npt.NDArray[np.float64]:
    """Give (row, column) of the middle of the patient in each slice, smoothed along the body."""
    body = ndimage.binary_opening(image > AIR_HU, iterations=2)
    middles = np.full((len(image), 2), np.nan)
    for at, plane in enumerate(body):
        labels, count = ndimage.label(plane)
        if not count:
            continue
        sizes = np.bincount(labels.ravel())[1:]
        rows, columns = ndimage.find_objects(labels)[int(sizes.argmax())]
        middles[at] = (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2
    seen = ~np.isnan(middles[:, 0])
    if not seen.any():
        raise UnsuitableScan("There is no body in this CT.")
    index = np.arange(len(image))
    for axis in (0, 1):
        middles[:, axis] = np.interp(index, index[seen], middles[seen, axis])
    return np.asarray(ndimage.gaussian_filter1d(middles, 20 / GRID_MM, axis=0, mode="nearest"))


def canal_scores(image: Array, bone_hu: float = BONE_HU) -> Array:
    """Score every place as the middle of the canal; higher is likelier."""
    bone = image > bone_hu
    free = 1 - ndimage.uniform_filter(
        bone.astype(np.float32), (1, *[round(2 * FREE_MM / GRID_MM)] * 2), mode="constant"
    )
    soft = ndimage.uniform_filter(image, (1, 3, 3), mode="nearest")
    score = np.where((soft > -120) & (soft < 220), 0.0, -2.0).astype(np.float32)
    score += 3 * (free - 1)
    distances = np.arange(RING_MM[0], RING_MM[1] + 0.1, GRID_MM)
    margin = round(RING_MM[1] / GRID_MM)
    beside = np.pad(bone, ((0, 0), (margin, margin), (margin, margin)), mode="edge")
    hits, hits_behind = np.zeros((2, *image.shape), dtype=np.uint8)
    rays_behind = 0
    for angle in 2 * np.pi * np.arange(RAYS) / RAYS:
        hit = np.zeros(image.shape, dtype=bool)
        for distance in distances:
            row, column = (
                margin + round(distance * part(angle) / GRID_MM) for part in (np.sin, np.cos)
            )
            hit |= beside[:, row : row + image.shape[1], column : column + image.shape[2]]
        hits += hit
        if np.sin(angle) > 0.5:  # rows grow towards the back
            hits_behind += hit
            rays_behind += 1
    score += hits / RAYS + 0.7 * (hits_behind / rays_behind)
    near, far = (round(mm / GRID_MM) for mm in BODY_MM)
    wide = ndimage.uniform_filter(image, (1, far - near, round(20 / GRID_MM)), mode="nearest")
    front = _moved(wide, (-(near + far) // 2, 0))
    return np.asarray(score + 0.7 * np.clip((front - 40) / 80, -0.5, 1), dtype=np.float32)


def _moved(values: npt.NDArray[Cell], step: tuple[int, int]) -> npt.NDArray[Cell]:
    """Look up each place's neighbour at ``step`` (rows, columns); the edge repeats."""
    rows = np.clip(np.arange(values.shape[1]) + step[0], 0, values.shape[1] - 1)
    columns = np.clip(np.arange(values.shape[2]) + step[1], 0, values.shape[2] - 1)
    return values[:, rows][:, :, columns]


def find_canal(image: Array, trunk: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Follow the canal through all slices, in porous bone with a lower threshold.

    Parameters
    ----------
    trunk : ndarray, shape (slices, 2)
        From ``trunk_middle``.

    Returns
    -------
    ndarray, shape (slices, 3)
        (row, column, score) on the coarse grid; rows and columns smoothed along the body.
    """
    usual = _follow(image, trunk, BONE_HU)
    if clearness(usual) > CLEAR_SCORE:
        return usual
    porous = _follow(image, trunk, POROUS_HU)
    return max(usual, porous, key=clearness)


def clearness(canal: npt.NDArray[np.float64]) -> float:
    """Average the better half of the scores: a series may reach past the canal."""
    scores = np.sort(canal[:, 2])
    return float(scores[len(scores) // 2 :].mean())


def _follow(
    image: Array, trunk: npt.NDArray[np.float64], bone_hu: float
) -> npt.NDArray[np.float64]:
    whole_middles = trunk.copy()
    if _cut_on_one_side(image):
        whole_middles[:, 1] = mirror_middle(image, bone_hu)
    corner = _field_corner(image, whole_middles)
    image = image[:, corner[0][0] : corner[0][1], corner[1][0] : corner[1][1]]
    middles = whole_middles - np.array([corner[0][0], corner[1][0]])
    score = canal_scores(image, bone_hu)
    columns = np.arange(image.shape[2])
    rows = np.arange(image.shape[1])
    aside = np.abs(columns[None] - middles[:, 1:]) * GRID_MM
    score -= (0.4 * (aside / ASIDE_MM) ** 2 + 9.0 * (aside > ASIDE_MM))[:, None, :]
    # The canal lies behind the middle of the trunk.
    ahead = (middles[:, :1] - rows[None]) * GRID_MM
    score -= (9.0 * (ahead > AHEAD_MM))[:, :, None]
    path = best_path(np.asarray(score, dtype=np.float32), BEND_COST)
    points = np.array([(r, c, score[z, r, c]) for z, (r, c) in enumerate(path)], dtype=np.float64)
    points[:, :2] = ndimage.gaussian_filter1d(
        points[:, :2], SMOOTH_MM / GRID_MM, axis=0, mode="nearest"
    )
    points[:, 0] += corner[0][0]
    points[:, 1] += corner[1][0]
    return points


def mirror_middle(image: Array, bone_hu: float) -> npt.NDArray[np.float64]:
    """Give the column about which bone mirrors itself in each slice.

    For a field that cuts the body on one side, where the middle of what is seen is not the
    patient's: ribs, wings and hips lie alike on both sides of the spine.
    """
    bone = (image > bone_hu).sum(axis=1).astype(np.float32)
    bone = ndimage.gaussian_filter(bone, (20 / GRID_MM, 1.0), mode="nearest")
    columns = np.arange(bone.shape[1])
    score = np.zeros_like(bone)
    for away in range(1, round(MIRROR_MM / GRID_MM)):
        left, right = columns - away, columns + away
        both = (left >= 0) & (right < len(columns))
        score[:, both] += np.minimum(bone[:, left[both]], bone[:, right[both]])
    score /= max(float(score.max()), 1.0)
    path = best_path(score, MIRROR_BEND)
    return np.asarray(
        ndimage.gaussian_filter1d(path.astype(np.float64), 20 / GRID_MM, mode="nearest")
    )


def is_upright(
    trunk: npt.NDArray[np.float64], canal: npt.NDArray[np.float64], span: tuple[int, int]
) -> bool:
    """Tell a canal behind the trunk's middle, or a clear one, from what a turned body gives.

    A field of view around the spine alone has its canal near the middle too, but a clear one.
    """
    used = slice(span[0], span[1] + 1)
    behind = float((canal[used, 0] - trunk[used, 0]).mean()) * GRID_MM
    return behind > BEHIND_MM or float(canal[used, 2].mean()) > UPRIGHT_SCORE


def _cut_on_one_side(image: Array) -> bool:
    """Tell a field that was cropped to half a body: its middle is not the patient's."""
    body = image > AIR_HU
    left, right = body[:, :, :2].mean() > CUT_SHARE, body[:, :, -2:].mean() > CUT_SHARE
    return bool(left != right)


def _field_corner(
    image: Array, middles: npt.NDArray[np.float64]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Cut away what no canal can lie in: time is spent on the rest."""
    margin = (RING_MM[1] + BODY_MM[1]) / GRID_MM
    aside = (ASIDE_MM + RING_MM[1] + 2) / GRID_MM
    top = middles[:, 0].min() - AHEAD_MM / GRID_MM - margin
    left, right = middles[:, 1].min() - aside, middles[:, 1].max() + aside
    return (
        (max(0, round(top)), image.shape[1]),
        (max(0, round(left)), min(image.shape[2], round(right) + 1)),
    )
