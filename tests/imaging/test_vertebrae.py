"""Heights, Genant's grades and the deformity index, from six points."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import UnsuitableScan
from imaging.morphometry.expected_height import POSTERIOR_MM, expected_posterior
from imaging.morphometry.six_points import READ, Heights, check_order, heights_of
from imaging.morphometry.vertebrae import (
    Deformity,
    Morphometry,
    deformity,
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
    return vertebral_morphometry(bodies, mm, precision="drawn", within_mm=0.5)


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


Body = tuple[float, float, float]
Spine = Sequence[Body]
KINDS = ("wedge", "biconcave", "crush")


def sound_spine(size: float = 1.1) -> list[Body]:
    """Give heights in front, in the middle and behind, T4 to L4, as a sound spine has them."""
    return [
        (0.97 * tall, 0.965 * tall, tall) for tall in (size * POSTERIOR_MM[level] for level in READ)
    ]


def lowered(heights: Body, kind: str, loss: float) -> Body:
    front, middle, back = heights
    left = back * (1 - loss)
    return {
        "wedge": (left, (left + back) / 2, back),
        "biconcave": (front, left, back),
        "crush": (left, 0.97 * left, left),
    }[kind]


def graded(spine: Spine, within: float = 0.7) -> list[Deformity]:
    heights = [Heights(*each) for each in spine]
    expected = expected_posterior(READ, heights)
    return [deformity(own, wanted, within) for own, wanted in zip(heights, expected, strict=True)]


@pytest.mark.parametrize("level", ["T4", "T8", "T12", "L3", "L4"])
@pytest.mark.parametrize("kind", ["wedge", "biconcave"])
@pytest.mark.parametrize(
    ("loss", "grade"),
    [(0.199, 0), (0.201, 1), (0.249, 1), (0.251, 2), (0.399, 2), (0.401, 3)],
)
def test_a_lowered_body_among_sound_ones_is_graded_on_both_sides_of_each_limit(
    level: str, kind: str, loss: float, grade: int
) -> None:
    spine = sound_spine()
    at = READ.index(level)
    spine[at] = lowered(spine[at], kind, loss)
    grades = [seen.grade for seen in graded(spine)]
    assert grades.pop(at) == grade
    assert not any(grades)


@pytest.mark.parametrize(("loss", "grade"), [(0.19, 0), (0.21, 1), (0.26, 2), (0.39, 2), (0.41, 3)])
def test_a_crush_is_graded_by_its_neighbours(loss: float, grade: int) -> None:
    for at, body_heights in enumerate(sound_spine()):
        spine = sound_spine()
        left = body_heights[2] * (1 - loss)
        spine[at] = (left, left, left)
        grades = [seen.grade for seen in graded(spine)]
        assert grades.pop(at) == grade
        assert not any(grades)


def noisy(spine: Spine, seed: int, spread: float) -> list[Body]:
    """Vary bodies as people's differ, and heights by what measuring them adds, in mm."""
    rng = np.random.default_rng(seed)
    own = np.array(spine) * rng.normal(1, 0.012, (len(spine), 1))
    off = np.clip(rng.normal(0, spread, own.shape), -2 * spread, 2 * spread)
    return [(float(a), float(m), float(p)) for a, m, p in own + off]


@given(
    seed=st.integers(0, 10_000),
    at=st.integers(0, len(READ) - 1),
    heights=st.tuples(*[st.floats(4, 60)] * 3),
)
def test_no_body_changes_the_grade_of_one_more_than_two_places_off(
    seed: int, at: int, heights: Body
) -> None:
    spine = noisy(sound_spine(), seed, 0.8)
    before = graded(spine)
    spine[at] = heights
    after = graded(spine)
    far = [other for other in range(len(READ)) if abs(other - at) > 2]
    assert [before[other] for other in far] == [after[other] for other in far]


@given(
    seed=st.integers(0, 10_000),
    at=st.integers(0, len(READ) - 1),
    shares=st.tuples(*[st.floats(0.2, 1.0)] * 3),
)
def test_a_body_however_low_never_makes_a_sound_one_deformed(
    seed: int, at: int, shares: Body
) -> None:
    spine = noisy(sound_spine(), seed, 0.3)
    front, middle, back = (h * share for h, share in zip(spine[at], shares, strict=True))
    spine[at] = (front, middle, back)
    grades = [seen.grade for seen in graded(spine)]
    grades.pop(at)
    assert not any(grades)


@given(
    seed=st.integers(0, 10_000),
    at=st.integers(1, len(READ) - 2),
    taller=st.floats(1.0, 2.5),
)
def test_a_body_drawn_too_tall_never_crushes_one_with_other_neighbours(
    seed: int, at: int, taller: float
) -> None:
    spine = noisy(sound_spine(), seed, 0.3)
    front, middle, back = (taller * height for height in spine[at])
    spine[at] = (front, middle, back)
    # The two ends have two neighbours only: there the taller one is believed.
    assert not any(seen.grade for seen in graded(spine)[1:-1])


@given(
    seed=st.integers(0, 10_000),
    at=st.integers(0, len(READ) - 1),
    kind=st.sampled_from(KINDS),
    loss=st.floats(0.25, 0.6),
    growth=st.sampled_from(["published", "even"]),
)
def test_a_quarter_lost_is_always_found_within_the_precision(
    seed: int, at: int, kind: str, loss: float, growth: str
) -> None:
    spine = even_spine() if growth == "even" else sound_spine()
    spine[at] = lowered(spine[at], kind, loss)
    seen = graded(noisy(spine, seed, 0.3))[at]
    assert seen.highest >= 2
    assert seen.grade >= 1 or seen.loss > 0.17


def even_spine() -> list[Body]:
    """Bodies that grow by the same length from each to the next, as the drawn pictures have."""
    tall = [19.0 + 0.68 * (place + 1) for place in range(len(READ))]
    return [(0.97 * each, 0.965 * each, each) for each in tall]


@pytest.mark.parametrize("apart", [1, 2, 3])
@pytest.mark.parametrize("kinds", [(a, b) for a in KINDS for b in KINDS])
def test_two_deformed_neighbours_are_both_found_and_alone(
    apart: int, kinds: tuple[str, str]
) -> None:
    for at in range(len(READ) - apart):
        spine = sound_spine()
        both = (at, at + apart)
        for place, kind in zip(both, kinds, strict=True):
            spine[place] = lowered(spine[place], kind, 0.30)
        grades = [seen.grade for seen in graded(noisy(spine, at, 0.2))]
        assert {place for place, grade in enumerate(grades) if grade} == set(both)


def test_three_crushed_bodies_in_a_row_are_found() -> None:
    # Where each has two sound bodies within two places.
    for at in range(2, len(READ) - 4):
        spine = sound_spine()
        row = range(at, at + 3)
        for place in row:
            spine[place] = lowered(spine[place], "crush", 0.30)
        grades = [seen.grade for seen in graded(spine)]
        assert {place for place, grade in enumerate(grades) if grade} == set(row)


def test_a_deformed_neighbour_does_not_count() -> None:
    # Two wedges that are low behind as well would lower what is expected of the one between.
    spine = sound_spine()
    for level in ("T12", "L2"):
        front, middle, back = spine[READ.index(level)]
        spine[READ.index(level)] = (0.6 * front, 0.75 * middle, 0.9 * back)
    (at,) = (place for place, level in enumerate(READ) if level == "L1")
    assert graded(spine)[at].expected == pytest.approx(sound_spine()[at][2])


def test_published_heights_grow_by_less_than_a_tenth_from_body_to_body() -> None:
    for upper, lower in pairwise(POSTERIOR_MM[level] for level in READ):
        assert 0.97 < lower / upper < 1.1


def test_evenly_growing_bodies_without_levels_are_expected_within_a_few_percent() -> None:
    names = [f"V{place}" for place in range(1, 14)]
    heights = [Heights(*each) for each in even_spine()]
    for own, wanted in zip(heights, expected_posterior(names, heights), strict=True):
        assert wanted == pytest.approx(own.posterior, rel=0.025)


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


def stacked(turn: dict[str, tuple[int, ...]]) -> list[Region]:
    """Draw T12 to L3 from head to foot, the corners of some in another order."""
    answer = []
    for at, name in enumerate(("T12", "L1", "L2", "L3")):
        polygon = tuple((column, row + 30 * at) for column, row in body(name, 20, 19, 21).polygon)
        order = turn.get(name, range(6))
        answer.append(
            Region(
                id=name,
                label=name,
                method="any",
                confidence=None,
                polygon=tuple(polygon[i] for i in order),
            )
        )
    return answer


FRONT_FOR_BACK = (2, 1, 0, 5, 4, 3)
UP_FOR_DOWN = (5, 4, 3, 2, 1, 0)
BOTH = (3, 4, 5, 0, 1, 2)


def test_corners_in_order_pass_in_any_order_of_the_bodies() -> None:
    check_order(stacked({}), (1, 1))
    check_order(stacked({})[::-1], (0.5, 3.0))
    check_order(stacked({})[:1], None)
    check_order(stacked(dict.fromkeys(("T12", "L1", "L2", "L3"), FRONT_FOR_BACK)), None)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (FRONT_FOR_BACK, "L1 face the other way"),
        (UP_FOR_DOWN, "upper corners of L1 lie towards the vertebra below"),
        (BOTH, "upper corners of L1 lie towards the vertebra below"),
    ],
)
def test_a_body_whose_corners_begin_elsewhere_is_refused(
    order: tuple[int, ...], words: str
) -> None:
    with pytest.raises(UnsuitableScan, match=words):
        check_order(stacked({"L1": order}), (1, 1))


def test_a_single_body_on_its_head_is_refused() -> None:
    with pytest.raises(UnsuitableScan, match="T12"):
        check_order(stacked({"T12": UP_FOR_DOWN})[:1], (1, 1))
