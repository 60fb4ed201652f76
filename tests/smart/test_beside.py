"""The made-up hospital beside a demo: never over a site's own list, never beyond this machine."""

import socket
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connections import read_connections
from riskapp.management.mock_ehr.beside import FILE, mock_beside
from riskapp.management.mock_ehr.starting import HOST, mock_ehr, server_of

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA_DIR, settings.CONNECTIONS_FILE = tmp_path, tmp_path / "connections.toml"
    monkeypatch.delenv("TRABECULA_CONNECTIONS", raising=False)
    return tmp_path


def test_its_list_of_connections_can_be_read_and_names_its_address(folder: Path) -> None:
    beside = mock_beside(18_000, "Demo clinic")
    assert beside is not None
    read = read_connections(Path(beside.environment["TRABECULA_CONNECTIONS"]))
    (ehr,), (hooks, machine, sandbox) = read.of(EhrConnection), read.of(CdsClient)
    assert ehr.iss == f"{beside.address}/fhir" == hooks.issuer
    assert [one.unsigned for one in (hooks, machine, sandbox)] == [False, True, False]
    assert sandbox.issuer == "https://sandbox.cds-hooks.org"
    assert {one.organisation for one in (ehr, hooks, machine, sandbox)} == {"Demo clinic"}
    assert ehr.framed_by == (beside.address,)
    assert hooks.smart_app == "http://127.0.0.1:18000/smart/launch"


def test_a_port_that_is_taken_is_left_to_who_has_it(folder: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        beside = mock_beside(port - 1, "Demo clinic")
    assert beside is not None
    assert not beside.address.endswith(f":{port}")


def test_a_site_with_connections_of_its_own_keeps_them(folder: Path) -> None:
    (folder / "connections.toml").write_text("", encoding="utf-8")
    assert mock_beside(18_000, "Demo clinic") is None
    assert not (folder / FILE).exists()


def test_it_listens_on_this_machine_only() -> None:
    with server_of(mock_ehr("http://127.0.0.1:9")) as server:
        assert server.server_address[0] == "127.0.0.1"
