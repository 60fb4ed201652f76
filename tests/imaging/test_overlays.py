"""Pictures with regions: drawn where the region is, whatever the shape of a pixel."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from math import dist
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging.drawing.display import as_png
from imaging.presenting.overlays import (
    DASH,
    DASH_GAP,
    INKS,
    LOOKS,
    Look,
    dashes,
    overlay_png,
    overlay_svg,
)
from imaging.result import (
    Measurement,
    Picture,
    Region,
    ScanMeasurement,
    Spacing,
    Status,
    Trace,
)

SVG = "{http://www.w3.org/2000/svg}"


def picture(rows: int, columns: int, slice_index: int | None = None) -> Picture:
    grey = np.full((rows, columns), 90, dtype=np.float32)
    return Picture(
        name="projection", png=as_png(grey, 0, 255), width=columns, height=rows,
        slice_index=slice_index, title="Spine <front>",
    )  # fmt: skip


def region(outline: str, *corners: tuple[float, float], id: str = "L1") -> Region:
    return Region(
        id=id, label=id, method="m", confidence=None, polygon=corners, outline=outline  # type: ignore[arg-type]
    )  # fmt: skip


def measured(spacing: tuple[float, float], *regions: Region) -> ScanMeasurement:
    return ScanMeasurement(
        status=Status.MEASURED, spacing=Spacing(mm=spacing, source="-"), regions=regions,
        size=(100, 50),
    )  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_a_square_is_drawn_where_it_lies(look: Look) -> None:
    square = region("area", (9.5, 19.5), (29.5, 19.5), (29.5, 59.5), (9.5, 59.5))
    png = overlay_png(picture(100, 50), measured((0.5, 1.0), square), look)
    image = np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)
    # 50 mm high, 50 mm wide: drawn square, 12 units a row and 24 a column.
    assert image.shape == (1200, 1200, 3)
    line = tuple(bytes.fromhex(INKS[look].line[1:]))
    for row, column in ((240, 480), (720, 480), (480, 240), (480, 720)):
        assert tuple(image[row, column]) == line
    assert (image[480, 480] == 90).all()


def test_a_line_stays_open_and_landmarks_are_crosses() -> None:
    disc = region("line", (10, 10), (40, 10), (40, 90), id="disc")
    points = region("points", (20, 50), (30, 50), id="marks")
    svg = ElementTree.fromstring(  # noqa: S314
        overlay_svg(picture(100, 50), measured((1.0, 1.0), disc, points))
    )
    lines = [one.attrib["points"].split() for one in svg.iter(f"{SVG}polyline")]
    # Each stroke twice: its edge and its line.
    assert [len(line) for line in lines] == [3, 3] + [2] * 8
    assert lines[0][0] != lines[0][-1]


def test_a_file_needs_no_other_and_escapes_what_it_was_told() -> None:
    odd = region("area", (1, 1), (9, 1), (9, 9), id='<a href="x">')
    text = overlay_svg(picture(20, 20), measured((1.0, 1.0), odd))
    svg = ElementTree.fromstring(text)  # noqa: S314
    assert svg.findtext(f"{SVG}title") == "Spine <front>"
    assert [one.text for one in svg.iter(f"{SVG}text")] == ['<a href="x">']
    (image,) = svg.iter(f"{SVG}image")
    assert image.attrib["href"].startswith("data:image/png;base64,")
    assert not list(svg.iter(f"{SVG}script"))


CUT = ((5.0, 5.0), (20.0, 5.0), (20.0, 15.0), (5.0, 15.0))


def vertebra(id: str, at: int, confidence: float | None = None) -> Region:
    traces = (
        Trace(picture="sagittal", part="region", polygon=CUT[:3]),
        Trace(picture="sagittal", part="bone", polygon=CUT),
        Trace(picture="sagittal", part="points", polygon=CUT[:2], outline="points"),
    )
    return Region(
        id=id, label=id, method="m", confidence=confidence, slice_index=at, traces=traces,
        depth_slices=(at - 1, at + 1), polygon=((10, 10), (20, 10), (20, 20)),
    )  # fmt: skip


def ct(*regions: Region, numbers_of: Sequence[str] = ()) -> ScanMeasurement:
    numbers = [
        Measurement(
            name="hu", region=name, value=1.0, unit="1", method="m", source="s", precision="p"
        )
        for name in numbers_of
    ]
    return ScanMeasurement(
        status=Status.MEASURED, spacing=Spacing(mm=(3.0, 1.0, 1.0), source="-"),
        regions=regions, size=(10, 40, 40), measurements=tuple(numbers),
    )  # fmt: skip


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314


def test_only_regions_of_a_slice_are_drawn_in_it() -> None:
    scan = ct(vertebra("L1", 7), vertebra("L2", 3))
    text = overlay_svg(picture(40, 40, slice_index=7), scan)
    assert 'data-region="L1"' in text
    assert 'data-region="L2"' not in text


def test_a_cut_along_the_spine_has_square_pixels_and_names_each_bone_once() -> None:
    cut = replace(picture(80, 40), name="sagittal")
    svg = drawn(overlay_svg(cut, ct(vertebra("L1", 7))))
    # Slices 3 mm apart do not stretch it.
    assert (svg.attrib["width"], svg.attrib["height"]) == ("600", "1200")
    assert [one.text for one in svg.iter(f"{SVG}text")] == ["L1"]
    groups = [one for one in svg.iter(f"{SVG}g") if one.attrib["stroke"] == INKS["screen"].line]
    widths = [float(one.attrib["stroke-width"]) for one in groups]
    # The whole bone is thinner than what is measured in it; then two crosses.
    assert widths[0] < widths[1]
    assert [len(list(one)) for one in groups] == [1, 1, 4]
    first = next(iter(groups[0])).attrib["points"].split()
    assert first[0] == first[-1] == "82.5,82.5"


@pytest.mark.parametrize(
    ("confidence", "numbers_of", "name"),
    [
        (0.5, ("L1",), "L1"),
        (0.49, ("L1",), "L1, uncertain"),
        (0.9, ("L1-L2",), "L1"),
        (0.9, ("L2",), "L1, not measured"),
        (0.9, (), "L1"),
    ],
)
def test_what_is_not_measured_or_not_surely_is_dashed_and_says_so(
    confidence: float, numbers_of: Sequence[str], name: str
) -> None:
    scan = ct(vertebra("L1", 7, confidence), vertebra("L2", 3), numbers_of=numbers_of)
    cut = replace(picture(80, 40), name="sagittal")
    svg = drawn(overlay_svg(cut, scan))
    assert [one.text for one in svg.iter(f"{SVG}text")][0] == name
    line = list(svg.iter(f"{SVG}g"))[1]
    assert (len(list(line)) > 20) == ("," in name)
    assert (line.attrib["stroke"] == INKS["screen"].unsure) == ("," in name)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), min_size=2, max_size=8))
def test_dashes_lie_on_their_line_and_take_their_share_of_it(
    line: list[tuple[float, float]],
) -> None:
    def length(points: Sequence[tuple[float, float]]) -> float:
        return sum(dist(*pair) for pair in pairwise(points))

    whole, parts = length(line), [length(part) for part in dashes(line)]
    assert all(part <= DASH + 1e-6 for part in parts)
    share = DASH / (DASH + DASH_GAP)
    assert sum(parts) == pytest.approx(share * whole, abs=DASH)


def test_regions_are_named_in_words_and_lines_stand_back() -> None:
    neck = region("area", (10, 10), (30, 10), (30, 30), id="femoral_neck")
    axis = region("line", (5, 60), (40, 90), id="neck_axis")
    text = overlay_svg(picture(100, 50), measured((1.0, 1.0), neck, axis))
    svg = ElementTree.fromstring(text)  # noqa: S314
    assert [one.text for one in svg.iter(f"{SVG}text")] == ["femoral neck", "neck axis"]
    widths = [float(one.attrib["stroke-width"]) for one in svg.iter(f"{SVG}g")]
    assert widths[3] < widths[1]
