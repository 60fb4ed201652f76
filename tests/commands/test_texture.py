"""The commands `texture` and `texture_table`."""

import json
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


@pytest.mark.parametrize("letter", ["A", "B", "C", "D", "E"])
def test_every_configuration_of_the_standard_is_run(letter: str, pair: list[str]) -> None:
    printed = StringIO()
    call_command("texture", *pair, "--config", letter, "--json", stdout=printed)
    rows = json.loads(printed.getvalue())
    assert len(rows) == (321 if letter in "AB" else 185)
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
    with pytest.raises(CommandError, match="neither one of A, B") as unreadable:
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


def test_the_table_is_not_written_without_the_phantoms(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("texture_table", str(tmp_path))


def test_the_page_of_texture_features_is_up_to_date() -> None:
    if not SHARED.is_dir():
        pytest.skip("needs the shared data texture, which is not here")
    call_command("texture_table", str(SHARED), "--check")
