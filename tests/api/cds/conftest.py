"""A record system that the site has named, and one call's worth of everything else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riskapp.exchange import published_keys
from tests.api.cds.record_system import RecordSystem


@pytest.fixture
def named(tmp_path: Path, settings: Any) -> Callable[[str], None]:
    """Write the site's file of connections."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"

    def write(text: str) -> None:
        published_keys._held.clear()
        settings.CONNECTIONS_FILE.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def ward(named: Callable[[str], None], owner: object) -> RecordSystem:
    """The record system of the owner's clinic."""
    system = RecordSystem()
    named(system.entry())
    return system
