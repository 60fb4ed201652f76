"""Pictures with regions: drawn where the region is, whatever the shape of a pixel."""

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from imaging.display import as_png
from imaging.overlays import INKS, LOOKS, Look, overlay_png, overlay_svg
from imaging.result import Picture, Region, ScanMeasurement, Spacing, Status

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


def test_only_regions_of_a_slice_are_drawn_in_it_and_all_beside_the_spine() -> None:
    here, elsewhere = (
        Region(
            id=id, label=id, method="m", confidence=None,
            slice_index=at, depth_slices=(at - 1, at + 1), polygon=((10, 10), (20, 10), (20, 20)),
        )
        for id, at in (("L1", 7), ("L2", 3))
    )  # fmt: skip
    scan = ScanMeasurement(
        status=Status.MEASURED, spacing=Spacing(mm=(3.0, 1.0, 1.0), source="-"),
        regions=(here, elsewhere), size=(10, 40, 40),
    )  # fmt: skip
    assert 'data-region="L2"' not in overlay_svg(picture(40, 40, slice_index=7), scan)
    beside = overlay_svg(picture(30, 40), scan)
    at = [
        float(one.attrib["y"])
        for one in ElementTree.fromstring(beside).iter(f"{SVG}text")  # noqa: S314
    ]
    # Head up: the higher slice is drawn higher.
    assert at == sorted(at)


def test_regions_are_named_in_words_and_lines_stand_back() -> None:
    neck = region("area", (10, 10), (30, 10), (30, 30), id="femoral_neck")
    axis = region("line", (5, 60), (40, 90), id="neck_axis")
    text = overlay_svg(picture(100, 50), measured((1.0, 1.0), neck, axis))
    svg = ElementTree.fromstring(text)  # noqa: S314
    assert [one.text for one in svg.iter(f"{SVG}text")] == ["femoral neck", "neck axis"]
    widths = [float(one.attrib["stroke-width"]) for one in svg.iter(f"{SVG}g")]
    assert widths[3] < widths[1]
