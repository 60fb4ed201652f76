"""simulate, train, models and score: a site's own model from cohort file to answer."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from riskapp import modelstore
from riskapp.modelstore import folders

# The listing says who approved each model.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohort") / "people.csv"
    call_command("simulate", path, people=800, seed=3, stdout=StringIO())
    return path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(folders, "_places", [folders.SHIPPED_MODELS])
    modelstore.engines._learned.cache_clear()
    yield tmp_path / "models"
    modelstore.engines._learned.cache_clear()


def run(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, **options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_cohort_becomes_models_that_answer(cohort: Path, models: Path, tmp_path: Path) -> None:
    told = run("train", cohort, model_id="site-1", engine=["cox", "lightgbm"], out=models)
    assert "site-1-cox  cox  simulated  800 people" in told
    assert "site-1-lightgbm  lightgbm  simulated" in told
    assert "site-1-cox" in run("models")
    assert "**Simulated.**" in run("models", cards=True)

    people = tmp_path / "two.csv"
    people.write_text("id,age_years,sex,population\na,72,female,gb\nb,72,female,us\n")
    asked = {"engine": ["cox", "lightgbm"], "model_id": "site-1"}
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr(folders, "_places", [folders.SHIPPED_MODELS])
        with pytest.raises(CommandError, match=r"another folder with --models\."):
            run("score", people, tmp_path / "out.csv", **asked)
        with pytest.raises(CommandError, match="Workers know no --models"):
            run("score", people, tmp_path / "out.csv", **asked, models=models, dask="local")
        run("score", people, tmp_path / "out.csv", **asked, models=models)
    scored = (tmp_path / "out.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(scored.splitlines()))
    answered = [row for row in rows if row["id"] == "a"]
    assert [row["model_id"] for row in answered] == ["site-1-cox", "site-1-lightgbm"]
    for row in answered:
        assert 0.02 < float(row["hip_10y"]) < 0.09
        assert not row["refused"]
    # Elsewhere the evidence of that population goes on, with a word of warning.
    for row in (row for row in rows if row["id"] == "b"):
        assert not row["refused"]
        assert "learned from people of population gb" in row["warnings"]


def test_a_cohort_of_a_site_is_judged_by_cross_validation_and_says_whose_it_is(
    cohort: Path, models: Path, tmp_path: Path
) -> None:
    own = tmp_path / "clinic.csv"
    people = cohort.read_text(encoding="utf-8")
    own.write_text(people.replace("simulated-", "clinic-"), encoding="utf-8")
    run("train", own, model_id="clinic-1", engine=["lightgbm"], out=models)
    model = modelstore.load("clinic-1")
    assert model.trained_on == "cohort clinic"
    assert "cross-validation" in model.validation["how"]
    assert "Simulated" not in model.card
    assert model.validation["outcomes"]["hip"]["concordance"] > 0.75


def test_a_simulated_cohort_under_another_name_still_makes_a_simulated_model(
    cohort: Path, models: Path, tmp_path: Path
) -> None:
    own = tmp_path / "clinic.csv"
    own.write_text(cohort.read_text(encoding="utf-8"), encoding="utf-8")
    run("train", own, model_id="clinic-2", engine=["cox"], out=models)
    model = modelstore.load("clinic-2")
    assert model.trained_on == "simulated"
    assert "**Simulated.**" in model.card
    assert "cross-validation" in model.validation["how"]


def test_a_taken_or_impossible_id_is_refused_before_anything_is_fitted(
    cohort: Path, models: Path
) -> None:
    with pytest.raises(CommandError, match="never changed in place"):
        run("train", cohort, model_id="cox-simulated-3", engine=["cox"], out=models)
    with pytest.raises(CommandError, match="cannot be a model id"):
        run("train", cohort, model_id="../mine", engine=["cox"], out=models)
    assert not models.exists()


def test_an_id_is_refused_as_it_was_written_and_before_anything_is_read(models: Path) -> None:
    for wrong in ("A B", "../x", ""):
        with pytest.raises(CommandError, match=f"{wrong!r} cannot be a model id"):
            run("train", models / "absent.csv", model_id=wrong, engine=["cox", "xgboost"])
    with pytest.raises(CommandError, match=f"'{'m' * 62}-cox' cannot be a model id"):
        run("train", models / "absent.csv", model_id="m" * 62, engine=["cox", "xgboost"])
    with pytest.raises(CommandError, match="There is no file"):
        run("train", models / "absent.csv", model_id="m" * 64, engine=["cox"], out=models)


def test_a_cohort_of_deaths_alone_is_refused_before_anything_is_fitted(
    cohort: Path, models: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(cohort)
    kept = [name for name in table if not name.endswith(("_event", "_time_years"))]
    path = tmp_path / "deaths.csv"
    table[[*kept, "death_event", "death_time_years"]].to_csv(path, index=False)
    out = StringIO()
    with pytest.raises(CommandError, match="no fracture after baseline"):
        call_command("train", path, model_id="d", engine=["cox"], out=models, stdout=out)
    assert "people" in out.getvalue()
    assert "Fitting" not in out.getvalue()


def test_a_file_that_is_no_cohort_is_refused_in_a_sentence(models: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no file .*absent\.csv"):
        run("train", tmp_path / "absent.csv", model_id="x", out=models)
    (tmp_path / "plain.csv").write_text("age_years,sex\n70,female\n", encoding="utf-8")
    with pytest.raises(CommandError, match="no outcome|lacks|outcome"):
        run("train", tmp_path / "plain.csv", model_id="x", out=models)


def test_simulate_never_overwrites_and_asks_for_somebody(cohort: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="exists"):
        run("simulate", cohort, people=10)
    with pytest.raises(CommandError, match="1 or more"):
        run("simulate", tmp_path / "none.csv", people=0)
    with pytest.raises(CommandError, match="not available"):
        run("simulate", tmp_path / "moon.csv", people=10, population="moon")


def test_what_workers_cannot_train_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="On workers cox, xgboost, lightgbm can be trained"):
        run("train", tmp_path / "no.parquet", model_id="m", engine=["neural"], dask="local")
