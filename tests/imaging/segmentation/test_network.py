"""Networks: shapes, training that repeats itself, weights on disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from imaging.errors import UnsuitableWeights
from imaging.segmentation.design import Design
from imaging.segmentation.forward import softmax
from imaging.segmentation.inference import chances
from imaging.segmentation.network import UNet, parameters_of
from imaging.segmentation.pretraining import blocks, pretrain
from imaging.segmentation.recipe import DESIGNS, TARGETS, Recipe, Target, recipe_for
from imaging.segmentation.sources import crop, drawing
from imaging.segmentation.training import held_out_dice, loss_of, train
from imaging.segmentation.weights import MOST_BYTES, RECIPE, WEIGHTS, read, shipped, write

SMALL = Design(dimensions=2, channels=(4, 8), classes=7)


def small_recipe(steps: int = 3) -> Recipe:
    return replace(recipe_for("flat"), steps=steps, batch=2, shape=(48, 48), design=SMALL)


@pytest.mark.parametrize("target", TARGETS)
def test_a_network_answers_for_every_cell_and_is_small(target: Target) -> None:
    design = DESIGNS[target]
    network = UNet(design).eval()
    assert 200_000 <= parameters_of(network) <= 400_000
    side = 2 * design.multiple
    with torch.inference_mode():
        scores = network(torch.zeros((2, 1, *[side] * design.dimensions)))
    assert scores.shape == (2, design.classes, *[side] * design.dimensions)


@pytest.mark.parametrize(("target", "shape"), [("flat", (72, 56)), ("ct", (24, 16, 20))])
def test_measuring_gives_the_chances_that_torch_gives(
    target: Target, shape: tuple[int, ...]
) -> None:
    plain = shipped(target).network
    picture = np.random.default_rng(4).normal(size=shape).astype(np.float32)
    with torch.inference_mode():
        expected = UNet.of(plain)(torch.from_numpy(picture)[None, None]).softmax(1)[0].numpy()
    np.testing.assert_allclose(softmax(plain.scores(picture)), expected, atol=1e-5)


@pytest.mark.parametrize("target", TARGETS)
def test_a_design_names_the_arrays_that_torch_trains(target: Target) -> None:
    design = DESIGNS[target]
    arrays = UNet(design).plain().arrays
    assert {name: values.shape for name, values in arrays.items()} == design.shapes()


@pytest.mark.parametrize("shape", [(33, 32), (48, 31), (50, 64)])
def test_pictures_of_any_size_are_answered_with_chances(shape: tuple[int, int]) -> None:
    seen = chances(UNet(SMALL).plain(), np.random.default_rng(0).random(shape, dtype=np.float32))
    assert seen.shape == (7, *shape)
    np.testing.assert_allclose(seen.sum(axis=0), 1, atol=1e-5)


def test_a_mirrored_picture_gets_the_mirrored_answer() -> None:
    picture = np.random.default_rng(1).random((48, 48), dtype=np.float32)
    network = UNet(SMALL).plain()
    one, two = chances(network, picture), chances(network, np.ascontiguousarray(picture[:, ::-1]))
    np.testing.assert_allclose(one, two[:, :, ::-1], atol=1e-5)


def test_the_loss_falls_as_the_answer_nears_the_truth() -> None:
    labels = torch.tensor([[[0, 1], [1, 2]]])
    right = torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).float()
    losses = [float(loss_of(sharp * right, labels)) for sharp in (-5.0, 0.0, 5.0, 20.0)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.01


def test_training_repeats_itself_and_depends_on_its_seed() -> None:
    recipe = small_recipe()
    draw = drawing(recipe)
    told: list[int] = []
    one, two = (train(recipe, draw, report=lambda step, loss: told.append(step)) for _ in range(2))
    other = train(replace(recipe, seed=recipe.seed + 1), draw)
    assert told == [1, 2, 3, 1, 2, 3]
    for name, values in one.state_dict().items():
        assert torch.equal(values, two.state_dict()[name])
    assert any(not torch.equal(v, other.state_dict()[n]) for n, v in one.state_dict().items())
    dice = held_out_dice(one, recipe, draw, 2)
    assert all(0 <= value <= 1 for value in dice.values())


def test_pretraining_hides_blocks_and_gives_a_network_to_start_from() -> None:
    hidden = blocks(np.random.default_rng(0), (48, 48))
    assert 0.2 < hidden.mean() < 0.6
    recipe = small_recipe(2)
    picture = np.random.default_rng(2).random((60, 40), dtype=np.float32)
    start = pretrain(recipe, [picture], 2)
    trained = train(recipe, drawing(recipe), start)
    assert trained is start


def test_crops_of_label_maps_show_something() -> None:
    whole = np.zeros((100, 90), np.uint8)
    whole[40:60, 40:60] = 1
    for seed in range(10):
        piece = crop(np.random.default_rng(seed), whole, (48, 48))
        assert piece.shape == (48, 48)
        assert piece.any()
    assert crop(np.random.default_rng(0), whole[40:60, 40:60], (48, 48)).shape == (48, 48)


def test_a_recipe_is_the_same_after_it_was_stored() -> None:
    recipe = replace(recipe_for("ct", 3, 5), label_maps=("ab",))
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    write(UNet(SMALL).plain(), small_recipe(), tmp_path)
    return tmp_path


def test_weights_come_back_as_they_were(stored: Path) -> None:
    trained = read(stored)
    assert trained.recipe == small_recipe()
    assert len(trained.sha256) == 64
    assert not UNet.of(trained.network).training


def test_weights_with_another_byte_are_refused(stored: Path) -> None:
    data = bytearray((stored / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (stored / WEIGHTS).write_bytes(bytes(data))
    with pytest.raises(UnsuitableWeights, match="not those"):
        read(stored)


def change(folder: Path, **parts: object) -> None:
    told = json.loads((folder / RECIPE).read_text())
    told.update(parts)
    (folder / RECIPE).write_text(json.dumps(told))


def test_weights_under_another_hash_or_design_are_refused(stored: Path) -> None:
    recipe = replace(small_recipe(), design=replace(SMALL, classes=5)).to_json()
    change(stored, recipe=recipe)
    with pytest.raises(UnsuitableWeights, match="fit"):
        read(stored)
    change(stored, weights_sha256="0" * 64)
    with pytest.raises(UnsuitableWeights, match="not those"):
        read(stored)


def test_missing_or_enormous_weights_are_refused(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsuitableWeights, match="cannot be read"):
        read(tmp_path / "nowhere")
    (stored / WEIGHTS).write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(UnsuitableWeights, match="larger"):
        read(stored)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    network = UNet(SMALL)
    with torch.no_grad():
        network.answer.bias.fill_(float("nan"))
    write(network.plain(), small_recipe(), tmp_path)
    with pytest.raises(UnsuitableWeights, match="not numbers"):
        read(tmp_path)
