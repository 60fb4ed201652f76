"""The posterior height that a vertebral body should have, from the bodies around it.

The one rule, for lateral pictures and CT alike:

1. Every body within two places above and below gives an estimate: its own posterior height times
   the usual ratio between the two levels. Bodies further off have no say.
2. A body that has itself lost a fifth or more in front or in the middle, against its own posterior
   height, is deformed and does not count while two others are left.
3. The second largest estimate is the measure (of two, the larger: bodies lose height and do not
   gain it), so that neither a crushed neighbour nor one drawn too tall can set it alone.
   Estimates further below it than sound neighbours differ are of deformed bodies, those a quarter
   above it of misplaced points, and neither counts.
4. The median of those left is expected.
"""

import statistics
from collections.abc import Sequence

from imaging.regions.six_points import SPINE, Heights, places

# Median of up to four neighbours, each carried by the ratio of their levels, as in McCloskey et
# al. 1993, Osteoporos Int 3:138-147, doi 10.1007/BF01623275 (recalled, to be confirmed); what
# makes a neighbour count is a rule of our own.
NEAR = 2
FEWEST = 2
# Half of the range that holds 95 in 100 sound posterior heights, as a share of what their
# neighbours lead to expect: about that of the published ratios of neighbours (O'Neill et al. 1994,
# J Bone Miner Res 9:1895-1907, doi 10.1002/jbmr.5650091209; recalled, to be confirmed).
NATURAL = 0.06
# So far below the measure an estimate is of a sound body: each of the two varies.
ALIKE = 1 - 2 * NATURAL
# A loss that is a deformity (Genant 1993: from 20 %), of a neighbour as well.
SOUND = 0.80
# Mean posterior heights in mm, of which only the ratios are used. Panjabi et al. 1991, Spine
# 16:888-901, doi 10.1097/00007632-199108000-00006 (thoracic), and 1992, Spine 17:299-306,
# doi 10.1097/00007632-199203000-00010 (lumbar); recalled, to be confirmed. L6 as L5.
POSTERIOR_MM = dict(
    zip(
        SPINE,
        (
            *(14.1, 15.6, 15.7, 16.2, 16.2, 17.4, 18.2, 18.7, 19.3, 20.2, 21.3, 22.7),
            *(23.8, 24.3, 23.8, 24.1, 22.9, 22.9),
        ),
        strict=True,
    )
)
# From one body to the next where levels are not known: the mean of the above, T4 to L4.
GROWTH = (POSTERIOR_MM["L4"] / POSTERIOR_MM["T4"]) ** (1 / 12)


def expected_posterior(names: Sequence[str], heights: Sequence[Heights]) -> list[float | None]:
    """Expect the posterior height of each body by the rule at the top of this file.

    Parameters
    ----------
    names : sequence of str
        Levels, or ``V1``, ``V2`` ... where they are not known.
    heights : sequence of Heights
        Of the bodies named, in any one unit.

    Returns
    -------
    list of float or None
        In the same unit; None where fewer than two bodies lie within two places.
    """
    at = places(names)
    if all(name in SPINE for name in names):
        usual = [POSTERIOR_MM[name] for name in names]
    else:
        usual = [GROWTH**place for place in at]
    answer: list[float | None] = []
    for here, own_usual in zip(at, usual, strict=True):
        near = [j for j, place in enumerate(at) if 0 < abs(place - here) <= NEAR]
        sound = [j for j in near if _is_sound(heights[j])]
        counted = sound if len(sound) >= FEWEST else near
        estimates = [heights[j].posterior * own_usual / usual[j] for j in counted]
        answer.append(_agreed(estimates) if len(estimates) >= FEWEST else None)
    return answer


def _is_sound(body: Heights) -> bool:
    return min(body.anterior, body.middle) > SOUND * body.posterior


def _agreed(estimates: Sequence[float]) -> float:
    largest = sorted(estimates, reverse=True)
    measure = largest[0] if len(largest) == FEWEST else largest[1]
    return statistics.median(each for each in estimates if ALIKE * measure < each < measure / SOUND)
