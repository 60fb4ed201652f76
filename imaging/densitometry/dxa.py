"""What a densitometer's own numbers say, site by site: which may be used, and for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imaging.densitometry.sites import site_of_region, without_side
from imaging.densitometry.vertebrae import (
    LEVELS,
    SpineUse,
    Vertebra,
    bmd_together,
    vertebrae_to_use,
)
from imaging.result import Measurement

AREAL_BMD, BMC, AREA, T_SCORE, Z_SCORE = "areal_bmd", "bmc", "area", "t_score", "z_score"
RECOMPUTED = "recomputed from BMC and area of the vertebrae that remain"


@dataclass(frozen=True, slots=True)
class SiteValues:
    """One site of the record and what was measured there.

    Attributes
    ----------
    site : str
        ``femoral_neck``, ``total_hip``, ``lumbar_spine``, ``trochanter``, ``one_third_radius``.
    side : str or None
        ``left``, ``right``, ``mean`` of both, or None where that is not told.
    numbers : mapping of name to Measurement
        ``areal_bmd`` (g/cm2), ``t_score``, ``z_score``, ``bmc`` (g), ``area`` (cm2).
    """

    site: str
    side: str | None
    region: str
    numbers: Mapping[str, Measurement]


def sites_measured(measurements: Sequence[Measurement]) -> list[SiteValues]:
    """List which measurement of a report is which site.

    Of the lumbar spine only the vertebrae that may stand for it are listed, by the ISCD's rule:
    never both L1-L4 and a part of it, and nothing where fewer than two remain.
    """
    by_region = numbers_by_region(measurements)
    spine = spine_use(by_region)
    found = []
    for region, numbers in by_region.items():
        site = site_of_region(region)
        if not site:
            continue
        if site == "lumbar_spine" and not _stands_for_spine(region, spine):
            continue
        found.append(SiteValues(site, without_side(region)[1], region, numbers))
    return found


def numbers_by_region(measurements: Sequence[Measurement]) -> dict[str, dict[str, Measurement]]:
    """Sort measurements by region, then by name."""
    found: dict[str, dict[str, Measurement]] = {}
    for number in measurements:
        if number.name in {AREAL_BMD, BMC, AREA, T_SCORE, Z_SCORE}:
            found.setdefault(number.region, {})[number.name] = number
    return found


def spine_use(by_region: Mapping[str, Mapping[str, Measurement]]) -> SpineUse | None:
    """Apply the ISCD's rule to the vertebrae of a report; None where it lists fewer than two."""
    vertebrae = vertebrae_of(by_region)
    return vertebrae_to_use(vertebrae) if len(vertebrae) > 1 else None


def vertebrae_of(by_region: Mapping[str, Mapping[str, Measurement]]) -> dict[str, Vertebra]:
    """Collect what is known of each single vertebra."""
    found = {}
    for level in LEVELS:
        numbers = by_region.get(level, {})
        if AREAL_BMD not in numbers:
            continue
        values = {name: number.value for name, number in numbers.items()}
        found[level] = Vertebra(
            values[AREAL_BMD], values.get(T_SCORE), values.get(BMC), values.get(AREA)
        )
    return found


def recomputed(
    by_region: Mapping[str, Mapping[str, Measurement]], region: str, levels: tuple[str, ...]
) -> list[Measurement]:
    """BMD, BMC and area of several vertebrae as one region; empty where an area is not known.

    A T-score is not recomputed: no reference is held for a part of L1-L4.
    """
    together = bmd_together(vertebrae_of(by_region), levels)
    if together is None:
        return []
    parts = [by_region[level][AREAL_BMD] for level in levels]
    confidences = [part.confidence for part in parts if part.confidence is not None]
    return [
        Measurement(
            name=name,
            region=region,
            value=value,
            unit=unit,
            method=RECOMPUTED,
            source="ISCD Official Positions 2019, Adult; recalled, to be confirmed",
            precision=parts[0].precision,
            tried_on=parts[0].tried_on,
            confidence=min(confidences, default=None),
            checked_against=", ".join(levels),
        )
        for name, value, unit in zip(
            (BMC, AREA, AREAL_BMD), together, ("g", "cm2", "g/cm2"), strict=True
        )
    ]


def _stands_for_spine(region: str, use: SpineUse | None) -> bool:
    """Say whether a region is of just the vertebrae that may be used."""
    if use is None:
        return True  # nothing is known of single vertebrae
    if region == "lumbar_spine":
        return not use.left_out
    # Vertebrae that the report does not list singly cannot be told unusable.
    known = {*use.kept, *use.left_out}
    return use.usable and set(levels_named(region)) & known == set(use.kept)


def levels_named(region: str) -> tuple[str, ...]:
    """Vertebrae of a region: ``L1-L2,L4`` -> L1, L2, L4."""
    numbers: list[int] = []
    for piece in region.replace("L", "").split(","):
        first, _, last = piece.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return tuple(f"L{number}" for number in numbers)
