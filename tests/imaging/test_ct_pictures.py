"""Pictures along the spine: bodies, regions and the points of heights lie where they are."""

from dataclasses import replace
from math import dist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imaging.densitometry.ct import region_values
from imaging.densitometry.ct_precision import half_width
from imaging.drawing.cuts import cut_along
from imaging.kinds.recognising import recognise_volume
from imaging.polygons import inside
from imaging.regions.ct_traces import cuts
from imaging.result import Region, ScanMeasurement, Trace
from imaging.volume import Volume
from imaging.voxels import Voxels, packed
from imaging.ways import ct_spine
from tests.imaging.conftest import DrawnCt, FoundCt, MeasuredCt
from tests.imaging.ct_cases import dice


@pytest.fixture(scope="module", params=[2.5, 5.0], ids=["2.5 mm slices", "5 mm slices"])
def slice_mm(request: pytest.FixtureRequest) -> float:
    return float(request.param)


def trace(region: Region, picture: str, part: str) -> Trace:
    (found,) = (t for t in region.traces if t.picture == picture and t.part == part)
    return found


def test_bodies_in_the_cut_are_those_that_were_drawn(
    drawn_ct: DrawnCt, found_ct: FoundCt, measured_ct: MeasuredCt, slice_mm: float
) -> None:
    volume, truth = drawn_ct(3, slice_mm)
    answer, found = measured_ct(3, slice_mm), found_ct(3, slice_mm)
    result = answer.measurement
    both = cuts(volume, result.regions, found.bodies, found.columns)
    pictures = {picture.name: picture for picture in answer.pictures}
    for cut in both:
        shown = pictures[cut.name]
        rows, columns = np.indices(cut.size)
        up = cut.top_mm - rows.ravel() * cut.pixel_mm
        across = cut.first_mm + columns.ravel() * cut.pixel_mm
        at = np.rint(cut.place(up, across) / np.array(volume.spacing_mm)).astype(int)
        labels = truth.labels[tuple(at.T)].reshape(cut.size)
        assert (shown.height, shown.width) == cut.size
        for region in result.regions:
            if region.bone is None:
                continue
            drawn = labels == truth.names.index(region.id) + 1
            outline = inside(trace(region, cut.name, "bone").polygon, cut.size)
            assert dice(outline, drawn) > 0.87
            inner = inside(trace(region, cut.name, "region").polygon, cut.size)
            assert (inner & outline).sum() > 0.98 * inner.sum()


def test_heights_can_be_measured_in_the_picture(
    drawn_ct: DrawnCt, found_ct: FoundCt, measured_ct: MeasuredCt
) -> None:
    result = measured_ct(3, 2.5).measurement
    found = found_ct(3, 2.5)
    regions = (*found.regions, *found.pelvis.regions)
    both = cuts(drawn_ct(3, 2.5)[0], regions, found.bodies, found.columns)
    heights = {
        (one.region, one.name): one.value
        for one in result.measurements
        if one.name.startswith("vertebral_height")
    }
    assert len(heights) >= 15
    for region in result.regions:
        if (region.id, "vertebral_height_anterior_mm") not in heights:
            continue
        points = trace(region, "sagittal", "points").polygon
        for name, upper, lower in (("anterior", 0, 5), ("middle", 1, 4), ("posterior", 2, 3)):
            seen = dist(points[upper], points[lower]) * both[0].pixel_mm
            assert seen == pytest.approx(heights[region.id, f"vertebral_height_{name}_mm"], abs=0.1)


def test_points_are_shown_only_where_heights_are_given(measured_ct: MeasuredCt) -> None:
    result = measured_ct(3, 5.0).measurement
    assert not [one for one in result.measurements if "height" in one.name]
    assert {t.part for region in result.regions for t in region.traces} == {"bone", "region"}


def test_a_cut_has_square_pixels_and_the_head_on_top() -> None:
    voxels = np.full((10, 40, 30), 50, dtype=np.float32)
    voxels[8:, :5] = 400
    volume = Volume(voxels, (6.0, 1.5, 2.0), np.eye(4), "drawn")
    cut = cut_along(volume, "sagittal")
    assert cut.pixel_mm == 1.0
    assert cut.size == (55, 59)
    # The eighth slice lies 48 mm above the first one, 6 mm below the last.
    (corner,) = cut.pixels(np.array([48.0]), np.array([6.0]))
    assert corner == (6.0, 6.0)
    assert cut_along(replace(volume, spacing_mm=(0.3, 0.3, 0.3)), "coronal").pixel_mm == 0.5


def test_what_is_stored_comes_back_and_traces_are_not_promised(measured_ct: MeasuredCt) -> None:
    result = measured_ct(3, 5.0).measurement
    assert ScanMeasurement.from_json(result.to_store()) == result
    told = result.to_json()["regions"][0]
    assert "traces" not in told
    assert set(told["bone"]) == {"corner", "shape", "bits"}


@given(
    arrays(bool, st.tuples(*[st.integers(1, 5)] * 3)).filter(np.any),
    st.tuples(*[st.integers(0, 9)] * 3),
)
def test_voxels_are_unpacked_where_they_were(
    mask: np.ndarray, corner: tuple[int, int, int]
) -> None:
    kept = packed(corner, mask)
    whole, again = np.zeros((2, 20, 20, 20), dtype=bool)
    whole[tuple(slice(at, at + n) for at, n in zip(corner, mask.shape, strict=True))] = mask
    again[tuple(slice(at, at + n) for at, n in zip(kept.corner, kept.shape, strict=True))] = (
        kept.mask
    )
    assert (whole == again).all()


def test_bits_that_do_not_fill_their_box_are_refused() -> None:
    kept = packed((0, 0, 0), np.ones((2, 3, 4), dtype=bool))
    larger = Voxels(corner=kept.corner, shape=(200, 300, 400), bits=kept.bits)
    with pytest.raises(ValueError, match="fill"):
        _ = larger.mask


def test_wings_of_the_sacrum_are_measured_within_their_interval(
    drawn_ct: DrawnCt, found_ct: FoundCt
) -> None:
    volume, truth = drawn_ct(3, 2.5)
    regions = {one.id: one for one in found_ct(3, 2.5).pelvis.regions}
    for side, sign in (("left", 1), ("right", -1)):
        region = regions[f"sacral_ala_{side}"]
        # Wings are drawn emptier than the body; columns grow towards the left.
        marrow = 0.7 * truth.trabecular_hu["S1"]
        off = float(region_values(volume, region).mean()) - marrow
        assert abs(off) < half_width(volume, region)
        middle = np.mean([column for column, _ in regions["S1"].polygon])
        assert sign * (np.mean([column for column, _ in region.polygon]) - middle) > 0


def test_a_vertebra_that_a_person_named_keeps_its_body_and_its_heights(
    drawn_ct: DrawnCt, measured_ct: MeasuredCt
) -> None:
    volume, _ = drawn_ct(3, 2.5)
    seen = recognise_volume({}, volume.voxels)
    before = measured_ct(3, 2.5).measurement
    named = replace(next(one for one in before.regions if one.id == "L2"), id="L3", label="L3")
    beside = replace(named, id="mark", polygon=((2, 2), (9, 2), (9, 9)))
    after = ct_spine.measure(volume, seen, (), (named, beside)).measurement
    parts = {one.id: {trace.part for trace in one.traces} for one in after.regions}
    assert parts["L3"] == {"bone", "region", "points"}
    assert not parts["mark"] & {"bone", "points"}
    height = "vertebral_height_anterior_mm"
    old, new = (
        {one.region: one.value for one in result.measurements if one.name == height}
        for result in (before, after)
    )
    assert new == {"L3": pytest.approx(old["L2"])}
