"""evaluate: from a cohort file to a report and a JSON, and what it refuses to do."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

HEADER = (
    "id,population,sex,age_years,body_mass_index,femoral_neck_t_score,prior_fragility_fracture,"
    "parent_hip_fracture,current_smoker,glucocorticoids,rheumatoid_arthritis,"
    "secondary_osteoporosis,alcohol_3_or_more_units_daily,hip_event,hip_time_years,"
    "death_event,death_time_years\n"
)


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Eighty people, the older the sooner; two of an age that nothing is published for."""
    lines = []
    for number in range(80):
        broke = number % 4 == 0
        age = 95 if number > 77 else 60 + number / 4
        died = number in (7, 27)
        time = 9.5 - number / 20 if broke else 9.0 if died else 10.0
        lines.append(
            f"w{number},gb,female,{age},25,{-1 - (number % 5) / 4},0,0,0,0,0,0,0,"
            f"{int(broke)},{time},{int(died)},{9 if died else 10}\n"
        )
    path = tmp_path / "clinic.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_cohort_becomes_one_report_and_one_json(cohort: Path, tmp_path: Path) -> None:
    html, told = tmp_path / "report.html", tmp_path / "report.json"
    said = run(
        cohort, "--outcome", "hip", "--report", html, "--json", told, "--resamples", 20
    )  # fmt: skip
    assert "Harrell's C" in said
    document = json.loads(told.read_text(encoding="utf-8"))
    assert document["compared_on"]["people"] == 78
    assert document["cohort"]["left_out_rows"] == 2
    assert document["decision"] is not None
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_clamped_ages_are_judged_too(cohort: Path, tmp_path: Path) -> None:
    told = tmp_path / "report.json"
    run(cohort, "--outcome", "hip", "--json", told, "--clamp-age", "--resamples", 20)
    assert json.loads(told.read_text(encoding="utf-8"))["compared_on"]["people"] == 80


def test_what_is_not_there_is_refused_in_a_sentence(cohort: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no follow-up of any fracture"):
        run(cohort, "--outcome", "any")
    with pytest.raises(CommandError, match="absent"):
        run(cohort, "--outcome", "hip", "--model-id", "absent")
    with pytest.raises(CommandError, match="Nothing here is called 'me'"):
        run(cohort, "--outcome", "hip", "--against", "me")
    with pytest.raises(CommandError, match="2 to 50"):
        run(cohort, "--outcome", "hip", "--folds", 1)
    with pytest.raises(CommandError, match="There is no file"):
        run(tmp_path / "absent.csv", "--outcome", "hip")


def test_a_long_run_says_how_far_it_is(cohort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ("--folds", 2, "--refits", 0, "--no-curve", "--resamples", 20)
    said = run(cohort, "--outcome", "hip", "--develop", "cox", *quick).splitlines()
    waited_for = ["[0/1] Reading the cohort", "[0/3] Engines asked", "[0/2] Cox folds"]
    places = [said.index(line) for line in (*waited_for, "[1/2] Cox folds")]
    assert places == sorted(places)
    ahead = said.index("Up to 2 fits of each of cox are ahead: 2 in folds.")
    assert places[0] < ahead < places[1]
    # On a terminal bars say it.
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "[0/" not in run(cohort, "--outcome", "hip", "--resamples", 20)
