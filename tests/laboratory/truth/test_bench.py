"""The bench from simulated cohort to page, on few people."""

import json
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from riskapp.laboratory.truth.bench import EVIDENCE, Asked, Result, done, results
from riskapp.laboratory.truth.page import OtherBench, as_data, from_data
from riskapp.laboratory.truth.worlds import WORLDS, options_of
from riskapp.training.storing import simulated_cohort
from riskapp.training.writing import as_json


def test_where_the_evidence_is_right_it_comes_out_as_right() -> None:
    asked = Asked(worlds=("evidence-right", "level-wrong"), engines=(), people=(), fresh=80)
    found = {(one.world, one.outcome): one.judged for one in results(asked)}
    right = found["evidence-right", "major_osteoporotic"]
    assert right.error < 2e-4
    assert right.slope == pytest.approx(1, abs=0.003)
    assert right.level == pytest.approx(1, abs=0.003)
    wrong = found["level-wrong", "hip"]
    assert wrong.level == pytest.approx(1.4, abs=0.12)


@cache
def few() -> tuple[Asked, tuple[Result, ...]]:
    asked = Asked(
        worlds=("effect-and-column",), engines=("cox",), people=(600,), fresh=120, intervals=10
    )
    return asked, tuple(results(asked))


def test_anchored_beats_not_anchored_on_few_people() -> None:
    _, found = few()
    assert {one.engine for one in found} == {EVIDENCE, "cox"}
    for outcome in ("hip", "major_osteoporotic"):
        mine, alone = (
            one.judged for one in found if one.outcome == outcome and one.engine == "cox"
        )
        assert mine.error < alone.error
        assert mine.c > alone.c
        assert mine.coverage is not None


def test_what_was_tried_is_kept_and_not_tried_again() -> None:
    asked, found = few()
    stored = json.loads(json.dumps(as_data(asked, found)))
    assert from_data(asked, stored) == list(found)
    assert not list(results(asked, done(found)))
    with pytest.raises(OtherBench, match="fresh"):
        from_data(replace(asked, fresh=121), stored)


def test_the_command_writes_the_page_of_what_was_tried(tmp_path: Path) -> None:
    asked, found = few()
    kept, out = tmp_path / "truth.json", tmp_path / "truth.md"
    kept.write_text(as_json(as_data(asked, found)), encoding="utf-8")
    call_command(
        "bench_truth",
        *("--worlds", "effect-and-column", "--people", "600", "--engines", "cox"),
        *("--repeats", "1", "--fresh", "120", "--intervals", "10"),
        *("--json", str(kept), "--write-docs", str(out)),
        stdout=StringIO(),
    )
    told = out.read_text(encoding="utf-8")
    assert "muscle strength" in told
    assert "| cox, not anchored | 600 |" in told
    assert "Anchored engines lose at most" in told
    with pytest.raises(CommandError, match="another bench"):
        call_command("bench_truth", "--json", str(kept), stdout=StringIO())


def test_fresh_people_are_all_followed_to_the_end() -> None:
    cohort = simulated_cohort(options_of(WORLDS["level-wrong"], 300, 3, "gb"))
    assert len(cohort.profiles) == 300
    death = cohort.follow_up["death"]
    assert (death.event | (death.years == 10.0)).all()
