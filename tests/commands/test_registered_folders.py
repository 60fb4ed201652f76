"""At a shell, a registered model is the folder that was registered, or it is refused."""

import csv
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from riskapp.models import RegisteredModel
from tests.model_copies import copied_model, site_model
from tests.people import model, statistician

__all__ = ["model", "statistician"]
CHANGED = "Model clinic-1 was changed after it was registered"
HEADER = "id,population,sex,age_years,body_mass_index,hip_event,hip_time_years\n"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    lines = [
        f"w{i},gb,female,{60 + i / 3},{22 + i % 9},{int(i % 6 == 0)},{9 - i / 20}\n"
        for i in range(60)
    ]
    path = tmp_path / "clinic.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def swapped(model: RegisteredModel, model_folder: Path) -> None:
    """Another model, whole in itself, takes the folder's place."""
    shutil.rmtree(model_folder / model.model_id)
    site_model(model_folder, model.model_id)


def score(people: Path, model_id: str) -> list[dict[str, str]]:
    output = people.with_name("scores.csv")
    asked = ["--engine", "cox", "--model-id", model_id, "--no-interval"]
    call_command("score", str(people), str(output), *asked, stdout=StringIO())
    with output.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_registered_folder_is_scored_and_one_put_in_its_place_is_not(
    people: Path, model: RegisteredModel, model_folder: Path
) -> None:
    assert score(people, "clinic-1")[0]["model_id"] == "clinic-1"
    swapped(model, model_folder)
    with pytest.raises(CommandError, match=CHANGED):
        score(people, "clinic-1")


def test_a_folder_put_in_its_place_is_neither_judged_nor_explained_nor_recalibrated(
    people: Path, model: RegisteredModel, model_folder: Path
) -> None:
    swapped(model, model_folder)
    for command in (
        ["evaluate", people, "--outcome", "hip", "--model-id", "clinic-1"],
        ["explain", "clinic-1", people],
        ["recalibrate", "clinic-1", people, "--model-id", "clinic-2"],
    ):
        with pytest.raises(CommandError, match=CHANGED):
            call_command(*map(str, command), stdout=StringIO())
    assert not (model_folder / "clinic-2").exists()


@pytest.mark.usefixtures("model")
def test_folders_that_nobody_registered_are_the_shells_own_affair(
    people: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_model(model_folder, "by-hand")
    assert score(people, "by-hand")[0]["model_id"] == "by-hand"
    # Nor does a machine without the registry's tables know of any.
    monkeypatch.setattr(connection.introspection, "table_names", list)
    RegisteredModel.objects.update(sha256="0" * 64)
    assert score(people, "clinic-1")[0]["model_id"] == "clinic-1"
