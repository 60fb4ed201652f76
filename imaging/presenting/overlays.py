"""Pictures with their regions drawn in, to leave the program: SVG for anything, PNG for the rest.

The picture is drawn in the patient's proportions, whatever the shape of its pixels.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from math import ceil, dist, floor
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

from imaging.presenting.framing import around
from imaging.presenting.labels import Box, Label, Point, place_labels
from imaging.presenting.shown import Shown, shown_in
from imaging.result import Picture, ScanMeasurement

Look = Literal["screen", "print"]
LOOKS: tuple[Look, ...] = ("screen", "print")
LONG_SIDE = 1200.0  # of a drawing, in its own units; a PNG has as many pixels
LETTERS = 28.0
CROSS = 9.0  # half the width of a landmark
EDGE = 2.0  # of the dark or white rim, on either side of a line
# Areas are what is measured; lines between and across them stand back, leaders even more.
WIDTHS = {"area": 3, "line": 2, "points": 3}
LEADER = 1
BONE = 2  # width of the outline of a whole bone, around what is measured
# What was not measured, or not surely, is dashed: length of a dash and of the gap after it.
DASH, DASH_GAP = 12.0, 9.0
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}  # as SVG and as Pillow call them


@dataclass(frozen=True, slots=True)
class _Ink:
    """Colours of one look; the edge keeps a line visible on any ground."""

    line: str
    edge: str
    letters: str
    unsure: str  # line and letters of what was not measured, or not surely


# On paper a line has to be seen without colour: black with a white edge.
INKS: dict[Look, _Ink] = {
    "screen": _Ink(line="#7fd4ee", edge="#0b0f12", letters="#d9f2fa", unsure="#b9bec3"),
    "print": _Ink(line="#000000", edge="#ffffff", letters="#000000", unsure="#4a4a4a"),
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is shown, in drawing units."""

    shown: Shown
    points: tuple[Point, ...]

    @property
    def width(self) -> int:
        return BONE if self.shown.part == "bone" else WIDTHS[self.shown.outline]

    @property
    def ring(self) -> list[Point]:
        """The outline as it is drawn: an area is closed."""
        return [*self.points, *(self.points[:1] if self.shown.outline == "area" else ())]

    @property
    def strokes(self) -> list[list[Point]]:
        """A closed ring, an open line, dashes of either, or a cross at each landmark."""
        if self.shown.outline == "points":
            return [
                [(x - dx, y - dy), (x + dx, y + dy)]
                for x, y in self.points
                for dx, dy in ((CROSS, CROSS), (CROSS, -CROSS))
            ]
        return dashes(self.ring) if self.shown.standing else [self.ring]

    def colour(self, ink: _Ink) -> str:
        return ink.unsure if self.shown.standing else ink.line

    def letters(self, ink: _Ink) -> str:
        return ink.unsure if self.shown.standing else ink.letters


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Shapes in drawing units, and the part of the picture under them, in its pixels."""

    width: float
    height: float
    window: Box
    shapes: tuple[_Shape, ...]

    @property
    def labelled(self) -> list[tuple[_Shape, Label]]:
        named = [shape for shape in self.shapes if shape.shown.named]
        outlines = [(shape.shown.name, shape.ring) for shape in named]
        inside = [shape.ring for shape in self.shapes if not shape.shown.named]
        frame = Box(0.0, 0.0, self.width, self.height)
        placed = place_labels(outlines, frame, LETTERS, inside)
        return list(zip(named, placed, strict=True))


def overlay_svg(picture: Picture, result: ScanMeasurement, look: Look = "screen") -> str:
    """Draw regions over a picture as one SVG file that needs no other."""
    drawing, ink = _drawing(picture, result), INKS[look]
    grey = BytesIO()
    _cut_out(picture, drawing).save(grey, format="PNG")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width:g} '
        f'{drawing.height:g}" width="{drawing.width:g}" height="{drawing.height:g}" role="img">',
        f"<title>{escape(picture.title)}</title>",
        f'<image x="0" y="0" width="{drawing.width:g}" height="{drawing.height:g}" '
        f'preserveAspectRatio="none" href="data:image/png;base64,'
        f'{b64encode(grey.getvalue()).decode()}"/>',
    ]
    for shape in drawing.shapes:
        for colour, stroke in _pens(shape, ink):
            parts.append(f'<g fill="none" stroke="{colour}" stroke-width="{stroke:g}">')
            parts += [_path(line) for line in shape.strokes]
            parts.append("</g>")
    for shape, label in drawing.labelled:
        if label.leader:
            for colour, stroke in ((ink.edge, LEADER + 2), (shape.colour(ink), LEADER)):
                parts.append(f'<g fill="none" stroke="{colour}" stroke-width="{stroke}">')
                parts += [_path(label.leader), "</g>"]
        parts.append(
            f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}" '
            f'font-family="sans-serif" font-weight="600" '
            f'font-size="{LETTERS:g}" fill="{shape.letters(ink)}" stroke="{ink.edge}" '
            f'stroke-width="5" paint-order="stroke" '
            f"data-region={quoteattr(shape.shown.region.id)}>{escape(shape.shown.name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def overlay_png(
    picture: Picture, result: ScanMeasurement, look: Look = "screen", long_side: float = LONG_SIDE
) -> bytes:
    """Draw regions over a picture as an RGB PNG; letters and lines keep their size in pixels."""
    drawing, ink = _drawing(picture, result, long_side), INKS[look]
    size = (round(drawing.width), round(drawing.height))
    image = _cut_out(picture, drawing).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(LETTERS)
    for shape in drawing.shapes:
        for colour, stroke in _pens(shape, ink):
            for line in shape.strokes:
                pen.line(line, fill=colour, width=stroke, joint="curve")
    for shape, label in drawing.labelled:
        if label.leader:
            for colour, stroke in ((ink.edge, LEADER + 2), (shape.colour(ink), LEADER)):
                pen.line(label.leader, fill=colour, width=stroke)
        pen.text(
            (label.x, label.y),
            shape.shown.name,
            fill=shape.letters(ink),
            font=font,
            anchor=ANCHORS[label.anchor],
            stroke_width=3,
            stroke_fill=ink.edge,
        )
    sink = BytesIO()
    image.save(sink, format="PNG", compress_level=6)
    return sink.getvalue()


def _pens(shape: _Shape, ink: _Ink) -> tuple[tuple[str, int], tuple[str, int]]:
    """Colour and width of the rim and of the line upon it."""
    return (ink.edge, shape.width + int(2 * EDGE)), (shape.colour(ink), shape.width)


def _drawing(picture: Picture, result: ScanMeasurement, long_side: float = LONG_SIDE) -> _Drawing:
    row_mm, column_mm = result.spacing.mm[-2:] if result.spacing else (1.0, 1.0)
    if picture.slice_index is None and len(result.size or ()) == 3:
        row_mm = column_mm = 1.0  # cuts along the bone are made with square pixels
    found = shown_in(picture.name, picture.slice_index, result, result.regions)
    # (0, 0) is the centre of the first pixel, so edges lie half a pixel further out.
    lines = [[(x + 0.5, y + 0.5) for x, y in one.points] for one in found]
    window = Box(0.0, 0.0, picture.width, picture.height)
    if picture.slice_index is not None and lines:
        window = _whole_pixels(around(lines, picture.width, picture.height))
    high, wide = (window.bottom - window.top) * row_mm, (window.right - window.left) * column_mm
    scale = long_side / max(high, wide)
    shapes = [
        _Shape(
            one,
            tuple(
                ((x - window.left) * column_mm * scale, (y - window.top) * row_mm * scale)
                for x, y in line
            ),
        )
        for one, line in zip(found, lines, strict=True)
    ]
    return _Drawing(round(wide * scale, 1), round(high * scale, 1), window, tuple(shapes))


def _whole_pixels(box: Box) -> Box:
    return Box(floor(box.left), floor(box.top), ceil(box.right), ceil(box.bottom))


def _cut_out(picture: Picture, drawing: _Drawing) -> Image.Image:
    """Give the part of the picture that is drawn upon."""
    window = drawing.window
    with Image.open(BytesIO(picture.png)) as grey:
        return grey.crop((int(window.left), int(window.top), int(window.right), int(window.bottom)))


def dashes(line: Sequence[Point]) -> list[list[Point]]:
    """Cut a line into dashes, of which each goes on around corners."""
    parts: list[list[Point]] = []
    left, drawn = DASH, True
    here = [line[0]]
    for start, end in pairwise(line):
        length, at = dist(start, end), 0.0
        while length - at > left:
            at += left
            share = at / length
            corner = (
                start[0] + (end[0] - start[0]) * share,
                start[1] + (end[1] - start[1]) * share,
            )
            if drawn:
                parts.append([*here, corner])
            here, drawn = [corner], not drawn
            left = DASH if drawn else DASH_GAP
        left -= length - at
        here.append(end)
    return [*parts, here] if drawn and len(here) > 1 else parts


def _path(points: Sequence[Point]) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
