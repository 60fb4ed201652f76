"""simulate: files, their note, the truth beside them, and refusals in sentences."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from riskapp.cohorts.reading import read_cohort
from riskapp.training.simulation import simulate as simulating


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("simulate", *(str(each) for each in arguments), stdout=out)
    return out.getvalue()


def test_a_cohort_of_a_site_with_scanners_gaps_and_columns_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    told = run(
        path,
        *("--people", 300, "--missing", "routine", "--scanners", 3, "--noise-columns", 2),
        *("--site-column", "quadriceps_strength:0.8:0.9:-0.4", "--with-truth"),
    )
    assert "300 people simulated" in told
    cohort = read_cohort(path)
    assert cohort.trained_on == "simulated"
    assert len(cohort.profiles) == 300
    names = [column.name for column in cohort.site_columns]
    assert names == ["quadriceps_strength", "noise_1", "noise_2"]
    assert set(cohort.follow_up) == {"hip", "major_osteoporotic", "any", "death"}
    truth = pd.read_parquet(tmp_path / "people-truth.parquet")
    assert list(truth["id"]) == list(pd.read_parquet(path)["id"])
    note = json.loads((tmp_path / "people.json").read_text(encoding="utf-8"))
    assert note["simulated"]["site_effects"][0]["hip"] == 0.8
    assert note["simulated"]["missing"] == "routine"


def test_parts_and_whole_are_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "PEOPLE_AT_ONCE", 40)
    for name in ("first.csv", "second.csv"):
        run(tmp_path / name, "--people", 100, "--seed", 5)
    first, second = (tmp_path / name for name in ("first.csv", "second.csv"))
    assert first.read_bytes() == second.read_bytes()
    assert len(pd.read_csv(first)) == 100


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("--site-column", "strength:much"), "should be NAME:HIP"),
        (("--changed-effect", "current_smoker"), "should be FIELD:RATIO"),
        (("--changed-effect", "weather:2"), "weather cannot be changed"),
        (("--true-incidence", "0"), "between 0.02 and 50"),
        (("--true-incidence", "inf"), "between 0.02 and 50"),
        (("--site-column", "strength:0.8:0.8:nan"), "at most 10 SD"),
        (("--site-column", "strength:0.8:0.8:-10.1"), "at most 10 SD"),
        (("--longest-follow-up", "inf"), "at most 100 years"),
        (("--longest-follow-up", "100.1"), "at most 100 years"),
        (("--population", "jp"), "no male risk is estimated"),
    ],
)
def test_what_cannot_be_simulated_is_refused_and_leaves_no_file(
    tmp_path: Path, asked: tuple[str, str], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        run(tmp_path / "people.csv", "--people", "50", *asked)
    assert not list(tmp_path.iterdir())


def test_the_longest_follow_up_and_the_steepest_age_can_be_simulated(tmp_path: Path) -> None:
    edge = ("--longest-follow-up", 100, "--site-column", "strength:50:0.02:10")
    assert "20 people" in run(tmp_path / "people.csv", "--people", 20, *edge)
