"""The networks that ship: what they know of pictures they never saw, and what they came from."""

import pytest

from imaging.segmentation.labels import Ct, Flat
from imaging.segmentation.network import UNet
from imaging.segmentation.recipe import TARGETS, Target
from imaging.segmentation.sources import drawing
from imaging.segmentation.training import held_out_dice
from imaging.segmentation.weights import CARD, FOLDER, SHIPPED, shipped


@pytest.mark.parametrize(
    ("target", "floors"),
    [
        ("ct", {"BODY": 0.86, "DISC": 0.65, "CANAL": 0.90}),
        ("flat", {"BODY": 0.85, "DISC": 0.70, "FEMORAL_HEAD": 0.75, "FEMORAL_SHAFT": 0.75}),
    ],
)
def test_shipped_networks_know_drawn_pictures_they_never_saw(
    target: Target, floors: dict[str, float]
) -> None:
    trained = shipped(target)
    dice = held_out_dice(UNet.of(trained.network), trained.recipe, drawing(trained.recipe), 16)
    kinds = Ct if target == "ct" else Flat
    for name, floor in floors.items():
        assert dice[kinds[name]] > floor, name


@pytest.mark.parametrize("target", TARGETS)
def test_what_ships_used_no_scan_of_anyone(target: Target) -> None:
    recipe = shipped(target).recipe
    assert recipe.label_maps == ()
    assert recipe.pretrained_on == ()


@pytest.mark.parametrize("target", TARGETS)
def test_the_card_names_the_weights_it_describes(target: Target) -> None:
    assert shipped(target).sha256 in (FOLDER / SHIPPED[target] / CARD).read_text(encoding="utf-8")
