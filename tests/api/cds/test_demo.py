"""The demo's file of connections can be used, and never replaces a site's own."""

from pathlib import Path
from typing import Any

from riskapp.actions.cds_proving import cds_clients, unsigned_client
from riskapp.management import demo


def test_the_demo_names_this_machine_the_mock_hospital_and_the_sandbox(
    tmp_path: Path, settings: Any
) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    demo.name_peers()
    assert [one.name for one in cds_clients()] == [
        "this machine",
        "mock hospital",
        "public sandbox",
    ]
    told = unsigned_client()
    assert told is not None
    assert {one.organisation for one in cds_clients()} == {demo.ORGANISATION}


def test_a_file_of_the_sites_own_is_kept(tmp_path: Path, settings: Any) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text("# ours\n", encoding="utf-8")
    demo.name_peers()
    assert settings.CONNECTIONS_FILE.read_text(encoding="utf-8") == "# ours\n"
