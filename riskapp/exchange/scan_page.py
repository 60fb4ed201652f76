"""One sheet about one scan: the picture with its regions, numbers, findings and the paragraph."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from imaging.polygons import BY_HAND
from imaging.presenting.finding_titles import SEVERITY_WORDS
from imaging.presenting.narrative import (
    TOLD,
    confidence_in_words,
    kind_in_words,
    not_tried,
    value_with_unit,
    what_was_measured,
)
from imaging.presenting.overlays import LONG_SIDE, overlay_png
from imaging.reports.regions import part_of
from imaging.result import Measurement, Picture, Region, ScanMeasurement
from imaging.wording import in_words
from riskapp.exchange.languages import ENGLISH
from riskapp.exchange.printing import TAGGED, typesetter, written
from riskapp.exchange.wording import SAFETY

# As many kinds of number as fit beside the rest; all of them stand in the table as a file.
MOST_ROWS = 24
# In millimetres: of A4, and of a page on which everything is laid out once to see how high it is.
A4_HIGH, TALL, MARGIN_BELOW, PIXELS_PER_MM = 297.0, 4000.0, 12.0, 96 / 25.4
LEFT_OUT_HIGH = 6.0  # of the line that tells how many kinds of number are left out
ROW, ROWS_END, END = "row-", "rows-end", "end"  # places that a layout is asked for
MOST_REGIONS = 12
SMALL_SIDE = 360.0  # pixels of a small picture, so that letters in it can be read
MOST_SLICES = 6  # of a volume, as many as lie side by side
# Of a report that names dozens of regions: those that bone is judged by first.
PARTS = ("spine", "hip", "forearm", "whole_body")
STYLE = """
@page { margin: 14mm 15mm 12mm }
body { font: 9.5pt/1.35 Inter, "Noto Sans", "Liberation Sans", Arial, sans-serif }
body { color: #000; margin: 0 }
h1 { font-size: 16pt; margin: 0 0 1mm } h2 { font-size: 11pt; margin: 4mm 0 1mm }
.soft { color: #333; margin: 0 0 3mm }
.picture { float: left; width: 78mm; margin: 0 6mm 2mm 0 }
.picture img { max-width: 78mm; max-height: 80mm }
.slices { clear: both; margin: 0; padding-top: 2mm } .slices img { width: 29mm; margin-right: .8mm }
figcaption, .small { font-size: 8pt; color: #333 }
table { border-collapse: collapse; width: 100%; clear: both }
th, td { text-align: left; vertical-align: top }
th, td { padding: .6mm 2mm .6mm 0; border-bottom: .2mm solid #999 }
.numbers th:first-child { width: 42mm } .numbers td:last-child { width: 58mm; font-size: 8pt }
ul { margin: 0; padding: 0; list-style: none } li { margin-bottom: .6mm }
footer { margin-top: 4mm; border-top: .2mm solid #000; padding-top: 1mm; font-size: 8pt }
footer, .below { clear: both }
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the sheet says besides the measurement; none of it names the patient."""

    heading: str  # which scan and version, e.g. a scan's id
    confirmed: bool
    software: str


def _html(
    result: ScanMeasurement, drawn: tuple[str, str], sheet: Sheet, rows: int, page_high: float
) -> str:
    """Lay the sheet out; everything that came in is escaped, and nothing is fetched."""
    title = kind_in_words(result)
    what = "regions" if result.regions else "numbers"
    state = f"{what} confirmed by a person" if sheet.confirmed else f"{what} not confirmed"
    return "\n".join(
        [
            f'<!DOCTYPE html><html lang="{ENGLISH}"><head><meta charset="utf-8">',
            f"<title>{escape(title)}</title><style>@page {{ size: 210mm {page_high:g}mm }}{STYLE}"
            "</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            f'<p class="soft">{escape(sheet.heading)}; {state}; {escape(sheet.software)}</p>',
            drawn[0],
            f"<h2>What was measured</h2><p>{escape(what_was_measured(result))}</p>",
            *(f"<p><strong>{escape(one)}</strong></p>" for one in not_tried(result.measurements)),
            _findings(result),
            drawn[1],
            _regions(result.regions),
            _numbers(result.measurements, rows),
            f'<footer>{escape(SAFETY)}</footer><div id="{END}"></div></body></html>',
        ]
    )


def page_pdf(result: ScanMeasurement, pictures: Sequence[Picture], sheet: Sheet) -> bytes:
    """Print the sheet on one page of A4, as PDF with text that can be searched and read out.

    Raises
    ------
    CannotPrint
        If this machine lacks the library that sets letters.
    """
    html_of, _, only_inside = typesetter()
    drawn = _figure(result, pictures), _slices(result, pictures)
    decoded: dict[str, Any] = {}  # pictures, kept from one layout to the next

    def laid_out(rows: int, page_high: float) -> Any:
        html = html_of(string=_html(result, drawn, sheet, rows, page_high), url_fetcher=only_inside)
        return html.render(cache=decoded, **TAGGED)

    rows = _rows_that_fit(laid_out(MOST_ROWS, TALL).pages[0].anchors)
    printed = laid_out(rows, A4_HIGH)
    if len(printed.pages) > 1 and rows > 1:
        printed = laid_out(max(1, rows // 2), A4_HIGH)
    return written(printed, [ENGLISH] * len(printed.pages))


def _rows_that_fit(places: Mapping[str, Sequence[float]]) -> int:
    """Count the rows of numbers that leave room for the rest, at least one.

    Parameters
    ----------
    places : mapping of name to (x, y)
        Where rows and the sheet end on one page that holds everything, in CSS pixels.
    """
    tops = [places[f"{ROW}{at}"][1] for at in range(MOST_ROWS) if f"{ROW}{at}" in places]
    if not tops:
        return MOST_ROWS
    too_much = places[END][1] - (A4_HIGH - MARGIN_BELOW) * PIXELS_PER_MM
    if too_much <= 0:
        return MOST_ROWS
    last = places[ROWS_END][1] - too_much - LEFT_OUT_HIGH * PIXELS_PER_MM
    # A row fits where the one after it may begin.
    ends = [*tops[1:], places[ROWS_END][1]]
    return max(1, sum(end <= last for end in ends))


def _figure(result: ScanMeasurement, pictures: Sequence[Picture]) -> str:
    if not pictures:
        return ""
    picture = pictures[0]
    names = ", ".join(in_words(region.id) for region in result.regions) or "no regions"
    return (
        f'<figure class="picture"><img {_source(picture, result)}>'
        f"<figcaption>{escape(picture.title)}; outlined: {escape(names)}</figcaption></figure>"
    )


def _slices(result: ScanMeasurement, pictures: Sequence[Picture]) -> str:
    """The slices that regions of a volume lie in, small and side by side."""
    slices = [one for one in pictures[1:] if one.slice_index is not None][:MOST_SLICES]
    if not slices:
        return ""
    drawn = "".join(f"<img {_source(one, result, SMALL_SIDE)}>" for one in slices)
    told = ", ".join(str((one.slice_index or 0) + 1) for one in slices)
    return f'<figure class="slices">{drawn}<figcaption>Axial slices {told}</figcaption></figure>'


def _source(picture: Picture, result: ScanMeasurement, long_side: float = LONG_SIDE) -> str:
    png = b64encode(overlay_png(picture, result, "print", long_side)).decode()
    return f'src="data:image/png;base64,{png}" alt="{escape(picture.title)}"'


def _regions(regions: Sequence[Region]) -> str:
    """Regions that were placed alike stand together."""
    alike: dict[str, list[str]] = {}
    for region in regions:
        alike.setdefault(_placed(region), []).append(region.id)
    if not alike:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(", ".join(in_words(name) for name in names))}</th>'
        f"<td>{placed}</td></tr>"
        for placed, names in alike.items()
    )
    return f'<h2 class="below">Regions</h2><table>{rows}</table>'


def _placed(region: Region) -> str:
    if region.method == BY_HAND:
        return "placed by a person"
    sure = confidence_in_words(region.confidence)
    return f"{escape(region.method)}; confidence {sure}"


def _numbers(measurements: Sequence[Measurement], most: int) -> str:
    names = list(dict.fromkeys(one.name for one in measurements))
    # What a reader asks for first, then the others as far as there is room.
    names.sort(key=lambda name: name not in TOLD)
    shown = names[:most]
    rows = "".join(
        _row(f"{ROW}{at}", name, [one for one in measurements if one.name == name])
        for at, name in enumerate(shown)
    )
    if not rows:
        return ""
    more = len(names) - len(shown)
    kinds = "kind of measurement is" if more == 1 else "kinds of measurement are"
    note = f'<p class="small">{more} other {kinds} in the table as a file.</p>' if more else ""
    return (
        '<h2>Measurements</h2><table class="numbers">'
        "<thead><tr><th>Measurement</th><th>Values</th><th>Method</th></tr></thead>"
        f'<tbody>{rows}</tbody></table><div id="{ROWS_END}"></div>{note}'
    )


def _row(place: str, name: str, measured: Sequence[Measurement]) -> str:
    order = {part: at for at, part in enumerate(PARTS)}
    first = sorted(measured, key=lambda one: order.get(part_of(one.region) or "", 0))
    shown = [f"{in_words(one.region)} {value_with_unit(one)}" for one in first[:MOST_REGIONS]]
    if len(first) > MOST_REGIONS:
        shown.append(f"{len(first) - MOST_REGIONS} more in the table as a file")
    values = "; ".join(shown)
    words = TOLD.get(name, name.removesuffix("_hu").removesuffix("_mm").replace("_", " "))
    tried = (
        "" if measured[0].tried_on == "real scans" else " <strong>Not tried on real scans.</strong>"
    )
    return (
        f'<tr id="{place}"><th scope="row">{escape(words)}</th><td>{escape(values)}</td>'
        f"<td>{escape(measured[0].method)}.{tried}</td></tr>"
    )


def _findings(result: ScanMeasurement) -> str:
    if not result.quality:
        return "<h2>Quality</h2><p>Nothing was found that limits the numbers.</p>"
    order = list(SEVERITY_WORDS)
    findings = sorted(result.quality, key=lambda one: order.index(one.severity))
    rows = "".join(
        f"<li><strong>{SEVERITY_WORDS[one.severity]}:</strong> {escape(one.advice)}</li>"
        for one in findings
    )
    return f"<h2>Quality</h2><ul>{rows}</ul>"
