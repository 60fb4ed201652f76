"""Pictures with their regions drawn in, to leave the program: SVG for anything, PNG for the rest.

The picture is drawn in the patient's proportions, whatever the shape of its pixels.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

from imaging.labels import Box, Label, Point, place_labels
from imaging.result import Picture, Region, ScanMeasurement
from imaging.wording import in_words

Look = Literal["screen", "print"]
LOOKS: tuple[Look, ...] = ("screen", "print")
LONG_SIDE = 1200.0  # of a drawing, in its own units; a PNG has as many pixels
LETTERS = 28.0
CROSS = 9.0  # half the width of a landmark
EDGE = 2.0  # of the dark or white rim, on either side of a line
# Areas are what is measured; lines between and across them stand back, leaders even more.
WIDTHS = {"area": 3, "line": 2, "points": 3}
LEADER = 1
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}  # as SVG and as Pillow call them


@dataclass(frozen=True, slots=True)
class _Ink:
    """Colours of one look; the edge keeps a line visible on any ground."""

    line: str
    edge: str
    letters: str


# On paper a line has to be seen without colour: black with a white edge.
INKS: dict[Look, _Ink] = {
    "screen": _Ink(line="#7fd4ee", edge="#0b0f12", letters="#d9f2fa"),
    "print": _Ink(line="#000000", edge="#ffffff", letters="#000000"),
}


@dataclass(frozen=True, slots=True)
class _Shape:
    id: str
    outline: str
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        return in_words(self.id)

    @property
    def ring(self) -> list[Point]:
        """The outline as it is drawn: an area is closed."""
        return [*self.points, *(self.points[:1] if self.outline == "area" else ())]


@dataclass(frozen=True, slots=True)
class _Drawing:
    width: float
    height: float
    shapes: tuple[_Shape, ...]

    @property
    def labelled(self) -> list[tuple[_Shape, Label]]:
        frame = Box(0.0, 0.0, self.width, self.height)
        named = [(shape.name, shape.ring) for shape in self.shapes]
        return list(zip(self.shapes, place_labels(named, frame, LETTERS), strict=True))


def overlay_svg(picture: Picture, result: ScanMeasurement, look: Look = "screen") -> str:
    """Draw regions over a picture as one SVG file that needs no other."""
    drawing, ink = _drawing(picture, result), INKS[look]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width:g} '
        f'{drawing.height:g}" width="{drawing.width:g}" height="{drawing.height:g}" role="img">',
        f"<title>{escape(picture.title)}</title>",
        f'<image x="0" y="0" width="{drawing.width:g}" height="{drawing.height:g}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,'
        f'{b64encode(picture.png).decode()}"/>',
    ]
    for shape in drawing.shapes:
        width = WIDTHS[shape.outline]
        for colour, stroke in ((ink.edge, width + 2 * EDGE), (ink.line, width)):
            parts.append(f'<g fill="none" stroke="{colour}" stroke-width="{stroke:g}">')
            parts += [_path(line) for line in _lines(shape)]
            parts.append("</g>")
    for shape, label in drawing.labelled:
        if label.leader:
            parts.append(f'<g fill="none" stroke="{ink.line}" stroke-width="{LEADER}">')
            parts += [_path(label.leader), "</g>"]
        parts.append(
            f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}" '
            f'font-family="sans-serif" font-weight="600" '
            f'font-size="{LETTERS:g}" fill="{ink.letters}" stroke="{ink.edge}" stroke-width="5" '
            f'paint-order="stroke" data-region={quoteattr(shape.id)}>{escape(shape.name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def overlay_png(picture: Picture, result: ScanMeasurement, look: Look = "screen") -> bytes:
    """Draw regions over a picture as an RGB PNG, its longer side 1,200 pixels."""
    drawing, ink = _drawing(picture, result), INKS[look]
    with Image.open(BytesIO(picture.png)) as grey:
        size = (round(drawing.width), round(drawing.height))
        image = grey.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(LETTERS)
    for shape in drawing.shapes:
        width = WIDTHS[shape.outline]
        for colour, stroke in ((ink.edge, width + int(2 * EDGE)), (ink.line, width)):
            for line in _lines(shape):
                pen.line(line, fill=colour, width=stroke, joint="curve")
    for shape, label in drawing.labelled:
        if label.leader:
            pen.line(label.leader, fill=ink.line, width=LEADER)
        pen.text(
            (label.x, label.y),
            shape.name,
            fill=ink.letters,
            font=font,
            anchor=ANCHORS[label.anchor],
            stroke_width=3,
            stroke_fill=ink.edge,
        )
    sink = BytesIO()
    image.save(sink, format="PNG", compress_level=6)
    return sink.getvalue()


def _drawing(picture: Picture, result: ScanMeasurement) -> _Drawing:
    row_mm, column_mm = result.spacing.mm[-2:] if result.spacing else (1.0, 1.0)
    is_cut = picture.slice_index is None and len(result.size or ()) == 3
    if is_cut:
        row_mm = column_mm = 1.0  # the cut along the spine is made with square pixels
    high, wide = picture.height * row_mm, picture.width * column_mm
    scale = LONG_SIDE / max(high, wide)
    width, height = round(wide * scale, 1), round(high * scale, 1)
    if is_cut:
        shapes = _beside_the_spine(result, width, height)
    else:
        shapes = [
            _placed(region, width / picture.width, height / picture.height)
            for region in result.regions
            if region.slice_index == picture.slice_index
        ]
    return _Drawing(width, height, tuple(shapes))


def _placed(region: Region, across: float, down: float) -> _Shape:
    # (0, 0) is the centre of the first pixel, so edges lie half a pixel further out.
    points = [((column + 0.5) * across, (row + 0.5) * down) for column, row in region.polygon]
    return _Shape(region.id, region.outline, tuple(points))


def _beside_the_spine(result: ScanMeasurement, width: float, height: float) -> list[_Shape]:
    """Bars behind the vertebrae on the cut from front to back, head up."""
    slices, rows, _ = result.size or (1, 1, 1)
    shapes = []
    for region in result.regions:
        if region.slice_index is None:
            continue
        first, last = region.depth_slices or (region.slice_index, region.slice_index)
        x = (max(row for _, row in region.polygon) + 0.5) / rows * width
        top, bottom = ((slices - 1 - edge) / slices * height for edge in (last + 0.5, first - 0.5))
        shapes.append(_Shape(region.id, "line", ((x, top), (x, bottom))))
    return shapes


def _lines(shape: _Shape) -> list[list[Point]]:
    """Strokes of one region: a closed ring, an open line, or a cross at each landmark."""
    if shape.outline == "points":
        return [
            [(x - dx, y - dy), (x + dx, y + dy)]
            for x, y in shape.points
            for dx, dy in ((CROSS, CROSS), (CROSS, -CROSS))
        ]
    return [shape.ring]


def _path(points: Sequence[Point]) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
