"""The peers of a site, as one TOML file names them. See docs/connections.md."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from riskapp.exchange.connection import Connection, Secret, UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connection_fhir import FhirServer
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.connection_messages import MessageDestination, MessageSource
from riskapp.exchange.connection_sender import Sender

Kind = TypeVar("Kind", bound=Connection)
# Table in the file -> what one entry of it may say. Each kind of peer has a module of its own.
SECTIONS: dict[str, type[Connection]] = {
    "archive": Archive,
    "cds_client": CdsClient,
    "ehr": EhrConnection,
    "fhir_server": FhirServer,
    "identity_provider": IdentityProvider,
    "sender": Sender,
    "message_destination": MessageDestination,
    "message_source": MessageSource,
}
LARGEST_FILE_BYTES = 1_000_000
WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Connections:
    """Every peer, by table of the file and in its order."""

    by_section: Mapping[str, Sequence[Connection]] = field(default_factory=dict)

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """All peers of one kind."""
        rows = (one for rows in self.by_section.values() for one in rows)
        return tuple(one for one in rows if isinstance(one, kind))

    def named(self, kind: type[Kind], name: str) -> Kind | None:
        """The peer of this kind and name; None where the file has none, perhaps no longer."""
        return next((one for one in self.of(kind) if one.name == name), None)


def read_connections(
    path: Path, sections: Mapping[str, type[Connection]] | None = None
) -> Connections:
    """Read the file; a site without one has no peers.

    Raises
    ------
    UnusableConnection
        With the entry and the key that must be mended: a slip must not switch a peer off unseen.
    """
    known = SECTIONS if sections is None else sections
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise UnusableConnection(f"{path.name} is too large to be a list of connections.")
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Connections()
    except (OSError, UnicodeDecodeError):
        raise UnusableConnection(f"{path.name} cannot be read as text in UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as reason:
        raise UnusableConnection(f"{path.name} is no TOML: {reason}.") from None
    strange = sorted(set(told) - set(known))
    if strange:
        raise UnusableConnection(
            f"{path.name} has the table {strange[0]!r}; there are {', '.join(sorted(known))}."
        )
    return Connections({name: _section(name, rows, known[name]) for name, rows in told.items()})


def _section(section: str, rows: object, kind: type[Connection]) -> tuple[Connection, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnusableConnection(f"Write each {section} under a heading [[{section}]].")
    read = tuple(_built(kind, row, f"{section} {number}") for number, row in enumerate(rows, 1))
    names = [one.name for one in read]
    if len(set(names)) < len(names):
        raise UnusableConnection(f"Two entries of {section} have one name; each needs its own.")
    return read


def _built(kind: type[Any], row: Mapping[str, object], where: str) -> Any:
    hints = get_type_hints(kind)
    needed = {one.name for one in fields(kind) if _is_needed(one)}
    strange, missing = sorted(set(row) - set(hints)), sorted(needed - set(row))
    if strange:
        raise UnusableConnection(f"The entry {where} has no key {strange[0]!r}.")
    if missing:
        raise UnusableConnection(f"The entry {where} needs {', '.join(missing)}.")
    values = {name: _value(hints[name], given, f"{where}: {name}") for name, given in row.items()}
    try:
        return kind(**values)
    except UnusableConnection as reason:
        raise UnusableConnection(f"The entry {where}: {reason}.") from None


def _is_needed(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _value(hint: Any, given: object, where: str) -> Any:
    if get_origin(hint) in (Union, UnionType):  # a key that may be left out
        hint = next(one for one in get_args(hint) if one is not type(None))
    origin = get_origin(hint) or hint
    if origin is Secret:
        if not isinstance(given, dict):
            raise UnusableConnection(f'The entry {where} is written {{ env = "NAME" }}.')
        return _built(Secret, given, where)
    if origin is tuple:
        if not isinstance(given, list) or not _are_texts(given):
            raise UnusableConnection(f"The entry {where} is a list of texts.")
        return tuple(given)
    if origin in (dict, Mapping):
        if not isinstance(given, dict) or not _are_texts(given.values()):
            raise UnusableConnection(f"The entry {where} is a table of texts.")
        return given
    return _plain(origin, given, where)


def _plain(kind: type[Any], given: object, where: str) -> object:
    if kind is float and type(given) is int:
        return float(given)
    if type(given) is not kind or given == "":
        raise UnusableConnection(f"The entry {where} is {WORDS[kind]}.")
    return given


def _are_texts(given: Iterable[object]) -> bool:
    return all(isinstance(one, str) for one in given)
