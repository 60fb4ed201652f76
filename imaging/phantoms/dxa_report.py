"""A densitometer's report as a PDF with real text; the page says that it is synthetic."""

from dataclasses import dataclass
from datetime import date

from imaging.phantoms.writing import MARK

# Areas of a usual left hip; BMC follows, so that BMC / area = BMD, as on a true page.
NECK_CM2, TOTAL_CM2 = 4.90, 33.00
LEFT_PT, TOP_PT, COLUMN_PT, LINE_PT = 30, 760, 5.4, 14


@dataclass(frozen=True, slots=True)
class HipReport:
    """What the page is to say of a left hip: areal densities in g/cm2, with their T-scores."""

    name: str
    born: date
    scanned_on: date
    neck_bmd: float
    neck_t_score: float
    total_bmd: float
    total_t_score: float


def hip_report_pdf(told: HipReport) -> bytes:
    """Write the page in the manner of a Hologic report."""
    rows = "\n".join(
        f"{region:<12}{area:<10.2f}{area * bmd:<10.2f}{bmd:<10.3f}{t_score:<10.1f}"
        for region, area, bmd, t_score in (
            ("Neck", NECK_CM2, told.neck_bmd, told.neck_t_score),
            ("Total", TOTAL_CM2, told.total_bmd, told.total_t_score),
        )
    )
    return pdf_of_text(
        f"{MARK} page, written by a program; no person was scanned\n"
        f"Name: {told.name}\n"
        f"DOB: {told.born:%B %d, %Y}\n"
        f"Scan Date: {told.scanned_on:%d %B %Y}\n"
        "Scan Type: a Left Hip\n"
        "Model: Horizon A\n"
        "T-score vs. White Female. Source: NHANES\n"
        "DXA Results Summary:\n"
        "Region      Area      BMC       BMD       T -\n"
        "            (cm2)     (g)       (g/cm2)   score\n"
        f"{rows}\n"
        "HOLOGIC\n"
    )


def pdf_of_text(text: str) -> bytes:
    """Write a one-page PDF with the words at their columns, in a font that all readers have."""
    shown = []
    for row, line in enumerate(text.splitlines()):
        for column, word in phrases(line):
            plain = word.replace("\\", "").replace("(", "\\(").replace(")", "\\)")
            x, y = LEFT_PT + COLUMN_PT * column, TOP_PT - LINE_PT * row
            shown.append(f"1 0 0 1 {x:.1f} {y} Tm ({plain}) Tj")
    stream = ("BT /F1 9 Tf\n" + "\n".join(shown) + "\nET").encode("latin-1")
    return _pdf(
        stream,
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> >>",
    )


def phrases(line: str) -> list[tuple[int, str]]:
    """Words that stand together, with the column at which they begin."""
    found, at = [], 0
    for piece in line.split("  "):
        if piece.strip():
            found.append((at + len(piece) - len(piece.lstrip()), piece.strip()))
        at += len(piece) + 2
    return found


def _pdf(stream: bytes, resources: bytes) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources "
        + resources
        + b" >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, held in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + held + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    )
