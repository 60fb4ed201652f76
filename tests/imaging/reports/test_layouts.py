"""Pages of other makers, languages and orders: read where sure, and never a wrong number."""

import pytest

from imaging.ways.dxa_report import measured_report
from tests.imaging.reports.pages import report_of_text

NORLAND = """\
Norland XR-46
AP Spine
            BMD      BMC     Area   % Young  T-Score  Z-Score
L2         0.900    12.60   14.00    85       -1.3     0.1
L3         0.950    14.25   15.00    88       -1.1     0.2
L4         0.980    15.68   16.00    90       -0.9     0.3
L2-L4      0.945    42.53   45.00    88       -1.1     0.2
"""
COMMAS = """\
Hologic Horizon A
Scan Type: Lumbar Spine
Region      Area      BMC       BMD       T - score  Z - score
L1          12,10      8,47      0,700     -2,6      -0,9
L2          13,00      9,62      0,740     -2,6      -0,8
L1-L2       25,10      18,09     0,721     -2,6      -0,8
"""
FRENCH = COMMAS.replace("Area   ", "Surface").replace("BMC", "CMO").replace("BMD", "DMO")
GERMAN = """\
GE Healthcare Lunar Prodigy
AP Wirbelsäule Knochendichte
                 BMD         T-Wert       Z-Wert
L1              0,912         -1,8         -0,3
L2              0,980         -1,7         -0,2
L3              1,020         -1,5          0,1
L4              1,050         -1,2          0,3
L1-L4           0,994         -1,5          0,0
"""
OTHER_ORDER = """\
Hologic Horizon A
Scan Type: Left Hip
Region      BMD      T-score   Z-score  BMC    Area
Neck        0.627    -1.9      -0.3     3.07   4.90
Total       0.761    -1.5      -0.3     25.11  33.00
"""


def numbers(page: str) -> dict[tuple[str, str], float]:
    found = measured_report([report_of_text(page)], ())
    if found is None:
        return {}
    return {(one.region, one.name): one.value for one in found.measurement.measurements}


@pytest.mark.parametrize(
    ("page", "count", "some"),
    [
        (NORLAND, 20, {("L2-L4", "areal_bmd"): 0.945, ("L4", "bmc"): 15.68}),
        (COMMAS, 15, {("L1-L2", "areal_bmd"): 0.721, ("L2", "z_score"): -0.8}),
        (FRENCH, 15, {("L1-L2", "bmc"): 18.09, ("L1", "area"): 12.1}),
        (GERMAN, 15, {("L1-L4", "areal_bmd"): 0.994, ("L3", "z_score"): 0.1}),
        (OTHER_ORDER, 10, {("total_hip_left", "area"): 33.0}),
    ],
)  # fmt: skip
def test_other_makers_languages_and_orders_are_read(
    page: str, count: int, some: dict[tuple[str, str], float]
) -> None:
    read = numbers(page)
    assert len(read) == count
    assert some.items() <= read.items()


@pytest.mark.parametrize(
    "page",
    [
        # Without decimals nobody knows where they were.
        COMMAS.replace(",", ""),
        "Hologic\n10-year Fracture Risk: Major 12.0%  Hip 3.2%\nTotal 0.761\nNeck -1.9\n",
        "Lunar iDXA\nAP Spine Trend: L1-L4\nDate        Age    BMD\n01/02/2021  60.1   0.994\n",
    ],
)
def test_what_is_no_table_of_densities_gives_no_number(page: str) -> None:
    assert numbers(page) == {}


def test_units_of_the_heading_count_and_a_density_in_volume_is_not_taken() -> None:
    page = "Lunar iDXA\nAP Spine\nRegion   BMD (mg/cm2)   T-score\nL1-L4    990            -1.4\n"
    assert numbers(page)["L1-L4", "areal_bmd"] == 0.990
    assert ("L1-L4", "areal_bmd") not in numbers(page.replace("cm2", "cm3"))


@pytest.mark.parametrize("wrong", ["0.140", "0.704", "7.400"])
def test_a_misprinted_density_is_left_out_and_its_neighbours_stay(wrong: str) -> None:
    read = numbers(COMMAS.replace(",", ".").replace("0.740", wrong))
    assert ("L2", "areal_bmd") not in read
    assert read["L1-L2", "areal_bmd"] == 0.721
