"""A system of the hospital that sends HL7 v2 messages here, and one that is sent to."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from riskapp.exchange.connection import Connection, UnusableConnection
from riskapp.exchange.hl7v2.message import CHARACTER_SETS
from riskapp.risk.profile import FIELD_NAMES

LONGEST_WAIT_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSource(Connection):
    """One port that is listened on: MLLP, with TLS where a certificate is named.

    Attributes
    ----------
    allowed : tuple of str
        Addresses or networks that may connect; this machine alone unless said.
    authority, identifier_type : str
        Which repetition of PID-3 is the site's record number: PID-3.4 and PID-3.5.
    character_set : str
        Where MSH-18 names none, as HL7 table 0211 writes it.
    codes : mapping
        The sender's own codes (OBX-3.1) to "system|code" of a terminology, or to a field of the
        contract such as "femoral_neck_t_score".
    certificate, key, client_ca : str
        PEM files: ours, and who signs the certificates that clients must then show.
    """

    port: int
    host: str = "127.0.0.1"
    allowed: tuple[str, ...] = ("127.0.0.1", "::1")
    authority: str = ""
    identifier_type: str = "MR"
    character_set: str = "ASCII"
    codes: Mapping[str, str] = field(default_factory=dict)
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    idle_s: int = 300

    def __post_init__(self) -> None:
        _check_port(self.port)
        if self.character_set.upper() not in CHARACTER_SETS:
            raise UnusableConnection(f"character_set is one of {', '.join(CHARACTER_SETS)}")
        if bool(self.certificate) != bool(self.key):
            raise UnusableConnection("certificate and key come together")
        if self.client_ca and not self.certificate:
            raise UnusableConnection("client_ca needs certificate and key")
        unknown = [one for one in self.codes.values() if "|" not in one and one not in FIELD_NAMES]
        if unknown:
            raise UnusableConnection(f"codes: {unknown[0][:40]!r} is no system|code, and no field")
        for network in self.allowed:
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise UnusableConnection(
                    "allowed holds addresses or networks such as 10.1.0.0/16"
                ) from None
        if not 1 <= self.idle_s <= 24 * 3600:
            raise UnusableConnection("idle_s is from 1 to 86400")

    def lets_in(self, address: str) -> bool:
        """Whether a peer of this address may connect."""
        read = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped:
            read = read.ipv4_mapped
        return any(read in ipaddress.ip_network(network) for network in self.allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDestination(Connection):
    """One system that every stored assessment is sent to, as ORU^R01.

    Attributes
    ----------
    application, facility : str
        MSH-5 and MSH-6.
    authority : str
        Assigning authority of the record number (PID-3.4).
    report : bool
        The report goes along as PDF.
    ca_file : str
        PEM file that TLS trusts beyond the system's list.
    """

    host: str
    port: int
    application: str = ""
    facility: str = ""
    authority: str = ""
    report: bool = True
    tls: bool = False
    ca_file: str = ""
    wait_s: int = 30

    def __post_init__(self) -> None:
        _check_port(self.port)
        if not 1 <= self.wait_s <= LONGEST_WAIT_S:
            raise UnusableConnection(f"wait_s is from 1 to {LONGEST_WAIT_S}")
        if self.ca_file and not self.tls:
            raise UnusableConnection("ca_file is for tls = true")


def _check_port(port: int) -> None:
    if not 1 <= port <= 65_535:
        raise UnusableConnection("port is from 1 to 65535")
