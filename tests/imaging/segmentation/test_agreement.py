"""What agreement is: worked cases by hand, both sides of each boundary."""

import numpy as np
import pytest

from imaging.result import Region
from imaging.segmentation.agreement import (
    DISC_OFF_MM,
    OVERLAP,
    Agreement,
    area_agrees,
    bodies_agree,
    column_agrees,
    dice,
    entropy_in,
    ramp,
)
from imaging.segmentation.checking import DISAGREE, weigh
from imaging.segmentation.labels import Ct, Flat
from imaging.segmentation.synthesis import Array


def certain(labels: np.ndarray, classes: int) -> Array:
    """Give chances that are sure of a label map."""
    chances = np.stack([labels == kind for kind in range(classes)]).astype(np.float32)
    return np.asarray(0.97 * chances + 0.03 / classes, dtype=np.float32)


def test_dice_of_worked_cases() -> None:
    one = np.array([True, True, False, False])
    assert dice(one, one) == 1
    assert dice(one, ~one) == 0
    assert dice(one, np.array([False, True, True, False])) == 0.5
    assert dice(one & False, one & False) == 0


def test_support_rises_between_its_ends() -> None:
    low, high = OVERLAP
    assert ramp(low, OVERLAP) == 0
    assert ramp(high, OVERLAP) == 1
    assert ramp((low + high) / 2, OVERLAP) == pytest.approx(0.5)
    assert ramp(0.0, OVERLAP) == 0
    assert ramp(1.0, OVERLAP) == 1


def test_entropy_is_none_where_sure_and_whole_where_all_is_alike() -> None:
    everywhere = np.ones((4, 4), dtype=bool)
    even = np.full((7, 4, 4), 1 / 7, np.float32)
    assert entropy_in(even, everywhere) == pytest.approx(1, abs=1e-4)
    sure = np.zeros((7, 4, 4), np.float32)
    sure[2] = 1
    assert entropy_in(sure, everywhere) == pytest.approx(0, abs=1e-4)


def spine_masks() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    labels = np.zeros((60, 32, 32), np.uint8)
    masks = {}
    for at, name in ((5, "L2"), (22, "L1"), (39, "T12")):
        labels[at : at + 13, 8:24, 6:26] = Ct.BODY
        labels[at + 13 : at + 17, 8:24, 6:26] = Ct.DISC
        mask = np.zeros(labels.shape, dtype=bool)
        mask[at : at + 13, 8:24, 6:26] = True
        masks[name] = mask
    return labels, masks


def test_bodies_in_the_same_place_agree_and_shifted_ones_do_not() -> None:
    labels, masks = spine_masks()
    for word in bodies_agree(certain(labels, len(Ct)), masks).values():
        assert word.overlap == pytest.approx(1)
        assert word.support == 1
        assert word.offset_mm == pytest.approx(0)
        assert word.foreground > 0.95
    # Half a vertebra: the body lies half in the disc and half in the next body.
    moved = {name: np.roll(mask, 8, axis=0) for name, mask in masks.items()}
    for word in bodies_agree(certain(labels, len(Ct)), moved).values():
        assert word.support < DISAGREE


def test_nothing_seen_is_no_support() -> None:
    _, masks = spine_masks()
    word = bodies_agree(certain(np.zeros((60, 32, 32), np.uint8), len(Ct)), masks)["L1"]
    assert (word.overlap, word.support) == (0, 0)


def column(discs: tuple[int, ...]) -> Array:
    labels = np.zeros((180, 120), np.uint8)
    labels[:, 40:80] = Flat.BODY
    for row in discs:
        labels[row - 3 : row + 4, 40:80] = Flat.DISC
    return certain(labels, len(Flat))


def outline(top: float, bottom: float, left: float = 40, right: float = 79) -> np.ndarray:
    rows = np.linspace(top, bottom, 5)
    return np.array([*((right, row) for row in rows), *((left, row) for row in rows[::-1])])


def test_a_vertebra_between_the_networks_discs_agrees() -> None:
    word = column_agrees(column((60, 97)), outline(60, 97))
    assert word.offset_mm == 0
    assert word.support == 1


@pytest.mark.parametrize(("shift", "agrees"), [(3, True), (5, True), (8, False), (18, False)])
def test_a_disc_far_from_the_networks_is_noticed(shift: int, agrees: bool) -> None:
    word = column_agrees(column((60, 97)), outline(60 + shift, 97))
    assert word.offset_mm == pytest.approx(min(shift, 16), abs=1)
    assert (word.support >= DISAGREE) == agrees
    assert DISC_OFF_MM[0] < 6 < DISC_OFF_MM[1]


def test_an_outline_beside_the_column_is_noticed() -> None:
    word = column_agrees(column((60, 97)), outline(60, 97, left=58, right=97))
    assert word.support < DISAGREE


def test_an_area_agrees_with_the_kinds_it_should_hold_and_no_others() -> None:
    labels = np.zeros((80, 80), np.uint8)
    labels[20:50, 20:45] = Flat.FEMORAL_NECK
    square = np.array([(20, 20), (44, 20), (44, 49), (20, 49)])
    assert area_agrees(certain(labels, len(Flat)), square, [Flat.FEMORAL_NECK]).support == 1
    assert area_agrees(certain(labels, len(Flat)), square, [Flat.FEMORAL_HEAD]).support == 0


def region(name: str, confidence: float | None) -> Region:
    return Region(
        id=name, label=name, method="drawn", confidence=confidence, polygon=((0, 0), (1, 0), (1, 1))
    )


def word(support: float) -> Agreement:
    return Agreement(support, 0.8, 1.0, 0.9, 0.1)


def test_confidence_falls_with_support_and_a_person_is_asked_below_a_half() -> None:
    regions = [region("L1", 0.9), region("L2", 0.9), region("L3", None)]
    said = {"L1": word(1.0), "L2": word(0.49), "L3": word(0.5)}
    checked = weigh(regions, said)
    assert [r.confidence for r in checked.regions] == [0.9, 0.44, None]
    assert checked.doubted == ("L2",)
    assert [finding.code for finding in checked.findings] == ["network_disagrees"]
    assert "L2" in checked.findings[0].advice
    assert weigh(regions, {"L1": word(0.5)}).findings == ()


def test_regions_of_which_nothing_was_said_stay_as_they_are() -> None:
    regions = [region("L1", 0.9)]
    assert weigh(regions, {}).regions == tuple(regions)
