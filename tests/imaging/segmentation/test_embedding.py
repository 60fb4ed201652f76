"""Texture encoders: unit vectors, the same for two looks at one patch."""

from pathlib import Path

import numpy as np
import pytest

from imaging.errors import UnsuitableScan, UnsuitableWeights
from imaging.segmentation.embedding import CELL_MM, CELLS, KINDS, NUMBERS, Embedder, Kind
from imaging.segmentation.embedding_training import (
    draw_texture,
    look,
    read_encoder,
    train_encoder,
    write_encoder,
)
from imaging.segmentation.weights import CARD, WEIGHTS

MM = (CELL_MM, CELL_MM)


@pytest.mark.parametrize("kind", KINDS)
def test_both_encoders_answer_alike(kind: Kind, tmp_path: Path) -> None:
    encoder = train_encoder(kind, seed=1, steps=6)
    sha256 = write_encoder(encoder, tmp_path, 1, 6, 0)
    embedder = read_encoder(tmp_path)
    assert embedder.sha256 == sha256
    assert "no clinical evidence" in (tmp_path / CARD).read_text()
    rng = np.random.default_rng(3)
    patch = draw_texture(rng)
    numbers = embedder.embed(patch, MM)
    assert numbers.shape == (NUMBERS,)
    assert float(np.linalg.norm(numbers)) == pytest.approx(1, abs=1e-5)
    # Brightness and contrast of the display say nothing about texture.
    np.testing.assert_allclose(embedder.embed(3 * patch + 50, MM), numbers, atol=1e-4)
    again = read_encoder(tmp_path).embed(patch, MM)
    np.testing.assert_array_equal(again, numbers)
    data = bytearray((tmp_path / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(bytes(data))
    with pytest.raises(UnsuitableWeights):
        read_encoder(tmp_path)


def test_training_brings_two_looks_at_one_patch_together() -> None:
    embedder = Embedder(train_encoder("cnn", seed=2, steps=30), "")
    rng = np.random.default_rng(5)
    fields = [draw_texture(rng) for _ in range(12)]
    one, two = (
        np.stack([embedder.embed(look(rng, field), MM) for field in fields]) for _ in range(2)
    )
    likeness = one @ two.T
    own = np.diag(likeness).mean()
    others = likeness[~np.eye(len(fields), dtype=bool)].mean()
    assert own > others + 0.2


def test_patches_without_texture_are_refused() -> None:
    embedder = Embedder(train_encoder("cnn", seed=1, steps=1), "")
    for patch in (np.ones((64, 64), np.float32), np.full((64, 64), np.nan, np.float32)):
        with pytest.raises(UnsuitableScan, match="no texture"):
            embedder.embed(patch, MM)
    rng = np.random.default_rng(0)
    with pytest.raises(UnsuitableScan, match="smaller"):
        embedder.embed(rng.random((CELLS // 2 - 1, CELLS), dtype=np.float32), MM)
    assert embedder.embed(rng.random((CELLS // 2, CELLS), dtype=np.float32), MM).size == NUMBERS
