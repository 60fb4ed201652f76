"""A site's peers and what they are to have, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from riskapp.exchange.connection import Connection, Secret, UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.connection_messages import MessageDestination, MessageSource
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.connections import Connections
from riskapp.models import Delivery

KINDS = {
    "ehr": "Hospital record",
    "fhir_server": "Our own FHIR doors",
    "archive": "Scan archive",
    "sender": "Scanner or archive that may send",
    "cds_client": "Record that asks for advice (CDS Hooks)",
    "identity_provider": "Sign-in for staff",
    "message_source": "Messages in (HL7 v2)",
    "message_destination": "Messages out (HL7 v2)",
}
WHAT = {
    "webhook": "Notice to another program",
    "fhir": "Result for the record",
    "stow": "Result for the archive",
    "c-store": "Result for the archive",
    "commit": "The archive’s promise to keep a result",
    "mllp": "Result as a message",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """One configured peer; ``lacks`` says which secret of it cannot be read."""

    kind: str
    name: str
    where: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Sending:
    """One thing that a peer is to have."""

    id: str
    what: str
    destination: str
    promised_at: datetime
    confirmed_at: datetime | None
    next_try_at: datetime | None
    problem: str
    tries: int


def peers(connections: Connections, organisation: str) -> list[Peer]:
    """The organisation's own peers, by kind."""
    return [
        Peer(KINDS[section], one.name, _where(one), _lacks(one))
        for section, rows in connections.by_section.items()
        for one in rows
        if one.organisation == organisation
    ]


def _where(one: Connection) -> str:
    """Where the peer answers, or where it is listened to."""
    match one:
        case EhrConnection():
            return one.iss
        case CdsClient() | IdentityProvider():
            return one.issuer or "this machine"
        case Archive():
            web = one.dicomweb_url or one.qido_url or one.wado_url or one.stow_url
            return web or f"{one.host}:{one.port}"
        case MessageDestination():
            return f"{one.host}:{one.port}"
        case MessageSource() | Sender():
            return f"here, port {one.port}"
    return "here"


def _lacks(one: Connection) -> str:
    for value in (getattr(one, each.name) for each in fields(one)):
        if isinstance(value, Secret):
            try:
                value.read()
            except UnusableConnection as missing:
                return str(missing)
    return ""


def sendings(deliveries: Iterable[Delivery]) -> list[Sending]:
    return [
        Sending(
            id=str(one.id),
            what=WHAT.get(one.kind, one.kind),
            destination=one.destination,
            promised_at=one.asked_at,
            confirmed_at=one.confirmed_at,
            next_try_at=one.run_after if one.state == "waiting" and one.failures else None,
            problem=one.problem,
            tries=one.failures,
        )
        for one in deliveries
    ]
