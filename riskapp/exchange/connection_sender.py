"""A scanner or archive that may send scans by the DICOM network protocol, and where it calls."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from riskapp.exchange.connection import Connection, UnusableConnection
from riskapp.exchange.connection_archive import AE_TITLE

# Of DICOM without being the privileged 104, IANA's "acr-nema" and "dicom".
DICOM_PORT = 11112


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender(Connection):
    """One peer, known by its own title, the title that it calls and the address it calls from.

    Attributes
    ----------
    calling_ae_title : str
        Its own title.
    addresses : tuple of str
        Where it may call from: IP addresses or networks such as ``10.2.0.0/16``.
    called_ae_title : str
        By which of our titles it calls us; another title can be another organisation's.
    issuer : str
        Issuer of Patient ID that the organisation's record numbers have; numbers of others are
        not taken for ours.
    listen_on, port
        Where we listen for it. Entries with one port have one address and one certificate.
    certificate, key, client_ca : str
        PEM files for TLS: ours, its key, and who signs the certificates that peers must show.
    """

    calling_ae_title: str
    addresses: tuple[str, ...]
    called_ae_title: str = "TRABECULA"
    issuer: str = ""
    listen_on: str = "127.0.0.1"
    port: int = DICOM_PORT
    certificate: str = ""
    key: str = ""
    client_ca: str = ""

    def __post_init__(self) -> None:
        for name in ("calling_ae_title", "called_ae_title"):
            if not AE_TITLE.fullmatch(getattr(self, name)):
                raise UnusableConnection(f"{name} has up to 16 letters of ASCII, no backslash")
        if not self.addresses:
            raise UnusableConnection("addresses says where it may call from")
        self._networks()
        _address(self.listen_on)
        if not 1 <= self.port <= 65_535:
            raise UnusableConnection("port is from 1 to 65535")
        if bool(self.certificate) != bool(self.key):
            raise UnusableConnection("certificate and key come together")
        if self.client_ca and not self.certificate:
            raise UnusableConnection("client_ca needs certificate and key")

    @property
    def place(self) -> tuple[str, int]:
        return self.listen_on, self.port

    @property
    def tls(self) -> tuple[str, str, str]:
        return self.certificate, self.key, self.client_ca

    def calls_from(self, address: str) -> bool:
        """Whether an IP address is one of this peer's."""
        here = ip_address(address.partition("%")[0])
        mapped = getattr(here, "ipv4_mapped", None) or here
        return any(mapped in network for network in self._networks())

    def _networks(self) -> list[IPv4Network | IPv6Network]:
        try:
            return [ip_network(one, strict=False) for one in self.addresses]
        except ValueError:
            raise UnusableConnection(
                "addresses are IP addresses or networks such as 10.2.0.0/16"
            ) from None


def _address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        raise UnusableConnection("listen_on is an IP address of this machine") from None
