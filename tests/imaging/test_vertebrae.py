"""Heights, Genant's grades and the deformity index, from six points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.morphometry.expected_height import POSTERIOR_MM
from imaging.morphometry.vertebrae import (
    deformity,
    grade_of,
)
from imaging.regions.six_points import READ, Heights, heights_of
from tests.imaging.vertebral_bodies import body, read


@pytest.mark.parametrize(
    ("loss", "grade"),
    [(0.0, 0), (0.1999, 0), (0.20, 1), (0.2499, 1), (0.25, 2), (0.3999, 2), (0.40, 3), (0.9, 3)],
)
def test_grades_change_at_20_25_and_40_percent(loss: float, grade: int) -> None:
    assert grade_of(loss) == grade


@pytest.mark.parametrize(
    ("heights", "expected", "grade", "kind"),
    [
        ((24.0, 24.0, 25.0), 25.0, 0, "none"),
        ((19.0, 22.0, 25.0), 25.0, 1, "wedge"),
        ((14.0, 20.0, 25.0), 25.0, 3, "wedge"),
        ((24.0, 17.5, 25.0), 25.0, 2, "biconcave"),
        # Flat in front, in the middle and behind: only the neighbours show it.
        ((17.0, 16.5, 17.0), 25.0, 2, "crush"),
        ((17.0, 16.5, 17.0), None, 0, "none"),
        ((14.0, 16.0, 19.0), 25.0, 3, "crush"),
    ],
)
def test_the_kind_follows_the_greatest_loss(
    heights: tuple[float, float, float], expected: float | None, grade: int, kind: str
) -> None:
    seen = deformity(Heights(*heights), expected)
    assert (seen.grade, seen.kind) == (grade, kind)


@pytest.mark.parametrize(
    ("loss", "lowest", "highest"), [(0.10, 0, 0), (0.17, 0, 1), (0.19, 0, 1), (0.32, 2, 2)]
)
def test_a_body_within_its_precision_of_a_limit_is_borderline(
    loss: float, lowest: int, highest: int
) -> None:
    # 0.7 mm on two heights of 22 mm: 4 %.
    seen = deformity(Heights(22.0 * (1 - loss), 22.0 * (1 - loss / 2), 22.0), 22.0, 0.7)
    assert (seen.lowest, seen.highest) == (lowest, highest)
    if lowest == highest:
        assert abs(loss - 0.2) > seen.half_width


def test_a_borderline_body_is_said_with_its_interval() -> None:
    bodies = [body(name, 22, 22, 22) for name in READ]
    bodies[READ.index("L1")] = body("L1", 17.8, 19.5, 22)
    answer = read(*bodies)
    (close,) = (f for f in answer.findings if f.code == "deformity_near_a_limit")
    assert "L1 (19 % ± 3 %, grade 0 to 1)" in close.advice


@given(
    scale=st.floats(0.2, 5),
    heights=st.tuples(*[st.floats(8, 30)] * 3),
)
def test_grade_does_not_depend_on_the_size_of_a_pixel(
    scale: float, heights: tuple[float, float, float]
) -> None:
    own = Heights(*heights)
    larger = Heights(*(scale * each for each in heights))
    assert deformity(larger, scale * 25).loss == pytest.approx(deformity(own, 25).loss, abs=1e-9)


def test_heights_use_both_sizes_of_a_pixel() -> None:
    heights = heights_of(body("L1", 20, 18, 22), (0.5, 3.0))
    assert (heights.anterior, heights.middle, heights.posterior) == (10, 9, 11)


def test_a_spine_with_two_fractures_is_summed_and_left_to_a_person() -> None:
    bodies = [body(name, 22, 22, 22) for name in READ]
    bodies[READ.index("T8")] = body("T8", 15, 19, 22)
    bodies[READ.index("L1")] = body("L1", 12, 12, 12.5)
    answer = read(*bodies)
    value = {(m.name, m.region): m.value for m in answer.measurements}
    assert value["spinal_deformity_index", "T4-L4"] == 2 + 3
    assert value["vertebrae_read", "T4-L4"] == 13
    assert value["vertebral_deformity_grade", "T8"] == 2
    usual = {
        level: POSTERIOR_MM["L1"] / POSTERIOR_MM[level] for level in ("T11", "T12", "L2", "L3")
    }
    expected = 22 * float(np.median(list(usual.values())))
    assert value["vertebral_ratio_posterior", "L1"] == pytest.approx(12.5 / expected)
    advice = [finding.advice for finding in answer.findings]
    assert any("L1" in each and "severe crush" in each for each in advice)
    assert any("nothing is entered by itself" in each for each in advice)


def test_a_missing_level_is_not_taken_for_a_neighbour() -> None:
    # L3 lies three places from T12.
    heights = {level: POSTERIOR_MM[level] for level in ("T11", "T12", "L3", "L4")}
    answer = read(*(body(name, h, h, h) for name, h in heights.items()))
    assert not any(m.name == "vertebral_ratio_posterior" for m in answer.measurements)


def test_without_spacing_there_are_ratios_and_no_heights() -> None:
    names = {m.name for m in read(body("V1", 20, 20, 22), mm=None).measurements}
    assert "vertebral_ratio_anterior" in names
    assert not any(name.endswith("_mm") for name in names)


def test_a_single_body_says_that_a_crush_cannot_be_told() -> None:
    (grade,) = (m for m in read(body("V1", 20, 20, 22)).measurements if m.name.endswith("_grade"))
    assert "a crush cannot be told" in grade.method
