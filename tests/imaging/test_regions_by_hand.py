"""Regions that a person placed: checked, measured again, marked as theirs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import UnsuitableScan
from imaging.limits import LIMITS
from imaging.measure import measure
from imaging.phantoms import ct_lumbar_dicoms
from imaging.polygons import area, check_regions, inside
from imaging.result import Outline, Region, ScanMeasurement, Status
from tests.drawn import spine_file

SQUARE = ((300.0, 300.0), (400.0, 300.0), (400.0, 400.0), (300.0, 400.0))


def region(polygon: tuple[tuple[float, float], ...] = SQUARE, name: str = "L1") -> Region:
    return Region(id=name, label=name, method="any", confidence=0.5, polygon=polygon)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("dxa") / "scan"
    file.write_bytes(spine_file(1))
    return file


def test_a_persons_region_is_measured_as_theirs(scan: Path) -> None:
    result = measure([scan], [region()]).measurement
    assert result.status is Status.MEASURED
    assert result.regions[0].method == "corrected by hand"
    assert result.regions[0].confidence is None
    assert {number.region for number in result.measurements} == {"L1"}


def test_a_region_of_a_few_points_is_named_instead_of_left_out_unsaid(scan: Path) -> None:
    speck = ((300.0, 300.0), (310.0, 300.0), (310.0, 310.0), (300.0, 310.0))
    result = measure([scan], [region(), region(speck, "L2")]).measurement
    assert {number.region for number in result.measurements} == {"L1"}
    small = [finding.advice for finding in result.quality if finding.code == "region_too_small"]
    assert len(small) == 1
    assert small[0].startswith("L2 ")


def test_four_named_regions_give_the_score_again(scan: Path) -> None:
    automatic = measure([scan]).measurement
    again = measure([scan], automatic.regions).measurement
    assert again.measurements == automatic.measurements


CROSSED = ((300.0, 300.0), (400.0, 400.0), (400.0, 300.0), (300.0, 380.0))


@pytest.mark.parametrize(
    ("regions", "word"),
    [
        ([], "no region"),
        ([region(SQUARE[:2])], "corners"),
        ([region(((300.0, 300.0), (400.0, 300.0), (500.0, 300.0)))], "no area"),
        ([region((*SQUARE[:3], (300.0, 9999.0)))], "outside"),
        ([region((*SQUARE[:3], (300.0, float("nan"))))], "outside"),
        ([region(), region()], "same name"),
        ([region(name="")], "name"),
        ([region(name="L1\n")], "name"),
        ([region(CROSSED)], "crosses itself"),
        ([replace(region(), label="L1 " * LIMITS.region_label_letters)], "label"),
        ([region(name=f"R{i}") for i in range(LIMITS.regions + 1)], "more than"),
    ],
)
def test_unsound_regions_are_refused(regions: list[Region], word: str, scan: Path) -> None:
    result = measure([scan], regions).measurement
    assert result.status is Status.REFUSED
    assert word in (result.reason or "")


def test_the_edge_of_the_picture_is_inside(scan: Path) -> None:
    corner = ((-0.5, -0.5), (200.0, -0.5), (200.0, 200.0))
    assert measure([scan], [region(corner)]).measurement.status is Status.MEASURED
    beyond = ((-0.6, -0.5), (200.0, -0.5), (200.0, 200.0))
    assert measure([scan], [region(beyond)]).measurement.status is Status.REFUSED


def test_an_outline_that_crosses_itself_far_along_is_noticed() -> None:
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    circle = [(300 + 90 * np.cos(angle), 300 + 90 * np.sin(angle)) for angle in angles]
    check_regions([region(tuple(circle))], (600, 600), None)
    circle[20], circle[70] = circle[70], circle[20]
    with pytest.raises(UnsuitableScan, match="crosses itself"):
        check_regions([region(tuple(circle))], (600, 600), None)


def test_the_size_that_regions_are_drawn_in_is_kept(scan: Path) -> None:
    measured = measure([scan])
    (picture,) = measured.pictures
    assert measured.measurement.size == (picture.height, picture.width)
    stored = json.loads(json.dumps(measured.measurement.to_store()))
    assert ScanMeasurement.from_json(stored) == measured.measurement


def test_a_person_can_name_a_level_on_ct(tmp_path: Path) -> None:
    # The upper half alone: no sacrum, so no names.
    for number, data in enumerate(ct_lumbar_dicoms(0, slice_mm=5.0)[30:]):
        (tmp_path / str(number)).write_bytes(data)
    automatic = measure([tmp_path]).measurement
    assert automatic.regions[-1].label == "level unknown"
    named = replace(automatic.regions[-1], id="L1", label="L1")
    assert automatic.size is not None
    assert automatic.size[0] == len(list(tmp_path.iterdir()))
    again = measure([tmp_path], [named]).measurement
    value = {m.region: m.value for m in again.measurements if m.name == "trabecular_attenuation_hu"}
    before = {
        m.region: m.value for m in automatic.measurements if m.name == "trabecular_attenuation_hu"
    }
    assert value["L1"] == before[automatic.regions[-1].id]
    column, row = named.polygon[0]
    speck = ((column, row), (column + 2, row), (column + 2, row + 2), (column, row + 2))
    at = named.slice_index or 0
    tiny = replace(named, id="L2", polygon=speck, depth_slices=(at, at))
    both = measure([tmp_path], [named, tiny]).measurement
    assert {m.region for m in both.measurements} == {"L1"}
    assert [f.advice[:8] for f in both.quality if f.code == "region_too_small"] == ["L2 holds"]
    spread = [m for m in both.measurements if m.name == "trabecular_attenuation_sd_hu"]
    assert "not established" in spread[0].precision
    wrong = replace(named, depth_slices=(0, 10_000))
    assert measure([tmp_path], [wrong]).measurement.status is Status.REFUSED


@given(
    left=st.integers(1, 10), top=st.integers(1, 10), width=st.integers(1, 8), high=st.integers(1, 8)
)
def test_pixels_inside_a_rectangle_are_its_area(left: int, top: int, width: int, high: int) -> None:
    x, y = left - 0.5, top - 0.5
    polygon = ((x, y), (x + width, y), (x + width, y + high), (x, y + high))
    mask = inside(polygon, (20, 20))
    assert mask.sum() == width * high == area(polygon)
    assert mask[top : top + high, left : left + width].all()


def test_a_triangle_covers_half_its_box() -> None:
    mask = inside(((0.0, 0.0), (100.0, 0.0), (0.0, 100.0)), (101, 101))
    assert mask.sum() == pytest.approx(5000, rel=0.02)
    assert not np.triu(mask[::-1], 2).any()


@pytest.mark.parametrize(("outline", "fewest"), [("area", 3), ("line", 2), ("points", 1)])
def test_an_outline_has_corners_enough(outline: Outline, fewest: int) -> None:
    corners = ((10.0, 10.0), (20.0, 10.0), (20.0, 30.0))

    def check(count: int) -> None:
        region = Region(
            id="neck", label="", method="", confidence=None, polygon=corners[:count],
            outline=outline,
        )  # fmt: skip
        check_regions([region], (50, 50), None)

    check(fewest)
    with pytest.raises(UnsuitableScan, match=f"between {fewest} and"):
        check(fewest - 1)
