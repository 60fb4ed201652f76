"""The two bones of a forearm, from mid-forearm at the foot of the picture up to the wrist."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.edge_field import EdgeField, Vector, sample, trace_edge
from imaging.regions.spine_column import STEP_MM

# Shafts of radius and ulna in adults are 9-18 mm wide, their middles 15-45 mm apart (limits of
# our own).
WIDTH_MM = (7.0, 21.0)
APART_MM = (13.0, 52.0)
BAND_MM = 30.0  # of the foot of the picture, where both are shafts
LARGEST_LEAN_DEG = 16
LEAST_EDGE = 0.045
# The radius widens more than the ulna does, this far from the tip.
WIDENS_MM = (7.0, 23.0)
# The tip of the ulna lies at least this far from the foot and the head of the picture.
FOOT_MM, HEAD_MM = 55.0, 6.0
DARK_SHARE = 0.42
GAP_MM = 1.5
# Between the shafts it is hardly lighter than beside them, as a share of bone, over this length.
LIGHTEST_BETWEEN, SHAFT_MM, BESIDE_MM = 0.3, 50.0, 4.0
LATELY_MM = 8.0


@dataclass(frozen=True, slots=True)
class Bone:
    """Columns of both edges in every row of the working grid."""

    left: Vector
    right: Vector

    def at(self, row: float) -> tuple[float, float]:
        rows = np.arange(len(self.left))
        return float(np.interp(row, rows, self.left)), float(np.interp(row, rows, self.right))


@dataclass(frozen=True, slots=True)
class Forearm:
    """Both bones on a grid whose upper end is the wrist.

    Attributes
    ----------
    tip : float
        Row of the tip of the ulna.
    edge : float
        Weaker of the edges of the shafts.
    turned : bool
        Whether the picture had the wrist at its lower end.
    """

    radius: Bone
    ulna: Bone
    tip: float
    edge: float
    turned: bool
    rows: int


@dataclass(frozen=True, slots=True)
class _Bar:
    left: float
    right: float
    score: float


def find_bones(field: EdgeField, *, turned: bool) -> Forearm | None:
    """Find both shafts at the foot of the grid and follow them to the wrist; None if not there."""
    rows = len(field.grey)
    band = min(round(BAND_MM / STEP_MM), rows // 4)
    foot = np.arange(rows - band - 2, rows - 2, dtype=np.float64)
    best: tuple[float, float, _Bar, _Bar] | None = None
    for degrees in range(-LARGEST_LEAN_DEG, LARGEST_LEAN_DEG + 1, 2):
        pair = _pair(field, foot, float(np.tan(np.radians(degrees))))
        if pair is not None:
            score = min(pair[0].score, pair[1].score)
            if best is None or score > best[0]:
                best = score, float(np.tan(np.radians(degrees))), *pair
    if best is None:
        return None
    bones = [_traced(field, bar, best[1], float(foot.mean())) for bar in best[2:]]
    if bones[0].left.mean() > bones[1].left.mean():
        bones.reverse()
    left, right = _apart(*bones)
    if not _are_two_bones(field, left, right):
        return None
    soft = _between_bones(field, left, right)
    found = [(bone, _tip(field, bone, soft)) for bone in (left, right)]
    known = [tip for _, tip in found if tip is not None]
    if not known:
        return None
    wide = [_widening(bone, max(known)) for bone, _ in found]
    (ulna, tip), (radius, _) = found if wide[0] < wide[1] else found[::-1]
    # The radius may touch the carpal bones; the ulna ends free.
    if tip is None:
        return None
    return Forearm(radius, ulna, tip, best[0], turned, rows)


def _pair(field: EdgeField, rows: Vector, lean: float) -> tuple[_Bar, _Bar] | None:
    """Find the best two bars side by side along one direction; fainter ones are none."""
    columns = np.arange(0.0, field.grey.shape[1])
    shifted = columns[None, :] - lean * (rows[:, None] - rows.mean())
    places = field.places(rows[:, None], shifted)
    profile = places.read(field.right).mean(axis=0)
    bright = places.read(field.grey).mean(axis=0)
    filled = np.concatenate([[0.0], np.cumsum(bright)])
    bars: list[_Bar] = []
    for gap in range(round(WIDTH_MM[0] / STEP_MM), round(WIDTH_MM[1] / STEP_MM) + 1):
        score = np.minimum(profile[:-gap], -profile[gap:])
        if score.max() < LEAST_EDGE:
            continue
        within = (filled[gap:-1] - filled[: -gap - 1]) / gap
        beyond = round(3 / STEP_MM)
        around = np.maximum(np.roll(bright, beyond)[:-gap], np.roll(bright, -beyond)[gap:])
        score = np.where(within > 1.15 * around, score, -1.0)
        highest = score == ndimage.maximum_filter1d(score, 9)
        tops = np.flatnonzero(highest & (score >= LEAST_EDGE))
        bars += [_Bar(float(t), float(t + gap), float(score[t])) for t in tops]
    bars = sorted(bars, key=lambda bar: -bar.score)[:40]
    best: tuple[_Bar, _Bar] | None = None
    for first in bars:
        for second in bars:
            apart = (second.left + second.right - first.left - first.right) / 2 * STEP_MM
            if second.left <= first.right or not APART_MM[0] <= apart <= APART_MM[1]:
                continue
            if best is None or min(first.score, second.score) > min(best[0].score, best[1].score):
                best = first, second
    return best


def _traced(field: EdgeField, bar: _Bar, lean: float, middle: float) -> Bone:
    """Follow both edges over every row; bones widen towards the wrist."""
    rows = np.arange(len(field.grey), dtype=np.float64)
    centre = (bar.left + bar.right) / 2 - lean * (rows - middle)
    line = np.column_stack([rows, centre])
    half = (bar.right - bar.left) / 2
    sides = []
    for outward in (-1.0, 1.0):
        reach = (-12 / STEP_MM, half + 16 / STEP_MM)
        distance, _ = trace_edge(field, line, np.array([0.0, outward]), reach, bend=0.06)
        smooth = ndimage.gaussian_filter1d(distance, 1 / STEP_MM, mode="nearest")
        sides.append(centre + outward * smooth)
    return Bone(sides[0], np.maximum(sides[1], sides[0] + 3 / STEP_MM))


def _apart(left: Bone, right: Bone) -> tuple[Bone, Bone]:
    """Part two bones half way where their outlines overlap, as they do at the wrist."""
    middle = (left.right + right.left) / 2
    return (
        Bone(left.left, np.minimum(left.right, np.maximum(middle, left.left + 2))),
        Bone(np.maximum(right.left, np.minimum(middle, right.right - 2)), right.right),
    )


def _are_two_bones(field: EdgeField, left: Bone, right: Bone) -> bool:
    """Ask for soft tissue between them: a canal is lighter than what lies beside.

    The two cortices of one thick bone look like two slender bones otherwise.
    """
    last = len(left.left) - 2
    rows = np.arange(last - round(SHAFT_MM / STEP_MM), last, dtype=np.float64)
    if rows[0] < 0:
        return False
    index = rows.astype(np.intp)
    aside = BESIDE_MM / STEP_MM
    between = sample(field.grey, rows, (left.right + right.left)[index] / 2)
    beside = [
        sample(field.grey, rows, left.left[index] - aside),
        sample(field.grey, rows, right.right[index] + aside),
    ]
    bones = [
        sample(field.grey, rows, (bone.left + bone.right)[index] / 2) for bone in (left, right)
    ]
    soft, bone = float(np.mean(beside)), float(np.median(bones))
    lighter = np.percentile(between, 75) - soft
    return bool(lighter < LIGHTEST_BETWEEN * (bone - soft))


def _between_bones(field: EdgeField, left: Bone, right: Bone) -> float:
    """Give the grey of the soft tissue between both shafts."""
    rows = np.arange(len(left.right) - round(BAND_MM / STEP_MM), len(left.right) - 2)
    middle = (left.right + right.left)[rows] / 2
    return float(np.median(sample(field.grey, rows.astype(np.float64), middle)))


def _tip(field: EdgeField, bone: Bone, soft: float) -> float | None:
    """Climb each of five strips of a bone to the first dark gap; the farthest end is the tip."""
    rows = np.arange(len(bone.left), dtype=np.float64)
    ends = []
    for part in (0.2, 0.35, 0.5, 0.65, 0.8):
        column = bone.left + part * (bone.right - bone.left)
        grey = ndimage.gaussian_filter1d(sample(field.grey, rows, column) - soft, 1.0)
        start = len(rows) - round(FOOT_MM / STEP_MM)
        if start < 10:
            return None
        # Bone thins out towards the wrist: a gap is dark beside what lies just below it.
        width = round(LATELY_MM / STEP_MM)
        lately = ndimage.uniform_filter1d(grey, width, origin=-(width // 2), mode="nearest")
        dark = ndimage.uniform_filter1d(grey, round(GAP_MM / STEP_MM)) < DARK_SHARE * lately
        gaps = np.flatnonzero(dark[:start])
        if gaps.size:
            ends.append(float(gaps[-1]))
    if not ends:
        return None
    tip = float(np.median(ends))
    return tip if tip > HEAD_MM / STEP_MM else None


def _widening(bone: Bone, tip: float) -> float:
    """Compare the width near the wrist with that of the shaft."""
    width = bone.right - bone.left
    near, far = (int(tip + mm / STEP_MM) for mm in WIDENS_MM)
    return float(np.median(width[near:far]) - np.median(width[-round(20 / STEP_MM) :]))
