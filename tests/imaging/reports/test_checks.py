"""Numbers against each other: what fits is confirmed, what does not is not used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.young_adults import expected_t_score
from imaging.reports.cells import agreed
from imaging.reports.checks import check
from imaging.reports.printed import Facts, Printed, Quantity, Row
from imaging.reports.row_names import labels_of, part_told
from imaging.reports.settling import settled

BMD, BMC, AREA, T = Quantity.BMD, Quantity.BMC, Quantity.AREA, Quantity.T
HOLOGIC = Facts(manufacturer="hologic", reference="nhanes_female")
LUNAR = Facts(manufacturer="ge_lunar")


def row(region: str, **numbers: float) -> Row:
    """A row with numbers as they are printed."""
    places = {BMD: 3, BMC: 2, AREA: 2, T: 1}
    named = {"bmd": BMD, "bmc": BMC, "area": AREA, "t": T}
    return Row(region, {named[n]: Printed(v, places[named[n]]) for n, v in numbers.items()})


@given(area=st.floats(1.0, 60.0), density=st.floats(0.3, 1.8))
def test_a_true_row_passes_whatever_its_rounding(area: float, density: float) -> None:
    printed = row("L1", bmd=round(density, 3), bmc=round(area * density, 2), area=round(area, 2))
    assert not check([printed], Facts()).wrong


@given(area=st.floats(10.0, 60.0), density=st.floats(0.3, 1.8), off=st.sampled_from([-0.01, 0.01]))
def test_a_wrong_second_place_of_bmd_is_found(area: float, density: float, off: float) -> None:
    bmd = round(density, 3) + off
    printed = row("L1", bmd=bmd, bmc=round(area * density, 2), area=round(area, 2))
    assert ("L1", BMD) in check([printed], Facts()).wrong


def test_blame_falls_on_the_number_that_nothing_else_holds() -> None:
    rows = [
        row("L1", bmd=0.700, bmc=8.47, area=12.10),
        row("L2", bmd=0.740, bmc=9.62, area=13.00),
        row("L1-L2", bmd=0.121, bmc=18.09, area=25.10),  # 0.721
    ]
    wrong = check(rows, Facts()).wrong
    assert set(wrong) == {("L1-L2", BMD)}
    assert "18.09" in wrong["L1-L2", BMD]


def test_a_region_that_is_not_the_sum_of_its_vertebrae_is_misnamed() -> None:
    rows = [
        row("L1", bmd=0.700, bmc=8.47, area=12.10),
        row("L2", bmd=0.740, bmc=9.62, area=13.00),
        row("L4", bmd=0.780, bmc=12.01, area=15.40),
        row("L1,L4", bmd=0.721, bmc=18.09, area=25.10, t=-2.6),  # L1-L2
    ]
    assert {region for region, _ in check(rows, Facts()).wrong} == {"L1,L4"}
    assert ("L1,L4", T) in check(rows, Facts()).wrong


def test_a_sum_that_does_not_add_up_is_found() -> None:
    rows = [
        row("femoral_neck_left", bmc=3.07, area=4.90),
        row("trochanter_left", bmc=5.66, area=10.10),
        row("intertrochanter_left", bmc=16.38, area=18.00),
        row("total_hip_left", bmc=25.11, area=38.00),  # 33.00
    ]
    verdict = check(rows, Facts())
    assert set(verdict.wrong) == {("total_hip_left", AREA)}
    assert ("total_hip_left", BMC) in verdict.confirmed


def test_the_mean_of_both_sides_must_lie_between() -> None:
    rows = [
        row("femoral_neck_left", bmd=0.790),
        row("femoral_neck_right", bmd=0.812),
        row("femoral_neck_mean", bmd=0.801),
    ]
    assert ("femoral_neck_left", BMD) in check(rows, Facts()).confirmed
    rows[2] = row("femoral_neck_mean", bmd=0.861)
    assert len(check(rows, Facts()).wrong) == 3


def test_scores_of_both_sides_have_a_mean_too_and_z_follows_t() -> None:
    neck = [row(f"femoral_neck_{side}", t=t) for side, t in (("left", -1.8), ("right", -1.6))]
    assert ("femoral_neck_mean", T) in check(
        [*neck, row("femoral_neck_mean", t=-1.7)], LUNAR
    ).confirmed
    assert ("femoral_neck_mean", T) in check([*neck, row("femoral_neck_mean", t=-6.7)], LUNAR).wrong
    far = Row("L1", {T: Printed(-2.0, 1), Quantity.Z: Printed(-6.1, 1)})
    assert ("L1", Quantity.Z) in check([far], LUNAR).wrong


@pytest.mark.parametrize(
    ("region", "maker", "bmd", "t"),
    [
        # Looker 1998: 0.858 (0.120); the WHO's limit of osteoporosis is 0.558.
        ("femoral_neck_left", "hologic", 0.558, -2.5),
        # GE Lunar's own reference for NHANES women, 1.038 (0.139), to three figures.
        ("femoral_neck", "ge_lunar", 0.760, -2.0),
        ("total_hip_right", "ge_lunar", 1.008, 0.0),
    ],
)
def test_t_scores_follow_the_reference_of_their_maker(
    region: str, maker: str, bmd: float, t: float
) -> None:
    expected = expected_t_score(region, bmd, maker)
    assert expected is not None
    assert expected.t_score == pytest.approx(t, abs=0.02)
    verdict = check([row(region, bmd=bmd, t=t)], Facts(manufacturer=maker))
    assert (region, T) in verdict.confirmed


def test_a_lost_minus_sign_is_found_without_a_named_reference() -> None:
    verdict = check([row("femoral_neck", bmd=0.600, t=2.1)], Facts(manufacturer="hologic"))
    assert ("femoral_neck", T) in verdict.wrong


def test_another_reference_is_no_error_unless_the_page_names_this_one() -> None:
    # Men of NHANES III: about 0.93 (0.14).
    men = row("femoral_neck", bmd=0.700, t=-1.7)
    assert not check([men], Facts(manufacturer="hologic", reference="male")).wrong
    assert ("femoral_neck", T) in check([men], HOLOGIC).wrong


def test_nothing_is_said_of_a_maker_without_reference() -> None:
    verdict = check([row("femoral_neck", bmd=0.700, t=2.0)], Facts(manufacturer="osteosys"))
    assert not verdict.wrong
    assert not verdict.confirmed


def test_one_misread_figure_is_settled_by_the_rest_of_the_row() -> None:
    misread = row("total_hip_left", bmd=0.835, bmc=31.54, area=87.75)  # 37.75
    rows, changed = settled([misread], Facts())
    assert changed == {("total_hip_left", AREA)}
    assert rows[0].numbers[AREA].value == 37.75


def test_two_figures_that_would_both_do_are_left_alone() -> None:
    # The BMD may be 0.65 for 0.85, or the area 1.06 for 1.38: both would make the quotient right.
    doubtful = Row(
        "wards_left",
        {
            BMD: Printed(0.85, 2, sure=False, others=(0.65,)),
            BMC: Printed(0.9, 1),
            AREA: Printed(1.38, 2, sure=False, others=(1.06,)),
        },
    )
    rows, changed = settled([doubtful], Facts())
    assert not changed
    assert rows[0].numbers[AREA].value == 1.38


def test_what_was_read_at_another_size_goes_before_what_looks_alike() -> None:
    # A right hip of 1.067 would do as well, but 0.991 was read, and 1.067 was not.
    left = Row("total_hip_left", {BMD: Printed(0.931, 3, sure=False, others=(0.991,))})
    rows = [left, row("total_hip_right", bmd=1.007), row("total_hip_mean", bmd=0.999)]
    after, changed = settled(rows, Facts())
    assert changed == {("total_hip_left", BMD)}
    assert after[0].numbers[BMD].value == 0.991


def test_a_true_page_is_never_changed() -> None:
    rows = [row("L1", bmd=0.700, bmc=8.47, area=12.10), row("L2", bmd=0.740, bmc=9.62, area=13.0)]
    assert settled(rows, HOLOGIC) == (rows, set())


@pytest.mark.parametrize(
    ("texts", "value", "sure"),
    [
        (["0.861", "0861", "0.861"], 0.861, True),
        (["0.861", "0.881", "0.861"], 0.861, False),
        (["", "", "0.861"], 0.861, False),
        (["861", "86", "1"], None, False),  # too few figures: nothing is made up
        (["98.61", "98.61", "98.61"], None, False),  # a point where BMD has none
        (["9.861", "9.861", "9.861"], None, False),  # no bone is so dense
    ],
)
def test_readings_of_a_cell_are_put_together(
    texts: list[str], value: float | None, sure: bool
) -> None:
    number = agreed(texts, BMD, negative=False)
    assert (number.value if number else None) == value
    assert (number.sure if number else False) == sure


def test_a_minus_sign_is_for_scores_only() -> None:
    minus_two, bmd = agreed(["2.1"] * 3, T, True), agreed(["0.861"] * 3, BMD, True)
    assert minus_two is not None
    assert bmd is not None
    assert (minus_two.value, bmd.value) == (-2.1, 0.861)


@pytest.mark.parametrize(
    ("read", "named"),
    [
        (["", "L2", "L3"], ["L1", "L2", "L3"]),
        (["L1", "", "L3", "", "L1-L4"], ["L1", "L2", "L3", None, "L1-L4"]),
        (["13", "14"], ["L3", "L4"]),
        (["", "L3", "L4"], [None, "L3", "L4"]),  # L1 or L2: one of them is left out
        (["L1", "", "L4"], ["L1", None, "L4"]),
        (["L2", "L1", "L3"], [None, None, None]),
    ],
)
def test_vertebrae_are_named_by_their_order_or_not_at_all(
    read: list[str], named: list[str | None]
) -> None:
    labels = labels_of([[text] for text in read], "spine")
    assert [label.bone if label else None for label in labels] == named


def test_labels_of_one_table_agree_on_a_part_of_the_body() -> None:
    assert part_told([["L1", "11"], ["L2"], ["13", "L3"], ["Total"]], None) == "spine"
    assert part_told([["Neck"], ["Total"]], "spine") is None
    assert part_told([["13"], ["Total"]], None) is None
