"""What a model rests on, printed as a table and as JSON."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from riskapp import modelstore


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    call_command("simulate", path, people=120, seed=4, stdout=StringIO())
    return path


def printed(*args: object, **options: object) -> str:
    out = StringIO()
    call_command("explain", *args, stdout=out, **options)
    return out.getvalue()


def test_tables_name_importance_effects_and_pairs(cohort: Path) -> None:
    told = printed(modelstore.SHIPPED["xgboost"], cohort, interactions=True)
    assert "other_major_osteoporotic" in told
    assert "partial dependence on lumbar_texture_score" in told
    assert "together " in told
    assert "rank correlation" not in told  # nobody asked for resamples


def test_json_says_the_same(cohort: Path) -> None:
    told = json.loads(printed(modelstore.SHIPPED["cox"], cohort, json=True))
    assert told["people"] == 120
    for cause in told["causes"].values():
        sizes = [row["mean_absolute"] for row in cause["importance"]]
        assert sizes == sorted(sizes, reverse=True)
        assert "interactions" not in cause
        for each in cause["effects"]:
            assert len(each["values"]) == len(each["partial"]) == len(each["accumulated"])


def test_no_such_model_is_refused_in_a_sentence(cohort: Path) -> None:
    with pytest.raises(CommandError, match="nobody"):
        printed("nobody", cohort)
