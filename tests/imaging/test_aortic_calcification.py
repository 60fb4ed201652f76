"""Scores of aortic calcification from a reader's marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.morphometry.aortic_calcification import (
    LEVELS,
    calcification,
    is_mark,
    length_grade,
    wall_grade,
)
from imaging.result import Outline, Region


def region(name: str, polygon: list[tuple[float, float]], outline: Outline = "area") -> Region:
    return Region(
        id=name, label=name, method="", confidence=None, polygon=tuple(polygon), outline=outline
    )


# Four bodies of 30 with discs of 10 between them: each wall is 40 long, from -5 to 155.
BODIES = [
    region(level, [(30, top), (15, top), (0, top), (0, low), (15, low), (30, low)])
    for level, top, low in ((name, 40.0 * at, 40.0 * at + 30) for at, name in enumerate(LEVELS))
]
AORTA = region("aorta", [(40, -45), (60, -45), (60, 195), (40, 195)])


def mark(wall: str, start: float, end: float, number: int = 1) -> Region:
    column = 58.0 if wall == "anterior" else 42.0
    return region(f"aorta_{wall}_{number}", [(column, start), (column, end)], "line")


def scores(*marks: Region, bodies: list[Region] = BODIES) -> dict[tuple[str, str], float]:
    numbers, _ = calcification(bodies, marks, (1.0, 1.0))
    return {(m.name, m.region): m.value for m in numbers}


@pytest.mark.parametrize(
    ("share", "grade"),
    [(0, 0), (0.01, 1), (1 / 3, 1), (0.34, 2), (2 / 3, 2), (0.67, 3), (1, 3)],
)
def test_a_wall_is_graded_by_thirds(share: float, grade: int) -> None:
    assert wall_grade(share) == grade


@pytest.mark.parametrize(
    ("heights", "grade"),
    [(0, 0), (0.1, 1), (0.99, 1), (1, 2), (1.99, 2), (2, 3), (3, 4), (4, 4)],
)
def test_a_walls_length_is_graded_by_heights(heights: float, grade: int) -> None:
    assert length_grade(heights) == grade


def test_everything_calcified_is_24_and_8() -> None:
    value = scores(AORTA, mark("anterior", -5, 155), mark("posterior", -5, 155))
    assert value["aortic_calcification_24", "L1-L4"] == 24
    assert value["aortic_calcification_8", "L1-L4"] == 8


def test_an_aorta_without_marks_was_read_as_clear() -> None:
    value = scores(AORTA)
    assert value["aortic_calcification_24", "L1-L4"] == 0
    assert value["aortic_calcification_8", "L1-L4"] == 0


def test_a_stretch_counts_at_its_own_levels_and_overlaps_count_once() -> None:
    # 30 of the 40 in front of L2 and 10 of those in front of L3, drawn twice.
    value = scores(
        AORTA, mark("anterior", 45, 85), mark("anterior", 50, 85, 2), mark("posterior", 0, 5)
    )
    assert value["aortic_calcification_anterior", "L2"] == 3
    assert value["aortic_calcification_anterior", "L3"] == 1
    assert value["aortic_calcification_posterior", "L1"] == 1
    assert value["aortic_calcification_24", "L1-L4"] == 5
    assert value["aortic_calcification_8", "L1-L4"] == 2 + 1


def test_an_aorta_that_was_not_read_gives_no_zero() -> None:
    assert calcification(BODIES, [], (1.0, 1.0)) == ((), ())
    numbers, (finding,) = calcification(BODIES, [mark("anterior", 0, 10)], (1.0, 1.0))
    assert not numbers
    assert "aorta" in finding.advice


def test_without_all_four_levels_no_score_is_given() -> None:
    numbers, (finding,) = calcification(BODIES[1:], [AORTA], (1.0, 1.0))
    assert not numbers
    assert finding.advice.endswith("L1 must be outlined and named.")


def test_marks_are_told_from_vertebrae() -> None:
    assert is_mark(AORTA)
    assert is_mark(mark("anterior", 0, 1))
    assert not is_mark(BODIES[0])


@given(ends=st.lists(st.tuples(st.floats(-40, 200), st.floats(-40, 200)), max_size=5))
def test_scores_stay_in_range_and_more_marks_never_lower_them(
    ends: list[tuple[float, float]],
) -> None:
    before = 0.0
    for count in range(len(ends) + 1):
        marks = [mark("anterior", *pair, n) for n, pair in enumerate(ends[:count])]
        value = scores(AORTA, *marks)["aortic_calcification_24", "L1-L4"]
        assert before <= value <= 12
        before = value


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        ([(66.0, 10), (66.0, 60)], ""),  # the hand slipped by 6 of 40
        ([(66.1, 10), (66.1, 60)], "outside the area aorta"),
        ([(300.0, 10), (300.0, 150)], "outside the area aorta"),
        ([(-20.0, 10), (-20.0, 150)], "outside the area aorta"),
        ([(40.0, 50), (60.0, 50)], "runs across"),
        ([(45.0, 50), (55.0, 62)], ""),
    ],
)
def test_a_line_counts_only_along_the_wall_of_what_was_read(
    corners: list[tuple[float, float]], why: str
) -> None:
    line = region("aorta_anterior_1", corners, "line")
    numbers, findings = calcification(BODIES, [AORTA, line], (1.0, 1.0))
    assert bool(numbers) is not bool(why)
    assert why in "".join(finding.advice for finding in findings)
