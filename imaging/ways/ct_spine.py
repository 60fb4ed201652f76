"""Vertebrae in a CT volume: attenuation, density and height of their bodies."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imaging import stages
from imaging.acquisition.derived import check_derived
from imaging.acquisition.hounsfield_scale import check_scale, check_width, scale_findings
from imaging.densitometry.ct import trabecular_attenuation
from imaging.densitometry.ct_density import spine_means
from imaging.densitometry.ct_precision import half_widths
from imaging.densitometry.ct_unusual import dense_findings, too_dense, unusual_bone
from imaging.densitometry.rods import is_rod
from imaging.drawing.cuts import cut_along
from imaging.drawing.display import slice_picture
from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import Recognised
from imaging.morphometry.ct_heights import ct_morphometry
from imaging.morphometry.ct_hip import hip_lengths, marked_untried
from imaging.morphometry.vertebrae import Morphometry
from imaging.polygons import check_regions
from imaging.quality.common import too_small
from imaging.quality.ct import has_metal, volume_findings
from imaging.regions import ct_vertebrae
from imaging.regions.ct_bodies import Body
from imaging.regions.ct_hips import Hip, find_hips
from imaging.regions.ct_traces import cuts, holds, traced, with_points_of
from imaging.regions.straightened import Vector
from imaging.result import (
    Finding,
    Measured,
    Picture,
    Region,
    ScanMeasurement,
    Severity,
    Spacing,
    Status,
)
from imaging.segmentation.checking import check_bodies
from imaging.stages import Stage
from imaging.volume import Volume
from imaging.ways.common import by_hand, no_number
from imaging.ways.ct_findings import left_out_of_means
from imaging.ways.ct_numbers import categories, densities
from imaging.wording import in_words, listed

# Between thicker slices an endplate cannot be placed within a millimetre, and a grade needs that.
GRADED_MM = 3.2
SURE = 0.5
# Half of an interval as wide as what lies between published thresholds (110 and 160 HU).
WIDEST_HU = 50.0
UNSURE = (
    "Most of what could be vertebrae in this CT is not outlined with certainty: there may be no "
    "spine in the field, the slices may be stored foot for head, too thick or too noisy; send the "
    "axial series as the scanner made it."
)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where the bone is, and the pictures along the spine that show it."""

    regions: tuple[Region, ...]
    along: tuple[Picture, ...]
    findings: tuple[Finding, ...]
    bodies: dict[str, Body] = field(default_factory=dict)
    # Of the hips, and where the learned check of the spine looked, if it disagrees.
    others: tuple[Picture, ...] = ()
    hips: tuple[Hip, ...] = ()


def measure(
    volume: Volume,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure one volume; a person's regions replace the automatic ones.

    Regions that a person calls ``rod 75 mg/cm3`` are the rods of a calibration phantom.
    """
    spacing = Spacing(mm=volume.spacing_mm, source=volume.source)
    try:
        check_derived(volume.tags)
        check_scale(volume.voxels)
        placed = _found(volume) if given is None else _drawn(volume, given)
    except UnsuitableScan as error:
        return no_number(
            Status.REFUSED,
            str(error),
            seen.kind,
            spacing,
            findings,
            pictures=(cut_along(volume, "sagittal").picture(volume),),
        )
    rods = [region for region in placed.regions if is_rod(region)]
    bones = [region for region in placed.regions if region not in rods]
    sure = [region for region in bones if is_sure(region)]
    plain = [one for one in sure if not (has_metal(volume, one) or too_dense(volume, one))]
    stages.now(Stage.MEASURING)
    half = half_widths(volume, plain)
    measured = marked_untried(trabecular_attenuation(volume, plain, half))
    large = {number.region for number in measured}
    wide = [region.id for region in plain if region.id in large and half[region.id] > WIDEST_HU]
    numbers = [number for number in measured if number.region not in wide]
    stages.now(Stage.CHECKING)
    # Vessels are looked for before vertebrae that are surely some, not before hips.
    spinal = [bone for bone in sure if bone.id in placed.bodies] if placed.bodies else sure
    findings += (*placed.findings, *volume_findings(volume, spinal), *_not_measured(bones, sure))
    findings += (*_too_wide(wide), *dense_findings(volume, bones))
    if "noise" not in {finding.code for finding in findings}:  # it hides where tissues lie
        findings += tuple(scale_findings(volume))
    findings += tuple(too_small(plain, large))
    heights = _heights(volume, placed)
    deformed = [
        number.region
        for number in heights.measurements
        if number.name == "vertebral_deformity_grade" and number.value >= 1
    ]
    findings += (*heights.findings, *left_out_of_means(deformed))
    whole = [region for region in plain if region.id in large]
    unusual = unusual_bone(volume, whole, half, deformed)
    # Where heights were looked for, a body without any may have an endplate that is none.
    judged = {number.region for number in heights.measurements}
    unjudged = {name for name in placed.bodies if judged and name not in judged}
    left_out = {*deformed, *unjudged, *unusual.left_out}
    findings += unusual.findings
    dense, unsure = densities(volume, bones, rods, numbers, findings, half)
    numbers += dense
    numbers += spine_means(numbers, left_out, half)
    findings += (*unsure, *categories(volume, numbers, findings, left_out, half))
    stages.now(Stage.DRAWING)
    slices = sorted({r.slice_index for r in bones if r.slice_index is not None}, reverse=True)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=seen.kind,
            spacing=spacing,
            quality=findings,
            regions=with_points_of(placed.regions, {n.region for n in heights.measurements}),
            measurements=(*numbers, *heights.measurements, *hip_lengths(placed.hips)),
            size=volume.voxels.shape,
        ),
        pictures=(
            *placed.along,
            *(slice_picture(volume, index) for index in slices),
            *placed.others,
        ),
    )


def is_sure(region: Region) -> bool:
    """Whether a person or a certain method placed a region; else it is shown, not measured."""
    return region.confidence is None or region.confidence >= SURE


def _not_measured(bones: Sequence[Region], sure: Sequence[Region]) -> tuple[Finding, ...]:
    names = [region.id for region in bones if region not in sure]
    if not names:
        return ()
    return (
        Finding(
            code="vertebra_not_measured",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"Shown but not measured: {listed(map(in_words, names))}. The outline is not "
            "certain enough; put it right and save it.",
        ),
    )


def _too_wide(wide: Sequence[str]) -> tuple[Finding, ...]:
    if not wide:
        return ()
    names = listed(map(in_words, wide))
    return (
        Finding(
            code="attenuation_too_uncertain",
            severity=Severity.WARNING,
            regions=tuple(wide),
            advice=f"No attenuation is given for {names}: with this noise, unevenness and place it "
            f"is known to worse than ± {WIDEST_HU:.0f} HU.",
        ),
    )


def _heights(volume: Volume, placed: _Placed) -> Morphometry:
    """Grade the bodies that were outlined with certainty, in slices thin enough for it."""
    if volume.spacing_mm[0] > GRADED_MM or not placed.bodies:
        return Morphometry((), ())
    sure = {
        region.id: placed.bodies[region.id]
        for region in placed.regions
        if region.id in placed.bodies and is_sure(region)
    }
    return ct_morphometry(sure)


def _found(volume: Volume) -> _Placed:
    check_width(volume)
    stages.now(Stage.FINDING_BONE)
    found = ct_vertebrae.find_regions(volume)
    checked = check_bodies(volume, found)
    if 2 * sum(map(is_sure, checked.regions)) < len(checked.regions):
        raise UnsuitableScan(UNSURE)
    pelvis = found.pelvis
    regions = (*checked.regions, *pelvis.regions)
    findings = (*found.findings, *checked.findings, *pelvis.findings)
    regions, along = _shown(volume, regions, found.bodies, found.columns)
    hips = find_hips(volume, pelvis.heads, regions)
    findings += hips.findings
    pictures = (*hips.pictures, *checked.pictures)
    return _Placed(hips.regions, along, findings, found.bodies, pictures, hips.hips)


def _drawn(volume: Volume, given: Sequence[Region]) -> _Placed:
    rows, columns = volume.voxels.shape[1:]
    check_regions(given, (rows, columns), len(volume.voxels))
    regions = by_hand(given)
    findings = ct_vertebrae.still_unknown(regions)
    columns = ct_vertebrae.middle_columns(volume, regions)
    bodies = _bodies_about(volume, regions)
    return _Placed(*_shown(volume, regions, bodies, columns), findings, bodies)


def _bodies_about(volume: Volume, regions: Sequence[Region]) -> dict[str, Body]:
    """Find the bodies that a person's regions lie in, whatever they are called now.

    Whoever names a level does not move its bone: it is shown, and its heights are measured, where
    its own outline is certain.
    """
    try:
        found = ct_vertebrae.find_regions(volume)
    except UnsuitableScan:
        return {}
    sure = [found.bodies[one.id] for one in found.regions if is_sure(one)]
    return {one.id: body for one in regions for body in sure if holds(body, one)}


def _shown(
    volume: Volume, regions: Sequence[Region], bodies: dict[str, Body], columns: Vector
) -> tuple[tuple[Region, ...], tuple[Picture, ...]]:
    """Trace regions and bodies in cuts along the spine, and give these."""
    both = cuts(volume, regions, bodies, columns)
    pictures = tuple(cut.picture(volume) for cut in both)
    return traced(volume, regions, bodies, both), pictures
