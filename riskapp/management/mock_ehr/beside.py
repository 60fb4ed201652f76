"""The made-up hospital beside a demo: where it is, and the list of connections that names it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from riskapp.management.mock_ehr.starting import HOST, connections_of

FILE = "demo-connections.toml"
OTHERS = settings.BASE_DIR / "fixtures" / FILE


@dataclass(frozen=True, slots=True)
class MockBeside:
    """What starts it, and what Trabecula's processes must know of it."""

    address: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def mock_beside(port: int, organisation: str) -> MockBeside | None:
    """A hospital for the demo at this port; None for a site that has connections of its own.

    Its list of connections, with whom else the demo talks to, is a file of its own, so that a
    site's is never written over.
    """
    if "TRABECULA_CONNECTIONS" in os.environ or settings.CONNECTIONS_FILE.exists():
        return None
    trabecula, there = f"http://{HOST}:{port}", _free_port(port + 1)
    address = f"http://{HOST}:{there}"
    listed = settings.DATA_DIR / FILE
    hospital = connections_of(address, trabecula, organisation)
    others = OTHERS.read_text(encoding="utf-8")
    listed.write_text(f"{hospital}\n{others}", encoding="utf-8")
    return MockBeside(
        address,
        ("manage.py", "mock_ehr", "--port", str(there), "--trabecula", trabecula),
        {"TRABECULA_CONNECTIONS": str(listed)},
    )


def _free_port(wished: int) -> int:
    """The port wished for, or another one where it is taken."""
    for port in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")
