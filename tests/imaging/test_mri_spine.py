"""The bone quality score on T1 MRI: which series, proposals, regions that a person named."""

from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.mri import bone_quality
from imaging.errors import UnsuitableScan
from imaging.measure import measure
from imaging.phantoms import MriTruth, mri_lumbar, mri_lumbar_dicoms
from imaging.quality.mri import require_plain_t1
from imaging.regions.mri_spine import find_regions
from imaging.result import Region, ScanMeasurement, Status
from imaging.sagittal import Sagittal, sagittal
from imaging.volume import Volume

T1 = {"RepetitionTime": 550.0, "EchoTime": 11.0, "MagneticFieldStrength": 1.5}


@cache
def middle_of(seed: int) -> tuple[Sagittal, MriTruth]:
    """Give three slices, through the middle of the spine: a third of the time of all nine."""
    stack, truth = drawn(seed)
    return replace(stack, planes=stack.planes[truth.middle - 1 : truth.middle + 2]), truth


@cache
def drawn(seed: int) -> tuple[Sagittal, MriTruth]:
    planes, truth = mri_lumbar(seed)
    mm = (4.5, truth.pixel_mm, truth.pixel_mm)
    return Sagittal(planes.astype(np.float32), mm, np.eye(4)), truth


def named(regions: tuple[Region, ...], truth: MriTruth) -> tuple[Region, ...]:
    """Do what a person does: name each body by where it is."""
    answer = []
    for region in regions:
        row = np.mean([row for _, row in region.polygon]) * truth.pixel_mm
        level = min(truth.middles_mm, key=lambda name: abs(truth.middles_mm[name][0] - row))
        answer.append(replace(region, id=level) if region.id.startswith("V") else region)
    return tuple(answer)


def in_folder(folder: Path, seed: int, **tags: object) -> Path:
    for number, data in enumerate(mri_lumbar_dicoms(seed, **tags)):
        (folder / str(number)).write_bytes(data)
    return folder


def score(result: ScanMeasurement) -> float:
    return next(m.value for m in result.measurements if m.name == "vertebral_bone_quality_score")


@pytest.mark.parametrize("seed", [0, 1])
def test_proposals_once_named_give_the_known_score(seed: int, tmp_path: Path) -> None:
    folder, truth = in_folder(tmp_path, seed), drawn(seed)[1]
    asked = measure([folder])
    result = asked.measurement
    assert result.status is Status.REFUSED
    assert "levels cannot be told" in (result.reason or "")
    assert {region.slice_index for region in result.regions} == {truth.middle}
    assert [picture.slice_index for picture in asked.pictures] == [truth.middle]
    assert result.size is not None
    assert (asked.pictures[0].height, asked.pictures[0].width) == result.size[1:]

    confirmed = measure([folder], named(result.regions, truth)).measurement
    assert confirmed.status is Status.MEASURED
    assert score(confirmed) == pytest.approx(truth.score, rel=0.025)
    assert {m.tried_on for m in confirmed.measurements} == {"generated images"}
    assert confirmed.kind.view == "lateral"


def test_places_are_kept_when_slices_become_sagittal_pictures() -> None:
    affine = np.diag([4.0, 0.8, 2.0, 1.0])[:, [2, 1, 0, 3]]
    affine[:3, 3] = (-7, -30, 50)
    voxels = np.arange(3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)
    volume = Volume(voxels, (2.0, 0.8, 4.0), affine, "drawn")
    stack = sagittal(volume)
    assert stack.planes.shape == (5, 3, 4)
    assert stack.spacing_mm == (4.0, 2.0, 0.8)
    for z, y, x in ((0, 0, 0), (2, 3, 4), (1, 2, 3)):
        assert stack.planes[x, 2 - z, y] == voxels[z, y, x]
        np.testing.assert_allclose(stack.affine @ [x, 2 - z, y, 1], affine @ [z, y, x, 1])


@pytest.mark.parametrize("change", ["noise", "uneven coil", "darker", "larger pixels"])
def test_proposals_survive_a_change_of_the_picture(change: str) -> None:
    stack, truth = middle_of(2)
    planes, mm = stack.planes, stack.spacing_mm
    if change == "noise":
        planes = np.abs(planes + np.random.default_rng(0).normal(0, 30, planes.shape))
    elif change == "uneven coil":
        planes = planes * np.linspace(0.6, 1.3, planes.shape[2])[None, None]
    elif change == "darker":
        planes = 600 * (planes / 600) ** 1.3
    else:
        planes, mm = planes[:, ::2, ::2], (mm[0], 2 * mm[1], 2 * mm[2])
    regions = find_regions(Sagittal(planes.astype(np.float32), mm, np.eye(4)))
    for level in ("L1", "L2", "L3", "L4"):
        where = np.array(truth.middles_mm[level])
        near = [
            np.hypot(*(np.mean(r.polygon, axis=0)[::-1] * mm[1:] - where))
            for r in regions
            if r.id.startswith("V")
        ]
        assert min(near) < 4.0


def test_without_fluid_behind_the_bodies_a_person_is_asked() -> None:
    stack, truth = middle_of(1)
    planes = stack.planes.copy()
    planes[planes < 0.6 * min(truth.marrow.values())] = 300
    with pytest.raises(UnsuitableScan, match=r"cerebrospinal fluid|lumbar discs"):
        find_regions(Sagittal(planes, stack.spacing_mm, stack.affine))


def test_what_is_no_spine_is_refused() -> None:
    noise = np.random.default_rng(0).normal(200, 20, (3, 300, 220)).astype(np.float32)
    with pytest.raises(UnsuitableScan):
        find_regions(Sagittal(noise, (4.5, 0.9, 0.9), np.eye(4)))


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"RepetitionTime": 3500.0, "EchoTime": 100.0}, "not T1"),
        ({"RepetitionTime": 1101.0}, "not T1"),
        ({"RepetitionTime": 20.0, "EchoTime": 5.0}, "not T1"),
        ({"EchoTime": 30.5}, "not T1"),
        ({"ContrastBolusAgent": "Gadovist"}, "before it"),
        ({"SeriesDescription": "sag T1 +C"}, "before it"),
        ({"ScanOptions": "FS"}, "suppress"),
        ({"SeriesDescription": "sag T1 fs"}, "suppress"),
        ({"ScanningSequence": "IR"}, "suppress"),
    ],
)
def test_other_series_are_refused_by_their_tags(tags: dict[str, object], word: str) -> None:
    with pytest.raises(UnsuitableScan, match=word):
        require_plain_t1({**T1, **tags})


@pytest.mark.parametrize(
    ("tags", "codes"),
    [
        (T1, {"field_strength"}),
        ({**T1, "ContrastBolusAgent": "NONE"}, {"field_strength"}),
        ({**T1, "RepetitionTime": 1100.0}, {"field_strength", "timing_unusual"}),
        ({**T1, "EchoTime": 30.0}, {"field_strength", "timing_unusual"}),
        ({"SeriesDescription": "sag T1 TSE"}, {"field_strength", "t1_by_name_only"}),
    ],
)
def test_t1_series_are_let_in_with_what_is_to_know(
    tags: dict[str, str | float], codes: set[str]
) -> None:
    assert {finding.code for finding in require_plain_t1(tags)} == codes


def test_a_series_that_says_nothing_of_its_weighting_is_refused() -> None:
    with pytest.raises(UnsuitableScan, match="weighted"):
        require_plain_t1({})


def test_an_axial_series_is_refused(tmp_path: Path) -> None:
    # The same slices, lying across the body.
    for index, data in enumerate(mri_lumbar_dicoms(0)):
        (tmp_path / str(index)).write_bytes(_axial(data, index))
    result = measure([tmp_path]).measurement
    assert result.status is Status.REFUSED
    assert "from the side" in (result.reason or "")


def _axial(data: bytes, index: int) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 4.5 * index]
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def square(name: str, column: int, row: int, index: int = 1) -> Region:
    corners = ((-6, -6), (6, -6), (6, 6), (-6, 6))
    return Region(
        id=name,
        label=name,
        method="",
        confidence=None,
        polygon=tuple((float(column + x), float(row + y)) for x, y in corners),
        slice_index=index,
        depth_slices=(index, index),
    )


BODIES = tuple(square(name, 20, 15 + 20 * at) for at, name in enumerate(("L1", "L2", "L3", "L4")))


def painted(signals: tuple[float, ...], fluid: float) -> Sagittal:
    planes = np.full((3, 100, 60), 50.0, dtype=np.float32)
    for at, signal in enumerate(signals):
        planes[1, 5 + 20 * at : 25 + 20 * at, 10:30] = signal
    planes[:, :, 40:60] = fluid
    return Sagittal(planes, (4.0, 1.0, 1.0), np.eye(4))


def quality(stack: Sagittal, *regions: Region) -> dict[tuple[str, str], float]:
    return {(m.name, m.region): m.value for m in bone_quality(stack, regions)}


def test_the_score_is_the_median_of_four_bodies_over_the_fluid() -> None:
    value = quality(painted((300, 200, 260, 280), 100), *BODIES, square("csf", 50, 55))
    assert value["vertebral_bone_quality_score", "L1-L4"] == pytest.approx(2.7)
    assert value["marrow_signal_over_csf", "L2"] == pytest.approx(2.0)


@given(gain=st.floats(0.01, 100), signals=st.tuples(*[st.floats(50, 900)] * 4))
def test_the_score_does_not_depend_on_the_gain(
    gain: float, signals: tuple[float, float, float, float]
) -> None:
    csf = square("csf", 50, 55)
    one = quality(painted(signals, 100), *BODIES, csf)
    louder = painted(signals, 100)
    louder = replace(louder, planes=louder.planes * np.float32(gain))
    assert quality(louder, *BODIES, csf) == pytest.approx(one, rel=1e-4)


@pytest.mark.parametrize(
    ("regions", "word"),
    [
        ((*BODIES[1:], square("csf", 50, 55)), "L1 is not named"),
        (BODIES, "beside L3"),
        ((*BODIES, square("csf", 50, 15)), "beside L3"),
        ((*BODIES, square("csf", 50, 55, index=0)), "beside L3"),
        ((*BODIES[:3], square("L4", 20, 75, index=2), square("csf", 50, 55)), "several slices"),
    ],
)
def test_what_is_missing_is_asked_for(regions: tuple[Region, ...], word: str) -> None:
    with pytest.raises(UnsuitableScan, match=word):
        bone_quality(painted((300, 200, 260, 280), 100), regions)


def test_fluid_without_signal_gives_no_score() -> None:
    with pytest.raises(UnsuitableScan, match="no signal"):
        bone_quality(painted((300, 200, 260, 280), 0), (*BODIES, square("csf", 50, 55)))
