"""The made-up hospital beside a demo: where it is, and the list of connections that names it."""

import logging
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connections import read_connections
from riskapp.management.mock_ehr.starting import HOST, NAME, connections_of

OTHERS = settings.BASE_DIR / "fixtures" / "demo-connections.toml"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MockBeside:
    """Where it will be, and what starts it."""

    address: str
    arguments: tuple[str, ...]


def mock_beside(port: int, organisation: str) -> MockBeside | None:
    """The hospital that the list of connections names, for the demo at this port.

    A site without a list is given one, which it may add to; a list that is there is never changed.
    None where that names no such hospital, or where its port is taken.
    """
    trabecula, listed = f"http://{HOST}:{port}", settings.CONNECTIONS_FILE
    if not listed.exists():
        hospital = connections_of(f"http://{HOST}:{_free_port(port + 1)}", trabecula, organisation)
        others = OTHERS.read_text(encoding="utf-8")
        listed.write_text(f"{hospital}\n{others}", encoding="utf-8")
    there = _port_listed()
    if there is None:
        return None
    if there == port or not _is_free(there):
        logger.warning("Port %d is taken, so the made-up hospital is not started.", there)
        return None
    arguments = ("manage.py", "mock_ehr", "--port", str(there), "--trabecula", trabecula)
    return MockBeside(f"http://{HOST}:{there}", arguments)


def _port_listed() -> int | None:
    """Where on this machine the list of connections says that the hospital is."""
    try:
        ehr = read_connections(settings.CONNECTIONS_FILE).named(EhrConnection, NAME)
    except UnusableConnection:
        return None  # the page "Connections" says what to mend
    at = urlsplit(ehr.iss) if ehr else None
    return at.port if at and at.hostname == HOST else None


def _free_port(wished: int) -> int:
    """The port wished for, or another one where it is taken."""
    if _is_free(wished):
        return wished
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True
