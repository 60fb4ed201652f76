"""Names of vertebrae that a person may give, and those that the spine cannot have."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from imaging.result import Region
from riskapp.actions.errors import Refused
from riskapp.actions.level_names import check_levels

SIX = ["V1", "V2", "V3", "V4", "V5", "V6"]


def _spine(names: Sequence[str], first: int = 100, apart: int = 10) -> list[Region]:
    corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))
    return [
        Region(
            id=name, label=name, method="-", confidence=None, polygon=corners,
            slice_index=first - apart * at, depth_slices=(first - apart * at, first - apart * at),
        )
        for at, name in enumerate(names)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        ["T11", "T12", "L1", "L2", "L3", "L4"],
        ["V1", "V2", "L1", "V4", "V5", "V6"],
        ["V1", "T12", "V3", "L2", "V5", "V6"],
        SIX,
    ],
)
def test_levels_one_after_another_are_taken(names: list[str]) -> None:
    check_levels(_spine(names), _spine(SIX))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["T11", "V2", "V3", "V4", "V5", "L1"], "Region L1 lies 5 levels below T11"),
        (["L2", "L1", "V3", "V4", "V5", "V6"], "out of order"),
        (["L1", "L3", "V3", "V4", "V5", "V6"], "Region L3 lies 1 level below L1"),
        (["X9", "V2", "V3", "V4", "V5", "V6"], "Region X9: a level is one of T1 to L5"),
        (["L6", "V2", "V3", "V4", "V5", "V6"], "Region L6: a level is one of T1 to L5"),
    ],
)
def test_levels_that_the_spine_cannot_have_are_refused(names: list[str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check_levels(_spine(names), _spine(SIX))


def test_a_level_that_was_left_out_is_counted() -> None:
    kept = [one for one in _spine(["L1", "L2", "L3", "L4"]) if one.id != "L2"]
    check_levels(kept, _spine(["L1", "L2", "L3", "L4"]))


def test_a_vertebra_that_was_never_found_may_be_skipped_where_there_is_room() -> None:
    found = [*_spine(["V1", "V2"]), *_spine(["V3", "V4"], first=70)]
    named = [*_spine(["T12", "L1"]), *_spine(["L3", "L4"], first=70)]
    check_levels(named, found)


def test_vertebrae_in_one_slice_are_told_apart_by_rows() -> None:
    def seen(names: Sequence[str]) -> list[Region]:
        return [
            replace(
                one,
                slice_index=4,
                depth_slices=(4, 4),
                polygon=tuple((column, row + 20 * at) for column, row in one.polygon),
            )
            for at, one in enumerate(_spine(names))
        ]

    check_levels(seen(["V1", "T12", "L1", "L2", "L3", "L4"]), seen(SIX))
    with pytest.raises(Refused, match="out of order"):
        check_levels(seen(["L2", "L1", "V3", "V4", "V5", "V6"]), seen(SIX))


@pytest.mark.parametrize(
    ("name", "is_taken"), [("T11/T12", True), ("L5/S1", True), ("L1/L3", False)]
)
def test_a_line_between_two_levels_is_named_after_neighbours(name: str, is_taken: bool) -> None:
    spine = _spine(SIX)
    line = replace(spine[0], id=name)
    if is_taken:
        check_levels([*spine, line], spine)
        return
    with pytest.raises(Refused, match="a level is one of"):
        check_levels([*spine, line], spine)
