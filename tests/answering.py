"""What a child of ``imaging.isolated`` is asked, answered here: the same bytes, no process."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from imaging.isolated import asking, child, storing


@dataclass(frozen=True, slots=True)
class Answered:
    """Reads as the child's pipe does."""

    answer: BytesIO

    def read(self, size: int = -1) -> bytes:
        return self.answer.read(size)

    def problem(self, _: bytes) -> None:
        """A fault of ours is raised where it is made."""


@contextmanager
def _answered(request: Mapping[str, Any], _: asking.ChildLimits) -> Iterator[Answered]:
    answer = BytesIO()
    child._task(request["task"])(json.loads(json.dumps(request)), answer)
    answer.seek(0)
    yield Answered(answer)


@pytest.fixture
def answered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take apart and measure in this process: a child takes seconds to start.

    For tests of what is done with an answer; that a child gives it is tried in tests/imaging,
    test_measuring and the browser.
    """
    for module in (asking, storing):
        monkeypatch.setattr(module, "asked", _answered)
