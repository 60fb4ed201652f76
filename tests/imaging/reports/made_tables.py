"""Tables of bone density made with known truth: any columns, any order, any alignment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from imaging.reports.printed import Quantity
from imaging.reports.words import Word

LETTER = 0.6  # width of a letter, in heights of a capital
LINE = 1.7
BMD, BMC, AREA, T, Z = Quantity.BMD, Quantity.BMC, Quantity.AREA, Quantity.T, Quantity.Z
Truth = dict[str, dict[Quantity, str]]
HIP: Truth = {
    "femoral_neck_left": {BMD: "0.700", BMC: "3.57", AREA: "5.10", T: "-1.3", Z: "-0.1"},
    "trochanter_left": {BMD: "0.650", BMC: "6.50", AREA: "10.00", T: "-0.5", Z: "0.4"},
    "total_hip_left": {BMD: "0.828", BMC: "29.07", AREA: "35.10", T: "-0.9", Z: "0.2"},
}
SPINE: Truth = {
    "L1": {BMD: "0.800", BMC: "9.85", AREA: "12.31", T: "-1.7", Z: "0.2"},
    "L2": {BMD: "0.850", BMC: "11.48", AREA: "13.50", T: "-1.6", Z: "0.4"},
    "L3": {BMD: "0.880", BMC: "13.02", AREA: "14.80", T: "-1.9", Z: "0.3"},
    "L4": {BMD: "0.900", BMC: "14.58", AREA: "16.20", T: "-1.9", Z: "0.5"},
    "L1-L4": {BMD: "0.861", BMC: "48.93", AREA: "56.81", T: "-1.7", Z: "0.4"},
}
FOREARM: Truth = {
    "radius_33_left": {BMD: "0.600", BMC: "1.50", AREA: "2.50", T: "-1.9", Z: "0.1"},
    "radius_mid_left": {BMD: "0.500", BMC: "3.00", AREA: "6.00", T: "-2.1", Z: "0.0"},
    "radius_ud_left": {BMD: "0.350", BMC: "1.33", AREA: "3.80", T: "-2.2", Z: "-0.1"},
}
# Headings of today's values: English, German, French, Spanish, Italian, Dutch. A bar begins the
# second line of a heading.
KNOWN: dict[Quantity, tuple[str, ...]] = {
    BMD: (
        "BMD",
        "BMD (g/cm²)",
        "BMD|(g/cm²)",
        "DMO (g/cm²)",
        "Knochendichte|(g/cm²)",
        "BMD[g/cm2]",
    ),
    BMC: ("BMC", "BMC (g)", "BMC|(g)", "CMO (g)"),
    AREA: ("Area", "Area (cm²)", "Area|(cm²)", "Fläche (cm²)", "Surface (cm²)", "Oppervlak (cm²)"),
    T: ("T-score", "T -|score", "Young-Adult|T-score", "YA|T-Score", "T-Wert", "T-score¹"),
    Z: ("Z-score", "Z -|score", "Age-Matched|Z-score", "AM|Z-Score", "Z-Wert"),
}  # fmt: skip
# Headings of anything else, with a value that a wrong column would take for its own.
UNKNOWN: tuple[tuple[str, str], ...] = (
    ("Previous BMD", "0.760"),
    ("Previous|BMD (g/cm²)", "0.761"),
    ("BMD 2019", "0.762"),
    ("Vorwert", "0.763"),
    ("Prior|T-score", "-0.7"),
    ("T-score 2019", "-0.6"),
    ("sBMD (mg/cm²)", "764"),
    ("Width", "4.1"),
    ("Height (cm)", "3.33"),
    ("Change (%)", "-7.9"),
    ("Change vs|Previous (%)", "-6.9%*"),
    ("Young-Adult|(%)", "83"),
    ("PR (%)", "82"),
    ("T/Z-score", "-0.8"),
    ("Peak", "9.99"),
    ("Classification", "Osteopenia"),
    ("vBMD (g/cm³)", "0.155"),
    ("Age-Matched (%)", "97"),
    ("Zqx", "1.11"),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: what heads it, and what stands in it row by row."""

    heading: str
    cells: Sequence[str]
    quantity: Quantity | None = None


@dataclass
class Table:
    """A table with the words above it; ``align`` is 0 left, 0.5 centred, 1 right."""

    title: Sequence[str]
    labels: Sequence[str]
    columns: Sequence[Column]
    over_labels: str = "Region"
    align: float = 1.0
    gap: float = 2.0
    above: Sequence[tuple[int, str]] = field(default=())  # headings over a column, by its place

    def words(self) -> list[Word]:
        """Lay the page out."""
        found = [word for row, text in enumerate(self.title) for word in _laid(text, 0, row)]
        row = len(self.title) + 1
        left = 0.0
        columns = [Column(self.over_labels, self.labels), *self.columns]
        for at, column in enumerate(columns):
            lines = column.heading.split("|")
            over = [text for place, text in self.above if place == at - 1]
            wide = LETTER * max(len(text) for text in (*lines, *column.cells, *over))
            align = self.align if at else 0.0
            pieces = [(1 + line, text) for line, text in enumerate(lines)]
            pieces += [(3 + line, text) for line, text in enumerate(column.cells) if text]
            pieces += [(0, text) for text in over]
            for line, text in pieces:
                spare = wide - LETTER * len(text)
                found += _laid(text, left + align * spare, row + line)
            left += wide + self.gap
        return found

    def truth(self, regions: Sequence[str]) -> dict[tuple[str, Quantity], float]:
        """Say what a person reads in the columns of today's values."""
        return {
            (region, column.quantity): float(cell.replace(",", "."))
            for column in self.columns
            if column.quantity is not None
            for region, cell in zip(regions, column.cells, strict=True)
            if cell and cell != "-"
        }


def _laid(text: str, left: float, row: int) -> list[Word]:
    words, at = [], 0
    for piece in text.split(" "):
        begin = left + LETTER * at
        if piece:
            words.append(
                Word(piece, begin, begin + LETTER * len(piece), LINE * row, LINE * row + 1)
            )
        at += len(piece) + 1
    return words
