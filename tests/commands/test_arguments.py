"""What commands refuse before they read or write: files of the user's, names and seeds."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from riskapp.management.arguments import LARGEST_SEED
from tests.cohorts.tables import STRENGTH, made_up


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*(str(each) for each in arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.csv"
    made_up(120).to_csv(path, index=False)
    path.with_suffix(".json").write_text(json.dumps({"columns": [STRENGTH]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("cohort", "{cohort}", "--page"),
        ("score", "{cohort}"),
        ("evaluate", "{cohort}", "--outcome", "hip", "--report"),
        ("evaluate", "{cohort}", "--outcome", "hip", "--json"),
        ("explain", "cox-simulated-3", "{cohort}", "--report"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_neither_a_table_nor_its_description_is_written_over(
    cohort: Path, command: tuple[str, ...], suffix: str
) -> None:
    before = {path: path.read_bytes() for path in cohort.parent.iterdir()}
    with pytest.raises(CommandError, match=r"clinic.* would overwrite the .*choose another name"):
        run(*(part.format(cohort=cohort) for part in command), cohort.with_suffix(suffix))
    assert {path: path.read_bytes() for path in cohort.parent.iterdir()} == before


def test_a_description_elsewhere_and_a_link_are_not_written_over(cohort: Path) -> None:
    told = cohort.with_suffix(".json").rename(cohort.with_name("told.md"))
    link = cohort.with_name("page.html")
    link.hardlink_to(cohort)
    for target in (told, link):
        with pytest.raises(CommandError, match="would overwrite"):
            run("cohort", cohort, "--schema", told, "--page", target)
    run("cohort", cohort, "--schema", told, "--page", cohort.with_name("clinic.html"))
    assert cohort.with_name("clinic.html").stat().st_size > 1000


def test_what_cannot_be_written_is_said_before_the_work(cohort: Path, tmp_path: Path) -> None:
    judged = ("evaluate", cohort, "--outcome", "hip")
    with pytest.raises(CommandError, match=r"out\.html is named twice"):
        run(*judged, "--report", tmp_path / "out.html", "--json", tmp_path / "out.html")
    for command in ((*judged, "--report"), ("score", cohort), ("cohort", cohort, "--page")):
        with pytest.raises(CommandError, match="there is no folder"):
            run(*command, tmp_path / "absent" / "out.html")


def test_simulate_writes_over_no_note(tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError, match=r"people\.json exists"):
        run("simulate", tmp_path / "people.csv", "--people", 5)
    with pytest.raises(CommandError, match="where the note goes"):
        run("simulate", tmp_path / "other.json", "--people", 5)
    assert [path.name for path in tmp_path.iterdir()] == ["people.json"]


@pytest.mark.parametrize("ending", [".xlsx", ".XLS", ".ods"])
def test_what_is_no_workbook_is_not_called_one(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "people.csv"
    source.write_text("population,age_years,sex\ngb,70,female\n", encoding="utf-8")
    for command in (("score", source), ("simulate",)):
        with pytest.raises(CommandError, match=r"workbooks are not written; give .*\.csv"):
            run(*command, tmp_path / f"out{ending}")
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]
    run("score", source, tmp_path / "out.txt", "--no-interval")
    assert len(pd.read_csv(tmp_path / "out.txt")) == 1


@pytest.mark.parametrize("seed", ["-1", "1.5", "two", str(LARGEST_SEED + 1)])
def test_a_seed_is_a_whole_number_that_every_library_takes(cohort: Path, seed: str) -> None:
    for command in (
        ("train", cohort, "--model-id", "m"),
        ("explain", "cox-simulated-3", cohort),
        ("evaluate", cohort, "--outcome", "hip"),
        ("simulate", cohort.with_name("new.csv")),
    ):
        with pytest.raises(CommandError, match="whole number from 0 to 2,147,483,647"):
            run(*command, "--seed", seed)


def test_seeds_at_the_limits_are_taken(tmp_path: Path) -> None:
    for seed in (0, LARGEST_SEED):
        assert "5 people" in run(
            "simulate", tmp_path / f"{seed}.csv", "--people", 5, "--seed", seed
        )
