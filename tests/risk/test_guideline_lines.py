"""Where guidelines draw their lines, against the tables that they print."""

import pytest

from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import guideline
from riskapp.risk.guideline_lines import lines

MAJOR, HIP = Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP


@pytest.mark.parametrize(
    ("code", "age", "outcome", "percents"),
    [
        # NOGG 2024, table 5: 20.3 and 5.4 from 70 on, very high 1.6 times that.
        ("nogg-2024", 72, MAJOR, [20.3, 32.5]),
        ("nogg-2024", 72, HIP, [5.4, 8.64]),
        ("nogg-2024", 69.9, MAJOR, [16.5, 26.4]),
        # BHOF 2022: 20 % and 3 % at every age.
        ("bhof-2022", 55, MAJOR, [20]),
        ("bhof-2022", 90, HIP, [3]),
        # AACE/ACE 2020: high risk from 20 and 3 %, very high above 30 and 4.5 %, though two falls
        # beside osteoporosis make it very high as well, which 20 % may be part of.
        ("aace-2020", 70, MAJOR, [20, 30]),
        ("aace-2020", 70, HIP, [3, 4.5]),
        # Osteoporosis Canada 2023 recommends from 20 %; it sets none for the hip.
        ("osteoporosis-canada-2023", 70, MAJOR, [20]),
        ("osteoporosis-canada-2023", 70, HIP, []),
        # A classification by bone density, and a screening threshold, treat nobody.
        ("who-1994", 70, MAJOR, []),
        ("uspstf-2018", 70, MAJOR, []),
    ],
)
def test_lines_are_those_of_the_printed_tables(
    code: str, age: float, outcome: Outcome, percents: list[float]
) -> None:
    assert [line.percent for line in lines(guideline(code), age)[outcome]] == percents
