"""Training a network and an encoder from the shell: a folder with weights, recipe and card."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from imaging.segmentation import making


def test_training_writes_weights_recipe_and_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "HELD_OUT_PICTURES", 2)
    said = StringIO()
    call_command(
        "train_segmentation",
        target="flat",
        output=tmp_path / "net",
        minutes=0.01,
        seed=7,
        stdout=said,
    )
    files = {path.name for path in (tmp_path / "net").iterdir()}
    assert files == {"weights.safetensors", "recipe.json", "card.md"}
    told = json.loads((tmp_path / "net" / "recipe.json").read_text())
    assert told["recipe"]["seed"] == 7
    assert told["weights_sha256"] in said.getvalue()
    assert "no scan of any person" in said.getvalue()


def test_an_encoder_is_written_with_its_card(tmp_path: Path) -> None:
    call_command("train_embedding", kind="hybrid", output=tmp_path, steps=1, stdout=StringIO())
    assert "no clinical evidence" in (tmp_path / "card.md").read_text()


@pytest.mark.parametrize(("minutes", "seed"), [(0.0, 1), (-1.0, 1), (1.0, -1)])
def test_senseless_numbers_are_refused(minutes: float, seed: int, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="above 0"):
        call_command("train_segmentation", target="ct", output=tmp_path, minutes=minutes, seed=seed)


def test_a_map_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "map.png").write_bytes(b"not a picture")
    for path in (tmp_path / "map.png", tmp_path / "absent.png"):
        with pytest.raises(CommandError, match=path.name):
            call_command("train_segmentation", target="flat", output=tmp_path, labels=[path])
