"""A site's own names from training to answers and judgement: one JSON, several files."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from riskapp import modelstore
from riskapp.cohorts.follow_up import FollowUp
from riskapp.cohorts.reading import cohort_from, read_cohort
from riskapp.cohorts.site_schema import schema_from
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import course
from riskapp.modelstore import folders
from riskapp.training.fitting import fit, recipe_for

pytestmark = pytest.mark.django_db
SITE = {
    "person": "who",
    "rename": {"alder": "age_years", "vekt": "weight_kg", "fn": "femoral_neck_t_score"},
    "values": {"sex": {"1": "male", "2": "female"}},
    "constants": {"population": "gb", "height_cm": 165},
    "units": {"weight_kg": "[lb_av]"},
    "outcomes": {
        "hip": {"event": "hofte", "time": "hofte_t"},
        "any": {"event": "alle", "time": "alle_t"},
    },
    "columns": [
        {"name": "strength", "from": "quad", "label": "Quadriceps strength", "unit": "kg"},
        {"name": "sway", "unit": "mm2"},
    ],
}


def people(number: int, seed: int) -> pd.DataFrame:
    """People whose fractures go with age and strength, some past ninety, some without sway."""
    rng = np.random.default_rng(seed)
    age, score = rng.uniform(62, 89, number), rng.normal(size=number)
    age[:3] = 92.5
    pull = np.exp(0.07 * (age - 75) - 0.9 * score)
    until = rng.uniform(6, 12, number)
    hip, other = (rng.exponential(1 / (rate * pull)) for rate in (0.012, 0.03))
    any_at = np.minimum(hip, other)
    sway = rng.uniform(200, 2000, number)
    return pd.DataFrame(
        {
            "who": [f"p{seed}-{row}" for row in range(number)],
            "alder": age.round(2),
            "sex": rng.integers(1, 3, number),
            "vekt": rng.uniform(110, 190, number).round(1),
            "fn": rng.normal(-1.3, 1, number).round(2),
            "quad": (22 + 6 * score).clip(2).round(1),
            "sway": np.where(rng.random(number) < 0.2, np.nan, sway.round(0)),
            "hofte": (hip <= until).astype(int),
            "hofte_t": np.minimum(hip, until).round(4),
            "alle": (any_at <= until).astype(int),
            "alle_t": np.minimum(any_at, until).round(4),
        }
    )


def run(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, **options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the cohort, its JSON, and the model that was trained on it."""
    place = tmp_path_factory.mktemp("site")
    before = list(folders._places)
    people(450, 1).to_csv(place / "first.csv", index=False)
    (place / "first.json").write_text(json.dumps(SITE), encoding="utf-8")
    told = run(
        "train", place / "first.csv", model_id="own", engine=["cox"], out=place, clamp_age=True
    )
    assert "450 people" in told
    yield place
    folders._places[:] = before
    modelstore.engines._learned.cache_clear()


def scored(path: Path, *options: object, **more: Any) -> list[dict[str, str]]:
    output = path.with_name("scores.csv")
    run("score", path, output, *options, engine=["cox"], model_id="own", no_interval=True, **more)
    with output.open(newline="", encoding="utf-8") as found:
        return list(csv.DictReader(found))


def probabilities(rows: list[dict[str, str]], outcome: str = "hip") -> np.ndarray[Any, Any]:
    assert not [row["refused"] for row in rows if row["refused"]]
    return np.array([float(row[f"{outcome}_10y"]) for row in rows])


def test_the_model_learned_from_the_sites_column(site: Path) -> None:
    model = modelstore.load("own")
    assert "strength" in model.parameters["columns"]
    assert "ipa" not in model.validation["outcomes"]["hip"]  # deaths were not recorded
    weak, strong = (people(1, 9).assign(quad=quad) for quad in (8.0, 38.0))
    two = site / "two.csv"
    pd.concat([weak, strong]).assign(alder=80, sex=2, vekt=140, fn=-2, sway=700).to_csv(two)
    risk = probabilities(scored(two, schema=site / "first.json"))
    assert risk[0] > 1.5 * risk[1]


@pytest.mark.parametrize("outcome", ["hip", "any"])
def test_the_c_of_evaluate_is_that_of_the_numbers_that_score_wrote(
    site: Path, outcome: str
) -> None:
    table = people(120, 2)
    shuffled = table[list(table.columns)[::-1]].assign(note="seen twice")
    path = site / "second.csv"
    shuffled.to_csv(path, index=False)
    told = site / f"{outcome}.json"
    arguments = {"schema": site / "first.json", "clamp_age": True}
    run("evaluate", path, outcome=outcome, model_id=["own"], json=told, resamples=20, **arguments)
    document = json.loads(told.read_text(encoding="utf-8"))
    assert document["compared_on"]["people"] == 120
    rows = scored(path, **arguments)
    assert [row["id"] for row in rows] == list(table["who"])
    assert "note" in rows[0]["warnings"]
    assert "hofte" not in rows[0]["warnings"]
    named = {"hip": ("hip", "hofte"), "any": ("major_osteoporotic", "alle")}[outcome]
    seen = FollowUp(event=table[named[1]].to_numpy() == 1, years=table[f"{named[1]}_t"].to_numpy())
    expected = harrell(probabilities(rows, named[0]), course(seen, None)).c
    assert document["results"]["own"]["harrell"]["value"] == pytest.approx(expected, abs=1e-9)


def test_parquet_and_csv_are_one_file(site: Path) -> None:
    table = people(40, 3)
    for name in ("third.csv", "third.parquet"):
        write = table.to_csv if name.endswith("csv") else table.to_parquet
        write(site / name, index=False)
    (site / "third.json").write_text(json.dumps(SITE), encoding="utf-8")
    as_csv, as_parquet = (
        probabilities(scored(site / name, clamp_age=True))
        for name in ("third.csv", "third.parquet")
    )
    np.testing.assert_array_equal(as_csv, as_parquet)
    cohort = read_cohort(site / "third.parquet", clamp_age=True)
    assert len(cohort.profiles) == 40


def test_a_file_without_some_of_the_columns_is_answered_and_judged_all_the_same(
    site: Path,
) -> None:
    path = site / "fourth.csv"
    people(60, 4).drop(columns=["sway"]).assign(quad="").to_csv(path, index=False)
    rows = scored(path, clamp_age=True, schema=site / "first.json")
    assert len(probabilities(rows)) == 60
    assert {"strength", "sway"} <= set(rows[0]["unknown"].split(";"))
    told = run(
        "evaluate", path, outcome="any", model_id=["own"], resamples=20,
        schema=site / "first.json", clamp_age=True,
    )  # fmt: skip
    assert "Harrell's C" in told
    # People to be asked about have no outcome yet, and need none.
    table = people(5, 5).drop(columns=["hofte", "hofte_t", "alle", "alle_t"])
    table.to_csv(path, index=False)
    assert len(probabilities(scored(path, clamp_age=True, schema=site / "first.json"))) == 5


def test_beyond_an_undeclared_range_a_person_is_warned_about_and_a_slip_refused(site: Path) -> None:
    # Nobody that the model was taught by has more than 2,000.
    path = site / "beyond.csv"
    people(2, 8).assign(sway=[9_000, 90_000]).to_csv(path, index=False)
    unlike, slip = scored(path, clamp_age=True, schema=site / "first.json")
    assert not unlike["refused"]
    assert "in nearly all people that cox was trained on" in unlike["warnings"]
    assert "sway is 90000" in slip["refused"]


def test_a_row_that_cannot_be_used_keeps_its_place_and_its_id(site: Path) -> None:
    path = site / "fifth.csv"
    table = people(4, 6).astype(object)
    table.loc[3, "sex"] = 7
    table.to_csv(path, index=False)
    rows = scored(path, schema=site / "first.json")
    assert [row["id"] for row in rows] == ["p6-0", "p6-1", "p6-2", "p6-3"]
    assert [bool(row["refused"]) for row in rows] == [True] * 4  # three past ninety, one code
    assert "40" in rows[0]["refused"]


def test_a_json_that_is_no_description_is_refused_before_anything_is_written(site: Path) -> None:
    path, output = site / "sixth.csv", site / "none.csv"
    people(4, 7).to_csv(path, index=False)
    path.with_suffix(".json").write_text('{"colums": []}', encoding="utf-8")
    with pytest.raises(CommandError, match="does not say how to read"):
        run("score", path, output)
    assert not output.exists()


def test_the_rows_that_come_with_the_product_have_no_json_in_their_way(tmp_path: Path) -> None:
    output = tmp_path / "scores.csv"
    run("score", Path(__file__).parents[2] / "fixtures/people.csv", output, no_interval=True)
    refused = [row["refused"] != "" for row in csv.DictReader(output.read_text().splitlines())]
    assert (len(refused), sum(refused)) == (4, 1)


def test_a_direction_that_the_people_do_not_follow_is_kept_and_said() -> None:
    found = {}
    for direction in ("riskier", "safer"):
        told = SITE | {"columns": [SITE["columns"][0] | {"direction": direction}]}
        cohort = cohort_from(
            people(450, 1), name="x", schema=schema_from(told, "x"), clamp_age=True
        )
        found[direction] = fit(cohort, recipe_for("cox", 1)).parameters
    for cause in ("hip", "other_major_osteoporotic"):
        ends = {each: told["hazards"][cause]["coefficients"][-1] for each, told in found.items()}
        assert ends["riskier"] == 0
        assert ends["safer"] < -0.2
    said = " ".join(found["riskier"]["notes"])
    assert "strength is declared riskier, and these people do not show that of hip" in said
    assert "declared" not in " ".join(found["safer"]["notes"])


def test_an_age_is_worked_out_from_dates_as_the_site_writes_them(site: Path) -> None:
    table = people(4, 11).drop(columns=["alder"])
    table = table.assign(born=["03.02.1940", "03.02.1940", "", "1940"], seen="03.02.2015")
    path = site / "dated.csv"
    table.to_csv(path, index=False)
    dates = {"baseline": "seen", "birth": "born", "format": "%d.%m.%Y"}
    rename = {theirs: ours for theirs, ours in SITE["rename"].items() if ours != "age_years"}
    path.with_suffix(".json").write_text(
        json.dumps(SITE | {"rename": rename, "dates": dates}), encoding="utf-8"
    )
    rows = scored(path)
    assert [bool(row["refused"]) for row in rows] == [False, False, True, True]
    assert "Age is needed" in rows[2]["refused"]
    given = site / "given.csv"
    table.assign(alder=75.0).to_csv(given, index=False)
    same = scored(given, schema=site / "first.json")
    np.testing.assert_allclose(probabilities(rows[:2]), probabilities(same[:2]), rtol=1e-3)
