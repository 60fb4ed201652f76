"""Files made to exhaust their reader are answered in one sentence, soon and with little memory."""

import resource
import time
from pathlib import Path

import pytest

from imaging.measure import measure
from imaging.result import Status
from tests.imaging.bombs import BOMBS

MOST_SECONDS = 5.0  # of one core; about a half on an idle machine
MOST_BYTES = 600 * 2**20


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_answered_in_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(BOMBS[name]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    result = measure([tmp_path / "scan"]).measurement
    assert time.process_time() - begun < MOST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_BYTES
    assert result.status in {Status.UNREADABLE, Status.REFUSED}
    assert (result.reason or "").endswith(".")
    assert (result.reason or "").count(". ") == 0
