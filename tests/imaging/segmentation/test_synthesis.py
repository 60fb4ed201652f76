"""Drawn pictures for training: what they hold, and that a seed says all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.segmentation import flat_femur, flat_lateral, flat_spine, painting_ct, painting_flat
from imaging.segmentation.anatomy_ct import draw_spine
from imaging.segmentation.labels import CT_GRID_MM, Ct, Flat
from imaging.segmentation.synthesis import clouds, thick_slices

seeds = st.integers(0, 2**31)
SHAPE = (160, 128)


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_each_disc_of_a_drawn_spine_lies_between_two_bodies(seed: int) -> None:
    spine = draw_spine(np.random.default_rng(seed), 64)
    middle = spine.labels[:, :, 15]
    height = len(middle) * CT_GRID_MM
    for below, above in zip(spine.discs, spine.discs[1:], strict=False):
        assert above - below > 10
    for place in spine.discs:
        if not 30 < place < height - 30:
            continue
        disc = np.argwhere(spine.labels == Ct.DISC)
        near = disc[np.abs(disc[:, 0] * CT_GRID_MM - place) < 4]
        assert len(near), "a disc that was drawn is marked"
        _, front, aside = np.median(near, axis=0).astype(int)
        column = spine.labels[:, front, aside]
        at = round(place / CT_GRID_MM)
        bone = (Ct.BODY, Ct.SACRUM)
        assert np.isin(column[max(0, at - 14) : at], bone).any()
        assert (column[at + 1 : at + 15] == Ct.BODY).any()


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_bodies_lie_ahead_of_the_canal_and_do_not_overlap(seed: int) -> None:
    spine = draw_spine(np.random.default_rng(seed), 64)
    canal = np.argwhere(spine.labels == Ct.CANAL)[:, 1].mean()
    assert np.argwhere(spine.labels == Ct.BODY)[:, 1].mean() > canal + 5
    # One class per cell, and the level of a body is known wherever there is one.
    assert ((spine.labels == Ct.BODY) <= (spine.level > 0)).all()


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_an_example_is_finite_and_its_seed_says_all(seed: int) -> None:
    for draw in (
        lambda rng: painting_ct.example(rng, 48),
        lambda rng: painting_flat.example(rng, SHAPE),
    ):
        one, two = (draw(np.random.default_rng(seed)) for _ in range(2))
        assert np.isfinite(one.image).all()
        assert one.image.shape == one.labels.shape
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.labels, two.labels)


@pytest.mark.parametrize(
    ("drawer", "kinds"),
    [
        (flat_spine.draw, {Flat.BODY, Flat.DISC}),
        (flat_lateral.draw, {Flat.BODY, Flat.DISC}),
        (flat_femur.draw, {Flat.FEMORAL_HEAD, Flat.FEMORAL_NECK, Flat.FEMORAL_SHAFT, Flat.PELVIS}),
    ],
    ids=["front", "side", "hip"],
)
def test_flat_pictures_hold_their_anatomy(drawer, kinds) -> None:  # type: ignore[no-untyped-def]
    shown = [set(np.unique(drawer(np.random.default_rng(seed), SHAPE).labels)) for seed in range(6)]
    assert set.intersection(*shown) >= kinds


def test_a_neck_lies_between_head_and_shaft() -> None:
    for seed in range(8):
        labels = flat_femur.draw(np.random.default_rng(seed), SHAPE).labels
        head, neck, shaft = (
            np.argwhere(labels == kind).mean(axis=0)
            for kind in (Flat.FEMORAL_HEAD, Flat.FEMORAL_NECK, Flat.FEMORAL_SHAFT)
        )
        assert np.linalg.norm(neck - head) < np.linalg.norm(shaft - head)


def test_discs_from_the_front_alternate_with_bodies() -> None:
    for seed in range(6):
        labels = flat_spine.draw(np.random.default_rng(seed), SHAPE).labels
        columns = np.flatnonzero((labels == Flat.DISC).any(axis=0))
        line = labels[:, int(np.median(columns))]
        line = line[np.isin(line, (Flat.BODY, Flat.DISC))]
        runs = line[np.flatnonzero(np.diff(line, prepend=-1))]
        assert len(runs) > 3
        assert (np.diff(runs.astype(int)) != 0).all()


def test_thick_slices_keep_what_does_not_change_and_mix_what_does() -> None:
    even = np.full((20, 4, 4), 7.0, np.float32)
    np.testing.assert_allclose(thick_slices(even, 4), even)
    step = np.zeros((20, 2, 2), np.float32)
    step[10:] = 100
    assert thick_slices(step, 1) is step
    assert 0 < thick_slices(step, 5)[9, 0, 0] < 100


def test_clouds_have_mean_zero_and_spread_one() -> None:
    values = clouds(np.random.default_rng(0), (40, 30, 20), 5)
    assert values.mean() == pytest.approx(0, abs=1e-5)
    assert values.std() == pytest.approx(1, abs=1e-4)


def test_attenuation_is_shown_to_the_network_between_fat_and_cortex() -> None:
    hu = np.array([-1000, -250, 100, 750, 3000], dtype=np.float32)
    np.testing.assert_allclose(painting_ct.normalised(hu), [-1.75, -1.75, 0, 3.25, 3.25])
