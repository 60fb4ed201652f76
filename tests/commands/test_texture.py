"""The commands `texture` and `texture_table`."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import nibabel
import numpy as np
import pytest
from django.core.management import CommandError, call_command

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "texture"


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    image = np.random.default_rng(1).integers(-100, 300, (12, 12, 6)).astype(np.int16)
    mask = np.zeros(image.shape, dtype=np.uint8)
    mask[2:10, 2:10, 1:5] = 1
    paths = []
    for name, values in (("image", image), ("mask", mask)):
        path = tmp_path / f"{name}.nii.gz"
        nibabel.save(nibabel.Nifti1Image(values, np.diag([2.0, 2.0, 2.0, 1.0])), path)
        paths.append(str(path))
    return paths


@pytest.mark.parametrize("letter", ["A", "B", "C", "D", "E", "digital"])
def test_every_configuration_of_the_standard_is_run(letter: str, pair: list[str]) -> None:
    printed = StringIO()
    call_command("texture", *pair, "--config", letter, "--json", stdout=printed)
    rows = json.loads(printed.getvalue())
    assert len(rows) == {"A": 321, "B": 321, "digital": 457}.get(letter, 185)
    assert set(rows[0]) == {"tag", "ibsi_id", "aggregation", "family", "name", "unit", "value"}


def test_a_configuration_of_ones_own(pair: list[str], tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"bins": {"bin_number": 8}, "families": ["first_order", "size_zone"]}')
    printed = StringIO()
    call_command("texture", *pair, "--config", str(config), "--unit", "[hnsf'U]", stdout=printed)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 18 + 16
    assert lines[0].startswith("Q4LE")
    assert lines[0].endswith("[hnsf'U]")
    assert lines[-1].split()[1] == "KOBO"


def test_what_cannot_be_used_is_said_in_a_sentence(pair: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="neither one of digital, A, B") as unreadable:
        call_command("texture", *pair, "--config", "F")
    assert unreadable.value.returncode == 2
    config = tmp_path / "config.json"
    config.write_text('{"bins": {"bin_number": 1}}')
    with pytest.raises(CommandError, match="from 2 to 1024") as refused:
        call_command("texture", *pair, "--config", str(config))
    assert refused.value.returncode == 3
    config.write_text("[]")
    with pytest.raises(CommandError, match="one JSON object"):
        call_command("texture", *pair, "--config", str(config))


def changed(path: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Write a file again with other values of its own."""
    file = nibabel.load(path)
    values = change(np.asarray(file.dataobj, dtype=np.float32))
    nibabel.save(nibabel.Nifti1Image(values, file.affine), path)


def one_is(value: float) -> Callable[[np.ndarray], np.ndarray]:
    """Change one voxel of the region."""

    def change(values: np.ndarray) -> np.ndarray:
        values[5, 5, 3] = value
        return values

    return change


@pytest.mark.parametrize(
    ("at", "change", "sentence"),
    [
        (1, lambda mask: mask[:, :, :5], "12 x 12 x 6 voxels and the region 12 x 12 x 5"),
        (1, lambda mask: mask * 0, "is empty"),
        (1, one_is(2), r"marks 2 labels \(1, 2\): choose one"),
        (1, one_is(float("nan")), "region holds values that are not numbers"),
        (0, one_is(float("nan")), "picture holds values that are not numbers"),
        (0, lambda image: image + 5000, "No voxel of the region is left"),
    ],
)
def test_what_no_texture_can_be_measured_in_is_refused(
    at: int, change: Callable[[np.ndarray], np.ndarray], sentence: str, pair: list[str]
) -> None:
    changed(pair[at], change)
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("texture", *pair, "--config", "C")
    assert refused.value.returncode == 3


def test_one_of_several_labels_is_measured_like_a_region_of_its_own(pair: list[str]) -> None:
    alone, chosen = StringIO(), StringIO()
    call_command("texture", *pair, "--config", "C", stdout=alone)

    def two_labels(mask: np.ndarray) -> np.ndarray:
        mask *= 7
        mask[0, 0, 0] = 1
        return mask

    changed(pair[1], two_labels)
    call_command("texture", *pair, "--config", "C", "--label", "7", stdout=chosen)
    assert chosen.getvalue() == alone.getvalue()
    with pytest.raises(CommandError, match="no voxel with the label 3"):
        call_command("texture", *pair, "--label", "3")


@pytest.mark.parametrize(
    ("at", "change", "sentence", "count"),
    [
        (1, lambda mask: one_is(1)(mask * 0), "one voxel", 130),
        (0, lambda image: image * 0 + 50, "the same value", 185),
        (0, lambda image: image, "", 185),
    ],
)
def test_a_region_that_tells_little_is_measured_and_said(
    at: int, change: Callable[[np.ndarray], np.ndarray], sentence: str, count: int, pair: list[str]
) -> None:
    changed(pair[at], change)
    printed, said = StringIO(), StringIO()
    call_command("texture", *pair, "--config", "C", stdout=printed, stderr=said)
    assert len(printed.getvalue().splitlines()) == count
    assert sentence in said.getvalue()
    assert bool(said.getvalue()) == bool(sentence)


def test_the_table_is_not_written_without_the_phantoms(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("texture_table", str(tmp_path))


def test_the_page_of_texture_features_is_up_to_date() -> None:
    if not SHARED.is_dir():
        pytest.skip("needs the shared data texture, which is not here")
    call_command("texture_table", str(SHARED), "--check")
