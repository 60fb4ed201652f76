"""Numbers of a scan in a table that fits what was measured."""

from imaging.result import Measurement
from riskapp.web.presenters.measured_table import measured_table, measurement_name


def one(name: str, region: str, value: float = 1.5, unit: str = "mm") -> Measurement:
    return Measurement(
        name=name, value=value, unit=unit, region=region, method="m", source="s", precision=""
    )


def test_numbers_with_a_line_of_their_own_stand_in_one_column() -> None:
    table = measured_table(
        [one("hip_axis_length", "hip_axis", 128.0), one("neck_shaft_angle", "neck_axis", 132.1)]
    )
    assert table.regions == ("Value",)
    assert [row.cells for row in table.rows] == [("128",), ("132.1",)]


def test_regions_head_columns_in_words() -> None:
    table = measured_table([one("grey_mean", name) for name in ("femoral_neck", "L1-L4")])
    assert table.regions == ("femoral neck", "L1–L4")
    assert not table.is_long


def test_more_regions_than_columns_fit_have_a_line_each() -> None:
    names = [f"rib_{n}" for n in range(9)]
    table = measured_table(
        [*(one("areal_bmd", name, 0.75, "g/cm2") for name in names), one("bmc", "rib_0", 61.0)]
    )
    assert table.is_long
    assert table.by_region[0] == ("rib 0", ("0.7500", "61"))
    assert table.by_region[8] == ("rib 8", ("0.7500", ""))


def test_names_are_written_as_a_reader_knows_them() -> None:
    told = ("t_score", "neck_shaft_angle", "vertebral_height_anterior_mm", "lumbar_texture_score")
    assert [measurement_name(name) for name in told] == [
        "T-score", "Neck-shaft angle", "Vertebral height anterior", "Lumbar texture score",
    ]  # fmt: skip
