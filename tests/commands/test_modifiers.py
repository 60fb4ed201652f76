"""`manage.py modifiers`: every modifier with its source, or with what is missing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from riskapp.risk import published

COHORTS = Path(__file__).parents[2].parent / "shared" / "data" / "cohorts"
NHANES = COHORTS / "nhanes_2017_2020" / "nhanes_2017_2020_50plus.csv"
KOREA = COHORTS / "korea_bone_quality" / "BoneQuality.csv"


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("modifiers", *arguments, stdout=out)
    return out.getvalue()


def test_every_modifier_is_listed_on_with_its_source_or_off_with_what_is_missing() -> None:
    listed = told()
    on, off = listed.count(": on\n"), listed.count(": off\n")
    assert (on, off) == (5, 5)
    assert listed.count("  effect: ") >= on
    assert listed.count("  missing: ") == on + off
    assert "Hip axis length: off" in listed
    assert "Falls in the last year: on" in listed


def test_every_modifier_says_the_same_things() -> None:
    for name in published.names("modifiers"):
        table = published.read(f"modifiers/{name}")
        assert {"fields", "on", "effect", "interval", "source", "mark", "missing"} <= set(table)
        assert table["on"] <= (table["source"] is not None)


@pytest.mark.skipif(not (NHANES.exists() and KOREA.exists()), reason="the open tables are not here")
def test_the_estimate_gives_the_lines_that_ship() -> None:
    found = json.loads(told("--estimate", str(NHANES), str(KOREA)))
    shipped = published.read("modifiers/bone-measurements")["lines"]
    for name, line in found["lines"].items():
        assert line == {sex: shipped[name][sex] for sex in ("female", "male")}
