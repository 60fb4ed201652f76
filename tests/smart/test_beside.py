"""The made-up hospital beside a demo: never over a site's own list, never beyond this machine."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connections import read_connections
from riskapp.management.mock_ehr.beside import mock_beside
from riskapp.management.mock_ehr.starting import HOST, mock_ehr, server_of

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def listed(tmp_path: Path, settings: Settings) -> Path:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    return tmp_path / "connections.toml"


def test_a_site_without_a_list_is_given_one_that_names_all_that_the_demo_talks_to(
    listed: Path,
) -> None:
    beside = mock_beside(18_000, "Demo clinic")
    assert beside is not None
    read = read_connections(listed)
    (ehr,), (hooks, machine, sandbox) = read.of(EhrConnection), read.of(CdsClient)
    assert ehr.iss == f"{beside.address}/fhir" == hooks.issuer
    assert ehr.framed_by == (beside.address,)
    assert hooks.smart_app == "http://127.0.0.1:18000/smart/launch"
    assert [one.unsigned for one in (hooks, machine, sandbox)] == [False, True, False]
    assert sandbox.issuer == "https://sandbox.cds-hooks.org"
    assert {one.organisation for one in (ehr, hooks, machine, sandbox)} == {"Demo clinic"}


def test_a_port_that_is_taken_is_left_to_who_has_it(listed: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        beside = mock_beside(port - 1, "Demo clinic")
    assert beside is not None
    assert not beside.address.endswith(f":{port}")


def test_the_next_start_finds_it_where_the_list_says_and_leaves_additions_alone(
    listed: Path,
) -> None:
    first = mock_beside(18_000, "Demo clinic")
    assert first is not None
    added = listed.read_text(encoding="utf-8") + "# ours\n"
    listed.write_text(added, encoding="utf-8")
    assert mock_beside(18_100, "Demo clinic") == replace(
        first, arguments=(*first.arguments[:-1], "http://127.0.0.1:18100")
    )
    assert listed.read_text(encoding="utf-8") == added
    with socket.create_server((HOST, int(first.address.rpartition(":")[2]))):
        assert mock_beside(18_000, "Demo clinic") is None


@pytest.mark.parametrize("own", ["", "[[ehr]]"])
def test_a_list_that_names_no_such_hospital_is_kept(listed: Path, own: str) -> None:
    listed.write_text(own, encoding="utf-8")
    assert mock_beside(18_000, "Demo clinic") is None
    assert listed.read_text(encoding="utf-8") == own


def test_it_listens_on_this_machine_only() -> None:
    with server_of(mock_ehr("http://127.0.0.1:9")) as server:
        assert server.server_address[0] == "127.0.0.1"
