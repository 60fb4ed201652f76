"""A few seconds of `make soak`, so that it is ready when it is asked for; docs/soak.md."""

from pathlib import Path

import pytest

from tests.migrated import lay_database_in
from tests.soak.killing import killed
from tests.soak.loading import loaded
from tests.soak.memory import is_flat
from tests.soak.report import Figures, write
from tests.soak.site import Site

SECONDS, RATE = 3.0, 4.0


@pytest.mark.enable_socket
def test_a_site_loses_nothing_when_it_is_killed_and_answers_everybody_after(tmp_path: Path) -> None:
    lay_database_in(tmp_path)
    site = Site(tmp_path)
    site.prepare()
    with site.started():
        *_, kills = killed(site, 2, 1, None, {"web": 1, "worker": 1})
        before = len(site.said_wrong())
        *_, load = loaded(site, SECONDS / 60, RATE, people=2)
        assert site.said_wrong()[before:] == []
    assert (kills.counted["kills"], kills.problems) == (2, [])
    assert load.counted["requests"]


def test_memory_that_grows_is_told_from_memory_that_is_kept_once() -> None:
    half_an_hour = [10.0 * n for n in range(180)]
    leaking = [(at, 200 + at / 90) for at in half_an_hour]  # 40 MiB an hour
    stepping = [(at, 200.0 + 30 * (at > 1_200)) for at in half_an_hour]
    warming = [(at, 200.0 + min(at, 600) / 10) for at in half_an_hour]
    assert [is_flat(one) for one in (leaking, stepping, warming)] == [False, True, True]


def test_a_part_that_is_run_again_replaces_its_own_figures_alone(tmp_path: Path) -> None:
    report = tmp_path / "var" / "figures.md"
    write(Figures("load", {"errors": 3}, ["It broke."]), report)
    write(Figures("kills", {"kills": 200}), report)
    write(Figures("load", {"errors": 0}), report)
    told = report.read_text(encoding="utf-8")
    assert told.count("## Load") == told.count("## Kills") == 1
    assert "| errors | 0 |" in told
    assert "| kills | 200 |" in told
    assert "It broke" not in told
