"""explain: what a stored model rests on, as words, as a page and as JSON."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db
HEADER = "id,population,sex,age_years,body_mass_index,hip_axis_length_mm,hip_event,hip_time_years\n"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    lines = [
        f"w{i},gb,female,{60 + i / 3},{22 + i % 9},{95 + i % 25},{int(i % 6 == 0)},{9 - i / 20}\n"
        for i in range(60)
    ]
    path = tmp_path / "clinic.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("explain", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_words_and_a_page(people: Path, tmp_path: Path) -> None:
    page = tmp_path / "explained.html"
    said = run("xgboost-simulated-3", people, "--interactions", "--report", page)
    assert "Hip axis length" in said
    assert "hazard ratio along" in said
    assert "together " in said
    written = page.read_text(encoding="utf-8")
    assert "What xgboost-simulated-3 rests on" in written
    assert written.count('role="img"') >= 2
    assert "<script" not in written


def test_json_holds_the_same(people: Path) -> None:
    told = json.loads(run("cox-simulated-3", people, "--json"))
    assert told["people"] == 60
    assert {one["cause"] for one in told["rests_on"]} >= {"hip", "other_major_osteoporotic"}
    for one in told["rests_on"]:
        assert one["columns"][0]["importance"] >= one["columns"][-1]["importance"] > 0


def test_an_absent_model_is_a_sentence(people: Path) -> None:
    with pytest.raises(CommandError, match="absent"):
        run("absent", people)
