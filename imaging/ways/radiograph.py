"""Long bones on radiographs: a person draws lines and confirms landmarks, then it is measured."""

from collections.abc import Sequence
from dataclasses import replace

from imaging.densitometry.cortical import NAMES, SITES, Site, cortical_indices
from imaging.drawing.display import projection_picture
from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import Recognised
from imaging.polygons import check_regions
from imaging.projection import Projection
from imaging.regions.radiograph import METHOD, find_crossing
from imaging.result import Finding, Measured, Region, ScanMeasurement, Severity, Status
from imaging.ways.common import by_hand, magnified, refused_projection, title

# Parts of which a radiograph may show a bone that is measured.
PARTS = {"hip", "hand", "unknown"}


def is_for(seen: Recognised, given: Sequence[Region] | None) -> bool:
    """Whether this way measures a picture: by its kind, or by the names of a person's regions.

    A picture file without tags has no kind; there a person's choice of names settles it.
    """
    if seen.kind.modality == "radiograph" and seen.kind.body_part in PARTS:
        return True
    named = any(region.id in NAMES for region in given or ())
    return named and seen.kind.modality in {"radiograph", "unknown"}


def measure(
    image: Projection,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure confirmed landmarks; along lines without landmarks, propose some.

    Without landmarks the answer is a refusal that says what to place; proposals come with it as
    regions and count once a person has saved them.
    """
    if not given:
        return refused_projection(image, seen.kind, findings, _what_to_place())
    try:
        check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
        regions = _named(by_hand(given))
        mm = None if image.spacing is None else (image.spacing.mm[0], image.spacing.mm[1])
        numbers = tuple(cortical_indices({region.id: region for region in regions}, mm))
    except UnsuitableScan as error:
        return refused_projection(image, seen.kind, findings, str(error))
    placed = {region.id: region for region in regions}
    kind = replace(seen.kind, modality="radiograph")
    if kind.body_part == "unknown":
        kind = replace(kind, body_part=_part(placed))
    findings += tuple(_about(image, kind.body_part, placed))
    open_sites = [site for site in SITES if site.line in placed and site.points not in placed]
    proposals, unclear = _proposals(image, open_sites, placed)
    reason = None if numbers else _next_step(proposals, unclear)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED if numbers else Status.REFUSED,
            reason=reason,
            kind=kind,
            spacing=image.spacing,
            quality=findings,
            regions=(*regions, *proposals),
            measurements=numbers,
            size=image.pixels.shape,
        ),
        pictures=(projection_picture(image, title(kind)),),
    )


def _named(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Refuse names that mean nothing here, and lines that are none."""
    for region in regions:
        if region.id not in NAMES:
            raise UnsuitableScan(
                f"Region {region.id} means nothing on a radiograph: use {', '.join(sorted(NAMES))}."
            )
        if any(region.id == site.line for site in SITES) and len(region.polygon) != 2:
            raise UnsuitableScan(f"Region {region.id} is a line of two points across the bone.")
    return regions


def _proposals(
    image: Projection, sites: Sequence[Site], placed: dict[str, Region]
) -> tuple[list[Region], list[str]]:
    """Propose landmarks along each line; name the lines along which none stand out."""
    proposals, unclear = [], []
    for site in sites:
        start, end = placed[site.line].polygon
        crossing = find_crossing(image.pixels, (start, end))
        if crossing is None:
            unclear.append(site.line)
            continue
        chosen = crossing.points if site.edges == 4 else crossing.points[1:3]
        proposals.append(
            Region(
                id=site.points,
                label=f"{site.points}, to be confirmed",
                method=METHOD,
                confidence=crossing.confidence,
                polygon=tuple((float(column), float(row)) for column, row in chosen),
                outline="points",
            )
        )
    return proposals, unclear


def _what_to_place() -> str:
    lines = "; ".join(f"{site.line} {site.where}" for site in SITES)
    return f"Nothing is measured on a radiograph before a person has drawn a line: {lines}."


def _next_step(proposals: Sequence[Region], unclear: Sequence[str]) -> str:
    if proposals:
        names = ", ".join(region.id for region in proposals)
        return f"Check the proposed landmarks ({names}), move them where needed and save them."
    if unclear:
        return (
            f"No two cortices stand out of the noise along {', '.join(unclear)}: draw it longer "
            "and square across the bone, or place the landmarks by hand."
        )
    return "The landmarks at the calcar alone give no ratio: add those of the femoral shaft."


def _part(placed: dict[str, Region]) -> str:
    return next(site.body_part for site in SITES if site.line in placed or site.points in placed)


def _about(image: Projection, part: str, placed: dict[str, Region]) -> list[Finding]:
    findings = []
    others = [
        name
        for site in SITES
        for name in (site.line, site.points)
        if name in placed and site.body_part != part
    ]
    if others:
        findings.append(
            Finding(
                code="landmarks_of_another_part",
                severity=Severity.WARNING,
                advice=f"{', '.join(others)} does not belong to this picture ({part}): check it.",
            )
        )
    if image.spacing is None:
        advice = (
            "The file does not say how large a pixel is: ratios are given, widths in mm are not."
        )
        findings.append(
            Finding(code="no_physical_spacing", severity=Severity.WARNING, advice=advice)
        )
    findings += magnified(image)
    return findings
