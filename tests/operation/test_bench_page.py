"""The page of benchmarks is written from what each has found."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import growth
from benchmarks.growth import Seen, draw, power

ROW = {"what": "sums", "ours": 0.002, "peer_name": "a loop", "peer": 0.1, "note": "equal"}
IN_PROPORTION = [Seen(10_000, 0.1, 300.0), Seen(100_000, 1.0, 400.0)]


def keep(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    told = {"taken": "1 May 2026, 10:00 UTC", "load": 0.4, "rows": rows}
    (folder / f"{name}.json").write_text(json.dumps(told))


def test_each_section_is_a_benchmark() -> None:
    assert [name for name in bench.SECTIONS if find_spec(f"benchmarks.{name}") is None] == []


def test_the_page_tells_what_was_found_and_under_what_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "KEPT", tmp_path)
    keep(tmp_path, "cox_fit", [ROW, ROW | {"peer": None}])
    seen = [
        {"people": one.people, "seconds": one.seconds, "peak_mib": 1.0} for one in IN_PROPORTION
    ]
    keep(tmp_path, "growth", [{"what": "sums", "seen": seen, "power": 1.0}])
    page = bench._page()
    assert "0.4 processes wanted a core" in page
    assert "| sums | 2 ms | a loop | 100 ms | 50 | equal |" in page
    assert "| sums | 2 ms | a loop | not installed | - | equal |" in page
    assert "| sums | 100 ms, 1 MiB | 1 s, 1 MiB | - | - | 1.00 |" in page
    assert "## One person" not in page


def test_growth_in_proportion_has_the_power_one_and_is_drawn_alike_each_time(
    tmp_path: Path,
) -> None:
    assert power(IN_PROPORTION) == pytest.approx(1.0)
    assert power([Seen(10, 1.0, 1.0), Seen(100, 100.0, 1.0)]) == pytest.approx(2.0)
    drawn = []
    for name in ("first.svg", "second.svg"):
        draw({"sums": IN_PROPORTION}, tmp_path / name)
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0] == drawn[1]
    assert growth.SIZES[-1] == 10_000_000
