"""Heights, Genant's grades and the deformity index, from six points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import UnsuitableScan
from imaging.morphometry.six_points import READ, Heights, heights_of
from imaging.morphometry.vertebrae import (
    Morphometry,
    deformity,
    expected_posterior,
    grade_of,
    vertebral_morphometry,
)
from imaging.result import Region


def body(name: str, anterior: float, middle: float, posterior: float) -> Region:
    """Draw a body of these heights, 30 deep, upper plate level at row 0, front to the right."""
    corners = (
        (30.0, 0.0),
        (15.0, 0.0),
        (0.0, 0.0),
        (0.0, posterior),
        (15.0, middle),
        (30.0, anterior),
    )
    return Region(id=name, label=name, method="any", confidence=None, polygon=corners)


def read(*bodies: Region, mm: tuple[float, float] | None = (1.0, 1.0)) -> Morphometry:
    return vertebral_morphometry(bodies, mm, precision="exact")


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


def test_one_crushed_body_does_not_lower_what_is_expected_of_the_others() -> None:
    true = [18 + 0.8 * level for level in range(13)]
    measured = list(true)
    measured[6] *= 0.6
    for value, sound in zip(expected_posterior(range(13), measured), true, strict=True):
        assert value == pytest.approx(sound, rel=0.02)


@given(
    start=st.floats(12, 30),
    growth=st.floats(-0.5, 1.5),
    count=st.integers(4, 13),
)
def test_evenly_growing_bodies_are_expected_exactly(
    start: float, growth: float, count: int
) -> None:
    heights = [start + growth * level for level in range(count)]
    assert expected_posterior(range(count), heights) == pytest.approx(heights)


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
    assert value["vertebral_ratio_posterior", "L1"] == pytest.approx(12.5 / 22)
    advice = [finding.advice for finding in answer.findings]
    assert any("L1" in each and "severe crush" in each for each in advice)
    assert any("nothing is entered by itself" in each for each in advice)


def test_a_missing_level_is_not_taken_for_a_neighbour() -> None:
    # T11 and L1 are two apart, so that what is expected of both stays on the line.
    heights = {"T10": 20.0, "T11": 21.0, "L1": 23.0, "L2": 24.0, "L3": 25.0}
    answer = read(*(body(name, h, h, h) for name, h in heights.items()))
    ratios = {
        m.region: m.value for m in answer.measurements if m.name == "vertebral_ratio_posterior"
    }
    assert ratios == pytest.approx({"T11": 1, "L1": 1, "L2": 1})


def test_without_spacing_there_are_ratios_and_no_heights() -> None:
    names = {m.name for m in read(body("V1", 20, 20, 22), mm=None).measurements}
    assert "vertebral_ratio_anterior" in names
    assert not any(name.endswith("_mm") for name in names)


def test_a_single_body_says_that_a_crush_cannot_be_told() -> None:
    (grade,) = (m for m in read(body("V1", 20, 20, 22)).measurements if m.name.endswith("_grade"))
    assert "a crush cannot be told" in grade.method


def corners(order: tuple[int, ...]) -> Region:
    polygon = body("L1", 20, 19, 21).polygon
    return Region(
        id="L1", label="L1", method="any", confidence=None, polygon=tuple(polygon[i] for i in order)
    )


@pytest.mark.parametrize(
    "order", [(0, 1, 2, 3), (1, 2, 3, 4, 5, 0), (0, 2, 1, 3, 4, 5), (0, 1, 2, 5, 4, 3)]
)
def test_points_in_another_order_are_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(UnsuitableScan, match="in this order"):
        heights_of(corners(order), (1, 1))
