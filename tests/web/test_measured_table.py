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
    assert [row.cells for row in table.rows] == [("128",), ("132",)]


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
    [(site, lines)] = table.by_site
    assert site == ""
    assert (lines[0].region, lines[0].cells) == ("rib 0", ("0.750",))
    assert len(lines) == 9
    # What one region has alone makes no empty column.
    [(row, region, value)] = table.alone
    assert (row.name, region, value) == ("BMC", "rib 0", "61.0")


def test_a_report_is_laid_out_by_part_of_the_body() -> None:
    names = ["head", "arms", "legs", "trunk", "total_body", "L1", "L1-L4", "total_hip_left",
             "radius_33_left"]  # fmt: skip
    table = measured_table([one("areal_bmd", name, 0.75, "g/cm2") for name in names])
    told = [(site, [line.region for line in lines]) for site, lines in table.by_site]
    assert told == [
        ("Spine", ["L1", "L1–L4"]),
        ("Hip", ["left total hip"]),
        ("Forearm", ["left one-third radius"]),
        ("Whole body", ["head", "arms", "legs", "trunk", "total body"]),
    ]
    assert [line.is_of_several for _, lines in table.by_site for line in lines][:2] == [False, True]


def test_numbers_carry_as_many_digits_as_their_method_bears() -> None:
    table = measured_table(
        [
            one("t_score", "L1", 0.0, "1"), one("t_score", "L2", -1.3, "1"),
            one("trabecular_attenuation_hu", "L1", 114.2, "[hnsf'U]"),
            one("areal_bmd", "L1", 1.1, "g/cm2"),
            one("vertebral_deformity_grade", "L1", 0.0, "1"),
            one("neck_width", "neck", 36.5),
        ]
    )  # fmt: skip
    cells = [[cell for cell in row.cells if cell] for row in table.rows]
    assert cells == [["0.0", "\u22121.3"], ["114"], ["1.100"], ["0"], ["36.5"]]


def test_names_are_written_as_a_reader_knows_them() -> None:
    told = ("t_score", "neck_shaft_angle", "vertebral_height_anterior_mm", "lumbar_texture_score",
            "trabecular_volume_ml", "trabecular_attenuation_sd_hu")  # fmt: skip
    assert [measurement_name(name) for name in told] == [
        "T-score", "Neck-shaft angle", "Vertebral height anterior", "Lumbar texture score",
        "Trabecular volume", "Trabecular attenuation SD",
    ]  # fmt: skip
