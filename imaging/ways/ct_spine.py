"""Vertebrae in a CT volume: their bodies and the attenuation of their trabecular bone."""

from collections.abc import Sequence

from imaging.densitometry.ct import trabecular_attenuation
from imaging.display import sagittal_picture, slice_picture
from imaging.errors import UnsuitableScan
from imaging.kind import Recognised
from imaging.polygons import check_regions
from imaging.quality import too_small
from imaging.quality_ct import volume_findings
from imaging.regions import ct_vertebrae
from imaging.result import Finding, Measured, Region, ScanMeasurement, Spacing, Status
from imaging.volume import Volume
from imaging.ways.common import by_hand, no_number


def measure(
    volume: Volume,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure one volume; a person's regions replace the automatic ones."""
    spacing = Spacing(mm=volume.spacing_mm, source=volume.source)
    try:
        if given is None:
            found = ct_vertebrae.find_regions(volume)
            regions, findings = found.regions, findings + found.findings
            overview = sagittal_picture(volume, found.columns)
        else:
            rows, columns = volume.voxels.shape[1:]
            check_regions(given, (rows, columns), len(volume.voxels))
            regions = by_hand(given)
            findings += ct_vertebrae.still_unknown(regions)
            overview = sagittal_picture(volume, ct_vertebrae.middle_columns(volume, regions))
    except UnsuitableScan as error:
        return no_number(
            Status.REFUSED,
            str(error),
            seen.kind,
            spacing,
            findings,
            pictures=(sagittal_picture(volume),),
        )
    numbers = tuple(trabecular_attenuation(volume, regions))
    findings += tuple(volume_findings(volume, regions))
    findings += tuple(too_small(regions, {number.region for number in numbers}))
    slices = sorted({r.slice_index for r in regions if r.slice_index is not None}, reverse=True)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=seen.kind,
            spacing=spacing,
            quality=findings,
            regions=regions,
            measurements=numbers,
            size=volume.voxels.shape,
        ),
        pictures=(overview, *(slice_picture(volume, index) for index in slices)),
    )
