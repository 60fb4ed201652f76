"""Numbers as every door writes them."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.wording import AS_PEOPLE_ROUND, MINUS
from riskapp.exchange.numbers import percent_range, percentage, plain, quantity, signed
from riskapp.exchange.wording import value_text


def test_what_is_small_is_not_written_as_nothing() -> None:
    assert percent_range((0.0004, 0.02)) == "under 0.1 to 2.0\u00a0%"
    assert percent_range((0.0005, 0.02)) == "0.1 to 2.0\u00a0%"
    assert percent_range((0.0, 0.02)) == "0.0 to 2.0\u00a0%"


@pytest.mark.parametrize(
    ("probability", "told"),
    [(0.0, "0.0"), (1e-9, "under 0.1"), (0.00049, "under 0.1"), (0.00051, "0.1"), (0.2163, "21.6")],
)
def test_small_is_not_nothing(probability: float, told: str) -> None:
    assert percentage(probability) == told


@pytest.mark.parametrize(
    ("value", "decimals", "told"),
    [
        (82.5, 0, "83"),
        (83.5, 0, "84"),
        (82.49, 0, "82"),
        (0.25, 1, "0.3"),
        (2.675, 2, "2.68"),
        (-82.5, 0, "\u221283"),
        (-0.4, 0, "0"),
        (1e300, 0, f"{10**300}"),
    ],
)
def test_a_half_goes_away_from_nought(value: float, decimals: int, told: str) -> None:
    assert plain(value, decimals) == told


@given(value=st.floats(), hundredths=st.integers(-(10**6), 10**6), decimals=st.integers(0, 4))
def test_a_number_is_rounded_as_it_is_written_in_full(
    value: float, hundredths: int, decimals: int
) -> None:
    for one in (value, hundredths / 100, hundredths / 64):
        with localcontext(AS_PEOPLE_ROUND):
            text = f"{Decimal(repr(abs(one))):.{decimals}f}"
        minus = one < 0 and float(text) != 0
        assert plain(one, decimals) == (MINUS + text if minus else text)


def test_a_change_has_its_sign_and_no_change_has_none() -> None:
    assert [signed(one) for one in (0.25, -0.25, 0.04, -0.04)] == [
        "+0.3",
        "\u22120.3",
        "0.0",
        "0.0",
    ]


def test_a_measured_value_has_the_decimals_that_its_method_bears() -> None:
    assert value_text("l1_attenuation_hu", 82.5) == quantity(82.5, "HU") == "83\u00a0HU"
    assert value_text("l1_vbmd_mg_cm3", 80.5) == "81\u00a0mg/cm³"
    assert value_text("femoral_neck_bmd_g_cm2", 0.5725) == "0.573\u00a0g/cm²"
    assert value_text("weight_kg", 103.5) == "103.5\u00a0kg"
