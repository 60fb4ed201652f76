"""The file of peers: what is meant is read, and a slip is told and not skipped."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from riskapp.exchange import connections
from riskapp.exchange.connection import Connection, Secret, UnusableConnection
from riskapp.exchange.connections import LARGEST_FILE_BYTES, Connections, read_connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive(Connection):
    url: str
    port: int = 104
    timeout_s: float = 10.0
    returns: tuple[str, ...] = ()
    headers: dict[str, str] | None = None
    password: Secret | None = None
    tls: bool = False

    def __post_init__(self) -> None:
        if self.port == 0:
            raise UnusableConnection("port is 1 to 65535.")


ENTRY = '[[archive]]\nname = "A"\norganisation = "Clinic"\nurl = "http://127.0.0.1"\n'


def _read(tmp_path: Path, text: str) -> Connections:
    path = tmp_path / "connections.toml"
    path.write_text(text, encoding="utf-8")
    return read_connections(path, {"archive": Archive})


def test_a_site_without_the_file_has_no_peers(tmp_path: Path) -> None:
    assert read_connections(tmp_path / "none.toml").of(Archive) == ()


def test_an_entry_is_read_with_its_types(tmp_path: Path) -> None:
    more = 'timeout_s = 3\nreturns = ["sr"]\nheaders = { a = "b" }\npassword = { env = "X" }\n'
    one = _read(tmp_path, ENTRY + more).named(Archive, "A")
    assert one == Archive(
        name="A",
        organisation="Clinic",
        url="http://127.0.0.1",
        timeout_s=3.0,
        returns=("sr",),
        headers={"a": "b"},
        password=Secret(env="X"),
    )
    assert _read(tmp_path, ENTRY).named(Archive, "B") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[archiv]]", "has the table 'archiv'; there are archive"),
        ("[archive]\nname = 'A'", "under a heading [[archive]]"),
        ("archive = 3", "under a heading [[archive]]"),
        (ENTRY + "prot = 3", "archive 1 has no key 'prot'"),
        ("[[archive]]\nname = 'A'", "needs organisation, url"),
        (ENTRY + "port = '104'", "port is a whole number"),
        (ENTRY + "port = true", "port is a whole number"),
        (ENTRY + "tls = 1", "tls is true or false"),
        (ENTRY + "timeout_s = 'x'", "timeout_s is a number"),
        (ENTRY + "returns = 'sr'", "returns is a list of texts"),
        (ENTRY + "headers = { a = 1 }", "headers is a table of texts"),
        (ENTRY + "password = 'secret'", 'written { env = "NAME" }'),
        (ENTRY + "password = {}", "names either env or file"),
        (ENTRY + "port = 0", "archive 1: port is 1 to 65535"),
        (ENTRY.replace('"A"', '""'), "name is text"),
        (ENTRY + ENTRY, "Two entries of archive"),
        ("no toml", "is no TOML"),
        ("x = " + "[" * 100_000, "is no TOML"),
        ("#" * (LARGEST_FILE_BYTES + 1), "too large"),
    ],
)
def test_a_slip_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UnusableConnection) as refusal:
        _read(tmp_path, text)
    assert told in str(refusal.value)


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, ENTRY + "#" * (LARGEST_FILE_BYTES - len(ENTRY))).of(Archive)


def test_a_secret_lies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "secret"
    kept.write_text("word\n", encoding="utf-8")
    monkeypatch.setenv("WORD", "another")
    assert Secret(file=str(kept)).read() == "word"
    assert Secret(env="WORD").read() == "another"
    with pytest.raises(UnusableConnection, match="NOWHERE is not set"):
        Secret(env="NOWHERE").read()
    with pytest.raises(UnusableConnection, match="cannot be read"):
        Secret(file=str(tmp_path / "none")).read()


def test_every_kind_of_peer_is_known_whoever_reads_the_file() -> None:
    home = Path(connections.__file__).parent
    kinds = {path.stem for path in home.glob("connection_*.py")}
    read = {kind.__module__.rpartition(".")[2] for kind in connections.SECTIONS.values()}
    assert read == kinds
