"""Whatever columns a table has, every number that is given is the one that the page says."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.reports.pages import report_of_words
from imaging.reports.printed import Quantity
from tests.imaging.reports.made_tables import (
    AREA,
    BMC,
    BMD,
    FOREARM,
    HIP,
    KNOWN,
    SPINE,
    UNKNOWN,
    Column,
    T,
    Table,
    Truth,
    Z,
)  # fmt: skip

TITLES = {
    "hip": ["Hologic Horizon A", "Scan Date: 14 March 2024", "Scan Type: a Left Hip"],
    "spine": ["GE Lunar Prodigy", "Measured: 14 March 2024", "AP Spine Bone Density"],
    "forearm": ["Norland XR-800", "Left Forearm"],
}
PARTS: dict[str, tuple[Truth, list[str], str]] = {
    "hip": (HIP, ["Neck", "Troch", "Total"], "Region"),
    "spine": (SPINE, ["L1", "L2", "L3", "L4", "L1-L4"], "Region"),
    "forearm": (FOREARM, ["1/3", "MID", "UD"], "Radius"),
}


def table_of(part: str, headings: list[tuple[str, Quantity | None, str]]) -> Table:
    truth, labels, over = PARTS[part]
    columns = [
        Column(
            heading,
            [truth[region][quantity] if quantity else other for region in truth],
            quantity,
        )
        for heading, quantity, other in headings
    ]
    return Table(TITLES[part], labels, columns, over)


def read(table: Table) -> dict[tuple[str, Quantity], float]:
    rows = report_of_words(table.words()).rows
    return {(row.region, q): number.value for row in rows for q, number in row.numbers.items()}


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, Table]:
    """Any columns in any order, known or not, with blank cells, in any alignment."""
    part = draw(st.sampled_from(sorted(PARTS)))
    quantities = draw(st.lists(st.sampled_from(list(Quantity)), unique=True, min_size=1))
    headings: list[tuple[str, Quantity | None, str]] = [
        (draw(st.sampled_from(KNOWN[quantity])), quantity, "") for quantity in quantities
    ]
    unknown = draw(st.lists(st.sampled_from(UNKNOWN), unique=True, max_size=4))
    headings += [(heading, None, value) for heading, value in unknown]
    table = table_of(part, draw(st.permutations(headings)))
    blank = draw(st.sampled_from(["", "-"]))
    table.columns = [
        replace(
            column,
            cells=[blank if draw(st.integers(0, 5)) == 0 else cell for cell in column.cells],
        )
        for column in table.columns
    ]
    table.align = draw(st.sampled_from([0.0, 0.5, 1.0]))
    table.gap = draw(st.floats(1.2, 6.0))
    if part != "forearm" and draw(st.booleans()):  # there it says which bone
        table.over_labels = ""
    return part, table


@given(made=tables())
@settings(max_examples=150, deadline=None)
def test_no_number_is_wrong_whatever_the_columns(made: tuple[str, Table]) -> None:
    part, table = made
    assert read(table).items() <= table.truth(list(PARTS[part][0])).items()


LAYOUTS: dict[str, list[tuple[str, Quantity | str]]] = {
    "Lunar": [("BMD|(g/cm²)", BMD), ("Young-Adult|(%)", "83"), ("Young-Adult|T-score", T),
              ("Age-Matched|(%)", "97"), ("Age-Matched|Z-score", Z)],
    "Lunar, one line": [("BMD (g/cm²)", BMD), ("Young-Adult (%)", "83"), ("T-score", T),
                        ("Age-Matched (%)", "97"), ("Z-score", Z)],
    "Lunar without percentages": [("BMD|(g/cm²)", BMD), ("YA|T-score", T), ("AM|Z-score", Z)],
    "Hologic": [("Area|(cm²)", AREA), ("BMC|(g)", BMC), ("BMD|(g/cm²)", BMD), ("T -|score", T),
                ("PR|(%)", "82"), ("Z -|score", Z), ("AM|(%)", "98")],
    "Hologic without area": [("BMD (g/cm²)", BMD), ("T-score", T), ("Z-score", Z)],
    "Norland": [("BMD g/cm²", BMD), ("BMC g", BMC), ("Fläche cm²", AREA), ("T-Score", T),
                ("Z-Score", Z)],
    "OsteoSys": [("T-score", T), ("Z-score", Z), ("BMD[g/cm2]", BMD), ("BMC[g]", BMC),
                 ("AREA[cm2]", AREA)],
    "French": [("Surface (cm²)", AREA), ("CMO (g)", BMC), ("DMO (g/cm²)", BMD), ("T-score", T),
               ("Z-score", Z)],
    "Spanish": [("Área (cm²)", AREA), ("CMO (g)", BMC), ("DMO (g/cm²)", BMD),
                ("Puntuación T", T), ("Puntuación Z", Z)],
    "Italian": [("Area (cm²)", AREA), ("BMC (g)", BMC), ("Densità minerale|ossea (g/cm²)", BMD),
                ("Punteggio T", T), ("Punteggio Z", Z)],
    "Dutch": [("Oppervlak (cm²)", AREA), ("BMC (g)", BMC), ("BMD (g/cm²)", BMD),
              ("T-score", T), ("Z-score", Z)],
    "with the visit before": [("Previous BMD", "0.760"), ("BMD (g/cm²)", BMD),
                              ("Change (%)", "-7.9"), ("T-score", T), ("Z-score", Z)],
}  # fmt: skip


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("align", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_known_layouts_are_read_whole(name: str, align: float, comma: bool, part: str) -> None:
    table = table_of(
        part,
        [
            (heading, of if isinstance(of, Quantity) else None, str(of))
            for heading, of in LAYOUTS[name]
        ],
    )
    if comma:
        table.columns = [
            replace(column, cells=[cell.replace(".", ",") for cell in column.cells])
            for column in table.columns
        ]
    table.align = align
    assert read(table) == table.truth(list(PARTS[part][0]))


@pytest.mark.parametrize("over", ["Previous", "2019", "14.03.2019", "Vorbefund"])
def test_a_column_under_another_visit_is_not_todays(over: str) -> None:
    table = table_of("hip", [("BMD", BMD, ""), ("T-score", T, ""), ("BMD", None, "0.760")])
    table.above = [(2, over)]
    assert read(table) == table.truth(list(HIP))


def test_two_columns_of_one_quantity_are_both_left_out() -> None:
    table = table_of("hip", [("BMD", BMD, ""), ("T-score", T, ""), ("Z-score", Z, ""),
                             ("BMD", None, "0.760"), ("Area", AREA, "")])  # fmt: skip
    assert {quantity for _, quantity in read(table)} <= {T, Z, AREA}


@pytest.mark.parametrize(
    ("label", "said"),
    [("Neck 2019", []), ("Neck (prior)", []), ("Zqx", []), ("Neck Right", ["femoral_neck_right"])],
)
def test_a_row_is_named_by_all_of_its_label(label: str, said: list[str]) -> None:
    table = table_of("hip", [("BMD", BMD, ""), ("T-score", T, ""), ("Z-score", Z, "")])
    table.labels = ["Troch", label, "Total"]
    assert (
        sorted({region for region, _ in read(table)} - {"trochanter_left", "total_hip_left"})
        == said
    )


def test_a_row_of_another_day_is_not_read() -> None:
    days = Column("Date", ["14.03.2019", "14.03.2019", ""])
    table = table_of("hip", [("BMD", BMD, ""), ("T-score", T, ""), ("Z-score", Z, "")])
    table.columns = [days, *table.columns]
    assert {region for region, _ in read(table)} == {"total_hip_left"}


def test_an_unnamed_vertebra_leaves_open_what_the_total_is_of() -> None:
    table = table_of("spine", [("BMD", BMD, ""), ("T-score", T, ""), ("Z-score", Z, "")])
    table.labels = ["L1", "L2", "L3", "L4", "Total"]
    assert ("L1-L4", BMD) in read(table)
    table.labels = ["L1", "L2*", "L3", "L4", "Total"]
    assert {region for region, _ in read(table)} == {"L1", "L3", "L4"}
