"""What a body's neighbours say of the height it had, and grades by it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.morphometry.expected_height import POSTERIOR_MM, expected_posterior
from imaging.morphometry.vertebrae import (
    Deformity,
    deformity,
)
from imaging.regions.six_points import READ, Heights

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
