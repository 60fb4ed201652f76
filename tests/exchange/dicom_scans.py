"""Small scans as DICOM files, measured on regions that a test chose: nothing has to be found."""

from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from imaging.densitometry.ct import trabecular_attenuation
from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.phantoms.writing import header, with_pixels
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.result import Kind, Measurement, Region, ScanMeasurement, Spacing, Status
from imaging.volume import Volume
from imaging.voxels import packed
from tests.drawn import spine_file

IBSI = "IBSI reference manual, arXiv:1612.07003, id Q4LE"
NAME, NUMBER = "Doe^Jane", "PAT-0815"
SLICES, ROWS, COLUMNS = 12, 40, 48
SPACING = (2.5, 0.9, 0.7)  # slice, row, column
# Column and row directions of acquisitions, in LPS.
AXIAL, SAGITTAL = ((1, 0, 0), (0, 1, 0)), ((0, 1, 0), (0, 0, -1))


@dataclass(frozen=True, slots=True)
class Measured:
    """A scan's files, and what was measured on them."""

    folder: Path
    result: ScanMeasurement
    sources: tuple[Dataset, ...]


def number(name: str, region: str, value: float, unit: str) -> Measurement:
    return Measurement(
        name=name, region=region, value=value, unit=unit, method="mean", precision="± 3",
        source=IBSI if name == "grey_mean" else "a study",
    )  # fmt: skip


def identified(data: bytes) -> bytes:
    """The same file of a person with a name."""
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = NAME, NUMBER, "19540601"
    dataset.PatientSex, dataset.AccessionNumber, dataset.StudyID = "F", "ACC-77", "S1"
    dataset.StudyDate, dataset.StudyTime = "20260102", "101112"
    dataset.ReferringPhysicianName = "Who^Knows"
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


@cache
def _spine() -> bytes:
    return identified(spine_file(3))


def dxa(folder: Path) -> Measured:
    """A drawn spine with an area, a line, two landmarks and a summary."""
    (folder / "1.dcm").write_bytes(_spine())
    image, _ = open_scan(gather([folder]))
    assert isinstance(image, Projection)
    shape = (image.pixels.shape[0], image.pixels.shape[1])
    area = ((300.2, 200.7), (420.5, 210.0), (410.0, 330.4), (290.0, 320.0))
    regions = (
        _region("L1", area),
        _region("neck_axis", ((10, 10), (90, 40)), "line"),
        _region("landmarks", ((15, 20), (30, 60)), "points"),
    )
    numbers = (
        number("grey_mean", "L1", float(image.pixels[inside(area, shape)].mean()), "1"),
        number("t_score", "L1", -2.5, "1"),
        number("hip_axis_length_mm", "neck_axis", 101.5, "mm"),
        number("cortical_index", "landmarks", 0.45, "1"),
        number("lumbar_texture_score", "L1-L4", 0.71, "1"),
    )
    result = ScanMeasurement(
        status=Status.MEASURED, kind=Kind(modality="dxa", body_part="lumbar_spine", view="ap"),
        spacing=image.spacing, regions=regions, measurements=numbers, size=shape,
    )  # fmt: skip
    return Measured(folder, result, _sources(folder))


def ct(
    folder: Path,
    directions: tuple[tuple[int, int, int], tuple[int, int, int]] = AXIAL,
    *,
    overlapping: bool = False,
    backwards: bool = False,
) -> Measured:
    """A small CT of noise, in the order and direction of the scanner."""
    rng = np.random.default_rng(5)
    along, down = (np.array(one, dtype=float) for one in directions)
    through = np.cross(along, down)
    for index in range(SLICES):
        dataset = header("small-ct", CTImageStorage, "CT", number=index + 1)
        dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=["small-ct"])
        dataset.SliceThickness, dataset.PixelSpacing = SPACING[0], list(SPACING[1:])
        dataset.ImageOrientationPatient = [*along, *down]
        step = -index if backwards else index
        dataset.ImagePositionPatient = list(
            np.array([-30.0, 12, 400]) + through * SPACING[0] * step
        )
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.KVP = -1024, 1, 120
        values = rng.integers(900, 1500, (ROWS, COLUMNS)).astype(np.int16)
        written = with_pixels(dataset, values, bits=16, signed=True)
        (folder / f"{index:02}.dcm").write_bytes(identified(written))
    volume, _ = open_scan(gather([folder]))
    assert isinstance(volume, Volume)
    slices, rows, columns = volume.voxels.shape
    second = (2, slices - 2) if overlapping else (6, slices - 2)
    low = [(0.2, 0.2), (0.7, 0.3), (0.6, 0.8), (0.2, 0.7)]
    corners = tuple((x * columns, y * rows) for x, y in low)
    regions = (
        _region("L2", corners, slice_index=3, depth=(1, 5)),
        _region("L1", corners, slice_index=6, depth=second),
    )
    # About both regions, whose slices it spans.
    body = packed((1, 2, 3), np.ones((slices - 2, rows - 5, columns - 6), dtype=bool))
    regions = (replace(regions[0], bone=body), *regions[1:])
    result = ScanMeasurement(
        status=Status.MEASURED, kind=Kind(modality="ct", body_part="abdomen", view="axial"),
        spacing=Spacing(mm=volume.spacing_mm, source=volume.source), regions=regions,
        measurements=tuple(trabecular_attenuation(volume, regions, {"L1": 5.0, "L2": 5.0})),
        size=volume.voxels.shape,
        affine=tuple(tuple(float(one) for one in row) for row in volume.affine),
    )  # fmt: skip
    return Measured(folder, result, _sources(folder))


def _region(
    id: str,
    polygon: tuple[tuple[float, float], ...],
    outline: str = "area",
    slice_index: int | None = None,
    depth: tuple[int, int] | None = None,
) -> Region:
    return Region(
        id=id, label=id, method="by a test", confidence=0.9, polygon=polygon,
        outline=outline, slice_index=slice_index, depth_slices=depth,  # type: ignore[arg-type]
    )  # fmt: skip


def _sources(folder: Path) -> tuple[Dataset, ...]:
    return tuple(pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm")))
