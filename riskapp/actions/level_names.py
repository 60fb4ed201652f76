"""Whether vertebrae that a person named can be called so: known levels, in order, none skipped."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median

from imaging.result import Region
from riskapp.actions.errors import Refused

# From head to foot.
LEVELS = tuple([f"T{number}" for number in range(1, 13)] + [f"L{number}" for number in range(1, 6)])
NUMBERED = re.compile(r"V\d+")  # levels not known
# Lines between two levels, such as L1/L2.
BETWEEN = frozenset(f"{upper}/{lower}" for upper, lower in pairwise((*LEVELS, "S1")))
# Anything that is no vertebra: a neck, a landmark, a mark of a reader.
WORDS = re.compile(r"[a-z][a-z0-9_]*")


def check_levels(given: Sequence[Region], places: Sequence[Region]) -> None:
    """Refuse names that the spine cannot have.

    Parameters
    ----------
    places : sequence of Region
        Every vertebra known of the scan, those left out as well: so many levels lie between two.

    Raises
    ------
    Refused
    """
    known = {region.id for region in places}
    for region in given:
        is_named = region.id in known or region.id in BETWEEN or WORDS.fullmatch(region.id)
        if not (is_vertebra(region) or is_named):
            raise Refused({"regions": f"Region {region.id}: a level is one of T1 to L5."})
    spine = [one for one in (*places, *given) if is_vertebra(one)]
    # In a picture from the side all vertebrae lie in one slice, and rows tell them apart.
    in_one_slice = len({one.slice_index for one in spine}) <= 1
    at = _row if in_one_slice else _slice
    along = sorted(at(place) for place in places if is_vertebra(place))
    named = sorted((one for one in given if one.id in LEVELS), key=at)
    for upper, lower in pairwise(named):
        steps = LEVELS.index(lower.id) - LEVELS.index(upper.id)
        if steps < 1:
            raise Refused(
                {"regions": f"Region {lower.id} lies below {upper.id}: out of order, head to foot."}
            )
        fewest, most = _steps(at(upper), at(lower), along)
        if not fewest <= steps <= most:
            raise Refused(
                {
                    "regions": f"Region {lower.id} lies {_so_far(fewest, most)} below {upper.id} "
                    "in this scan: name the vertebrae one after another."
                }
            )


def is_vertebra(region: Region) -> bool:
    return region.id in LEVELS or NUMBERED.fullmatch(region.id) is not None


def _steps(upper: float, lower: float, along: Sequence[float]) -> tuple[int, int]:
    """Fewest and most levels from one vertebra to the next: one may not have been found."""

    def nearest(place: float) -> int:
        return min(range(len(along)), key=lambda at: abs(along[at] - place), default=0)

    fewest = max(1, nearest(lower) - nearest(upper))
    apart = [below - above for above, below in pairwise(along) if below > above]
    by_distance = round((lower - upper) / median(apart)) if apart else fewest
    return fewest, max(fewest, by_distance)


def _so_far(fewest: int, most: int) -> str:
    if fewest < most:
        return f"{fewest} to {most} levels"
    return f"{fewest} level" if fewest == 1 else f"{fewest} levels"


def _row(region: Region) -> float:
    """How far towards the feet in a picture with the head up."""
    return mean(row for _, row in region.polygon)


def _slice(region: Region) -> float:
    """How far towards the feet in a volume: its slices count from there."""
    return _row(region) if region.slice_index is None else -float(region.slice_index)
