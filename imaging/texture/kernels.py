"""The loops over voxels that the standard's tables are counted with; see ``compiled``.

All take a picture flattened with a border (``aggregation.Piece``): a neighbour is a fixed offset
away and always there.
"""

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled

Flat = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint16]
Offsets = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@compiled
def pairs(levels: Flat, step: int, n: int) -> Counts:
    """Count pairs of levels one step apart, each both ways; shape (n, n)."""
    counts = np.zeros((n, n), dtype=np.int64)
    for place in range(levels.size):
        here = levels[place]
        if here < 0:
            continue
        there = levels[place + step]
        if there >= 0:
            counts[here, there] += 1
    return counts + counts.T


@compiled
def runs(levels: Flat, step: int, n: int, longest: int) -> Counts:
    """Count runs of one level along a step by their length less 1; shape (n, longest)."""
    # Without a branch: what is outside and what does not end a run is counted too, in a row and a
    # column that nobody reads.
    size = levels.size - 2 * step
    wide = longest + 1
    length = np.zeros(levels.size, dtype=np.int32)
    cells = np.empty(size, dtype=np.int32)
    # A run's length so far stands one step back: within a step many voxels go in one instruction.
    piece = step if step > 1 else size
    for first in range(0, size, piece):
        last = min(first + piece, size)
        before, here = levels[first:last], levels[first + step : last + step]
        after = levels[first + 2 * step : last + 2 * step]
        length_before, length_here = length[first:last], length[first + step : last + step]
        cell = cells[first:last]
        for place in range(last - first):
            level = here[place]
            same = np.int32(before[place] == level)
            so_far = np.int32(level >= 0) * (same * length_before[place] + np.int32(1))
            length_here[place] = so_far
            ends = np.int32(after[place] != level)
            cell[place] = (level + np.int32(1)) * np.int32(wide) + ends * so_far
    return _counted(cells, (n + 1) * wide).reshape(n + 1, wide)[1:, 1:].copy()


@compiled
def _counted(cells: Flat, most: int) -> Counts:
    """Count each number below ``most``."""
    # Into four tables in turn: a count need not be written before the next of its kind is read.
    counts = np.zeros((4, most), dtype=np.int64)
    whole = cells.size - cells.size % 4
    for place in range(0, whole, 4):
        counts[0, np.uint64(cells[place])] += 1
        counts[1, np.uint64(cells[place + 1])] += 1
        counts[2, np.uint64(cells[place + 2])] += 1
        counts[3, np.uint64(cells[place + 3])] += 1
    for place in range(whole, cells.size):
        counts[0, cells[place]] += 1
    total: Counts = counts[0] + counts[1] + counts[2] + counts[3]
    return total


@compiled
def _root(parent: Flat, place: int) -> int:
    """Find the first voxel of a zone, and shorten the way there for the next search."""
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


@compiled
def _alike(levels: Flat, steps: Offsets) -> Bits:
    """Mark which earlier neighbours of each voxel are of its level: one bit for each step."""
    alike = np.zeros(levels.size, dtype=np.uint16)
    for number in range(steps.size):
        step = steps[number]
        here, before, marked = levels[step:], levels[: levels.size - step], alike[step:]
        bit = np.uint16(1 << number)
        for place in range(here.size):
            marked[place] |= np.uint16(here[place] == before[place]) * bit
    return alike


@compiled
def _touching(steps: Offsets) -> Bits:
    """Mark which neighbours touch each one, itself included."""
    touching = np.zeros(steps.size, dtype=np.uint16)
    for one in range(steps.size):
        for other in range(steps.size):
            apart = abs(steps[one] - steps[other])
            for step in steps:
                if apart == step or apart == 0:
                    touching[one] |= np.uint16(1 << other)
    return touching


@compiled
def _zone_trees(levels: Flat, steps: Offsets, across: int) -> Flat:
    """Give every voxel a parent in its zone, which never comes after it."""
    alike, touching = _alike(levels, steps), _touching(steps)
    parent = np.arange(levels.size).astype(np.int32)
    for place in range(levels.size):
        left = alike[place]
        if levels[place] < 0 or left == 0:
            continue
        if levels[place - across] == levels[place]:
            # It touches all the other earlier neighbours, so they have already been joined.
            parent[place] = parent[place - across]
            continue
        root = place
        for number in range(steps.size):
            if not (left >> number) & 1:
                continue
            other = _root(parent, parent[place - steps[number]])
            parent[max(root, other)] = min(root, other)
            root = min(root, other)
            # Those that touch it and are of its level have been joined to it.
            left &= ~touching[number]
            if left == 0:
                break
        parent[place] = root
    return parent


@compiled
def zones(levels: Flat, distances: Flat, steps: Offsets, across: int) -> tuple[Flat, Flat, Flat]:
    """Give level, size and least distance to the edge of every zone of touching equal levels.

    Without ``distances`` (of size 0) the last is 0.
    """
    parent = _zone_trees(levels, steps, across)
    zones_found = 0
    for place in range(levels.size):
        zones_found += levels[place] >= 0 and parent[place] == place
    level = np.empty(zones_found, dtype=np.int32)
    size = np.zeros(zones_found, dtype=np.int32)
    nearest = np.zeros(zones_found, dtype=np.int32)
    found = 0
    for place in range(levels.size):
        if levels[place] < 0:
            continue
        # A parent comes earlier, so that it holds the number of its zone by now.
        first = parent[place] == place
        zone = found if first else parent[parent[place]]
        parent[place] = zone
        if first:
            level[zone] = levels[place]
            found += 1
        size[zone] += 1
        if distances.size > 0:
            least = distances[place] if first else min(nearest[zone], distances[place])
            nearest[zone] = least
    return level, size, nearest


@compiled
def neighbours(levels: Flat, steps: Offsets, n: int) -> tuple[Counts, Floats, Counts]:
    """Compare every voxel with its neighbours in the region, those before it and after it.

    Returns
    -------
    counts : ndarray, shape (n,)
        Voxels of each level that have a neighbour.
    differences : ndarray, shape (n,)
        Sum of how far they are from their neighbours' mean.
    alike : ndarray, shape (n, neighbours + 1)
        Voxels of each level by how many neighbours are of the same level.
    """
    reach = steps.max()
    here = levels[reach : levels.size - reach]
    total = np.zeros(here.size, dtype=np.int32)
    held = np.zeros(here.size, dtype=np.int32)
    same = np.zeros(here.size, dtype=np.int32)
    # Step by step over the whole picture, without a branch: many voxels in one instruction.
    for step in steps:
        before = levels[reach - step : levels.size - reach - step]
        after = levels[reach + step : levels.size - reach + step]
        for place in range(here.size):
            total[place] += max(before[place], 0) + max(after[place], 0)
            held[place] += np.int32(before[place] >= 0) + np.int32(after[place] >= 0)
            same[place] += np.int32(before[place] == here[place]) + np.int32(
                after[place] == here[place]
            )
    counts = np.zeros(n, dtype=np.int64)
    differences = np.zeros(n, dtype=np.float64)
    alike = np.zeros((n, 2 * steps.size + 1), dtype=np.int64)
    for place in range(here.size):
        level = here[place]
        if level < 0:
            continue
        alike[level, same[place]] += 1
        if held[place] > 0:
            counts[level] += 1
            differences[level] += abs(level - total[place] / held[place])
    return counts, differences, alike


@compiled
def ball_means(
    sums: Floats, middles: npt.NDArray[np.bool_], corner: Offsets, rows: Offsets, spans: Counts
) -> Floats:
    """Average a ball around each of the middles, as far as it lies in the picture.

    Parameters
    ----------
    sums : ndarray, shape (slices, rows, reach + columns + 1 + reach)
        Running sums along columns: 0 before the first, and the whole after the last.
    middles : ndarray of bool, shape (slices, rows, columns)
        Around which places to average, in a box of the picture.
    corner : ndarray, shape (3,)
        Slice, row and column of the box in the picture.
    rows : ndarray, shape (m, 3)
        Slice and row of the ball's rows from its middle, and how far each reaches to a side.
    spans : ndarray, shape (reach + 1, columns of the picture)
        How many columns lie within each reach of each one.

    Returns
    -------
    ndarray, shape of ``middles``
        0 before the first and after the last middle of a row.
    """
    means = np.zeros(middles.shape)
    slices, height, reach = sums.shape[0], sums.shape[1], len(spans) - 1
    total, count = np.empty(middles.shape[2]), np.empty(middles.shape[2], dtype=np.int64)
    for z in range(middles.shape[0]):
        for y in range(middles.shape[1]):
            held = np.flatnonzero(middles[z, y])
            if not held.size:
                continue
            first, size = held[0], held[-1] + 1 - held[0]
            at = corner[2] + first
            total[:size], count[:size] = 0.0, 0
            of_reach = np.zeros(reach + 1, dtype=np.int64)
            # Row by row of the ball for all middles of a line: many of them in one instruction.
            for row in rows:
                level, line = z + corner[0] + row[0], y + corner[1] + row[1]
                if level < 0 or level >= slices or line < 0 or line >= height:
                    continue
                until = sums[level, line, at + reach + row[2] + 1 :]
                before = sums[level, line, at + reach - row[2] :]
                of_reach[row[2]] += 1
                for place in range(size):
                    total[place] += until[place] - before[place]
            for far in range(reach + 1):
                span = spans[far, at:]
                for place in range(size):
                    count[place] += of_reach[far] * span[place]
            for place in range(size):
                means[z, y, first + place] = total[place] / count[place]
    return means


@compiled
def largest_balls(
    points: npt.NDArray[np.intp], places: npt.NDArray[np.intp], radii: Floats
) -> Floats:
    """Give each point the radius of the largest ball that holds it, 0 where none does.

    Parameters
    ----------
    points : ndarray, shape (m, 3)
    places : ndarray, shape (n, 3)
        The balls' middles, largest ball first.
    """
    found = np.zeros(len(points), dtype=np.float64)
    for index in range(len(points)):
        for ball in range(len(places)):
            z = points[index, 0] - places[ball, 0]
            y = points[index, 1] - places[ball, 1]
            x = points[index, 2] - places[ball, 2]
            if z * z + y * y + x * x < radii[ball] * radii[ball]:
                found[index] = radii[ball]
                break
    return found
