"""Units that people write in: exact by definition, and said as they are written."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange import units
from riskapp.exchange.ucum import ratio
from riskapp.exchange.units import QUANTITY_OF, UNITS, Unwritable
from riskapp.risk.limits import RANGES

STONES, FEET = "[stone_av]+[lb_av]", "[ft_i]+[in_i]"
EVERY = [(field, unit) for field, name in QUANTITY_OF.items() for unit in UNITS[name]]


# By definition (international yard and pound agreement, 1959): 1 lb, 1 st, 1 in, 1 ft, 1 mg/cm2.
@pytest.mark.parametrize(
    ("field", "code", "texts", "exactly"),
    [
        ("weight_kg", "[lb_av]", ["1"], "0.45359237"),
        ("weight_kg", STONES, ["1", "0"], "6.35029318"),
        ("weight_kg", STONES, ["9", "9.5"], "61.46176613500"),
        ("height_cm", "[in_i]", ["1"], "2.54"),
        ("height_cm", FEET, ["5", "3"], "160.02"),
        ("femoral_neck_bmd_g_cm2", "mg/cm2", ["801"], "0.801"),
        ("weight_kg", "kg", ["61,5"], "61.5"),
    ],
)
def test_a_unit_is_turned_by_its_definition(
    field: str, code: str, texts: list[str], exactly: str
) -> None:
    assert units.read(units.unit_of(field, code), texts) == Fraction(exactly)


@pytest.mark.parametrize(("field", "unit"), EVERY)
@given(share=st.fractions(0, 1))
def test_what_is_written_reads_back_as_the_same_to_its_last_decimal(
    field: str, unit: units.Unit, share: Fraction
) -> None:
    limit = RANGES[field]
    value = Fraction(limit.low) + share * (Fraction(limit.high) - Fraction(limit.low))
    texts = units.write(unit, value)
    back = units.read(unit, texts)
    assert back is not None
    step = unit.parts[-1].size / 10**unit.decimals
    assert abs(back - value) <= step / 2
    assert units.write(unit, back) == texts


def test_what_rounds_up_to_a_whole_stone_is_one() -> None:
    unit = units.unit_of("weight_kg", STONES)
    assert units.write(unit, ratio("[lb_av]", "kg") * Fraction("13.97")) == ("1", "0")
    assert units.write(unit, ratio("[lb_av]", "kg") * Fraction("13.94")) == ("0", "13.9")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["9", "14"], "has 14 pounds; expected 0 to under 14."),
        (["9", "-1"], "has \u22121 pounds; expected 0 to under 14."),
        (["", "3"], "needs the stones too, beside the pounds."),
        (["9.5", "3"], "has stones that are not whole beside pounds."),
        (["nine", "3"], "should be a plain number, or blank for not known."),
        (["1.7e308", ""], "is far too large."),
        (["-1.7e308", ""], "is far below zero."),
    ],
)
def test_boxes_that_make_no_sense_together_are_told(texts: list[str], told: str) -> None:
    with pytest.raises(Unwritable) as refused:
        units.read(units.unit_of("weight_kg", STONES), texts)
    assert str(refused.value) == told


def test_a_blank_second_box_is_none_and_two_blank_ones_are_not_known() -> None:
    unit = units.unit_of("weight_kg", STONES)
    assert units.read(unit, ["10", ""]) == units.read(unit, ["10", "0"])
    assert units.read(unit, ["", ""]) is None
    assert units.read(unit, ["9", "13.9"]) is not None
    assert units.read(unit, ["9.5", ""]) == units.read(unit, ["9", "7"])


@pytest.mark.parametrize(("field", "unit"), EVERY)
def test_a_range_is_told_in_the_unit_and_its_ends_are_accepted(
    field: str, unit: units.Unit
) -> None:
    limit = RANGES[field]
    for end in (limit.low, limit.high):
        assert units.outside(field, unit, Fraction(repr(float(end)))) == ""
    beyond = Fraction(repr(float(limit.high))) + unit.parts[-1].size
    told = units.outside(field, unit, beyond)
    assert told.startswith(limit.label)
    step = unit.parts[-1].size / 10**unit.decimals
    highest = Fraction(repr(float(limit.high))) // step * step
    assert told.endswith(f"to {units.in_words(unit, highest)}.")
    assert units.outside(field, unit, highest) == ""


def test_pounds_are_refused_in_pounds() -> None:
    pounds = units.unit_of("weight_kg", "[lb_av]")
    assert units.outside("weight_kg", pounds, ratio("[lb_av]", "kg") * 600) == (
        "Weight is 600 lb; expected 55.2 lb to 551.1 lb."
    )
