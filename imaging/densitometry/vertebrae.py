"""Which vertebrae of a scan may stand for the spine, by the rule of the ISCD, and their BMD."""

from collections.abc import Mapping
from dataclasses import dataclass

# ISCD Official Positions 2019, Adult: use all evaluable vertebrae of L1-L4; leave out those with
# local change or artefact, or with a T-score more than 1.0 from the adjacent vertebrae; never
# classify by a single one. Recalled, to be confirmed. Reporting of two that are not adjacent:
# ISCD 2023, J Clin Densitom 27:101436, doi:10.1016/j.jocd.2023.101436 (abstract seen).
FARTHEST_T = 1.0
FEWEST = 2
LEVELS = ("L1", "L2", "L3", "L4")


@dataclass(frozen=True, slots=True)
class Vertebra:
    """What is printed of one vertebra; None where it is not printed."""

    bmd_g_cm2: float
    t_score: float | None = None
    bmc_g: float | None = None
    area_cm2: float | None = None


@dataclass(frozen=True, slots=True)
class SpineUse:
    """Vertebrae that stand for the spine.

    Attributes
    ----------
    kept : tuple of str
        Empty where the spine may not be used.
    left_out : mapping of level to sentence
        Why each other one was left out.
    """

    kept: tuple[str, ...]
    left_out: Mapping[str, str]

    @property
    def usable(self) -> bool:
        return len(self.kept) >= FEWEST


def vertebrae_to_use(
    vertebrae: Mapping[str, Vertebra], not_evaluable: Mapping[str, str] | None = None
) -> SpineUse:
    """Apply the ISCD's rule; it proposes, and a person who sees the scan decides.

    A vertebra that lies more than 1.0 from every vertebra beside it goes first, the farthest
    first and of equals the denser one, because most local change adds density. Where a step
    remains that no single vertebra makes (two normal ones below two degenerated ones), those on
    the denser side of it go. Without T-scores nothing can be said beyond what is not evaluable.

    Parameters
    ----------
    vertebrae : mapping of level to Vertebra
        Of L1-L4, those that were measured.
    not_evaluable : mapping of level to str, optional
        Fracture, cement, metal, ...: the reason, in words.
    """
    left_out = {level: why for level, why in (not_evaluable or {}).items() if level in LEVELS}
    kept = [level for level in LEVELS if level in vertebrae and level not in left_out]
    scores = {level: vertebrae[level].t_score for level in kept}
    known = {level: score for level, score in scores.items() if score is not None}
    if len(known) == len(kept):
        kept = _without_outliers(kept, known, left_out)
        kept = _without_denser_side(kept, known, left_out)
    if len(kept) < FEWEST:
        for level in kept:
            left_out[level] = "a single vertebra does not stand for the spine"
        kept = []
    return SpineUse(tuple(kept), left_out)


def bmd_together(
    vertebrae: Mapping[str, Vertebra], levels: tuple[str, ...]
) -> tuple[float, float, float] | None:
    """BMC (g), area (cm2) and BMD (g/cm2) of several vertebrae as one region.

    Returns
    -------
    tuple or None
        None where a BMC or an area is not known: BMDs cannot be averaged without areas.
    """
    masses = [vertebrae[level].bmc_g for level in levels]
    areas = [vertebrae[level].area_cm2 for level in levels]
    known_masses = [mass for mass in masses if mass is not None]
    known_areas = [area for area in areas if area is not None]
    if not levels or len(known_masses) < len(levels) or len(known_areas) < len(levels):
        return None
    mass, area = sum(known_masses), sum(known_areas)
    return mass, area, mass / area


def _apart(one: float, other: float) -> float:
    """Difference as printed: to a tenth, so that exactly 1.0 is not more than 1.0."""
    return round(abs(one - other), 6)


def _without_outliers(
    kept: list[str], scores: Mapping[str, float], left_out: dict[str, str]
) -> list[str]:
    kept = list(kept)
    while len(kept) > 1:
        least = {}
        for index, level in enumerate(kept):
            beside = kept[max(0, index - 1) : index] + kept[index + 1 : index + 2]
            least[level] = min(_apart(scores[level], scores[other]) for other in beside)
        worst = max(kept, key=lambda level: (least[level], scores[level]))
        if least[worst] <= FARTHEST_T:
            break
        left_out[worst] = (
            f"its T-score of {scores[worst]:.1f} lies more than {FARTHEST_T:.1f} from those "
            "beside it"
        )
        kept.remove(worst)
    return kept


def _without_denser_side(
    kept: list[str], scores: Mapping[str, float], left_out: dict[str, str]
) -> list[str]:
    for index in range(1, len(kept)):
        above, below = kept[index - 1], kept[index]
        if _apart(scores[above], scores[below]) <= FARTHEST_T:
            continue
        denser = kept[:index] if scores[above] > scores[below] else kept[index:]
        for level in denser:
            left_out[level] = (
                f"it lies on the denser side of a step of more than {FARTHEST_T:.1f} in T-score "
                f"between {above} and {below}"
            )
        rest = [level for level in kept if level not in denser]
        return _without_denser_side(rest, scores, left_out)
    return kept
