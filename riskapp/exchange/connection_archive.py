"""An archive of images (PACS) that a site's scans are fetched from and its results go back to."""

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import urlsplit

from riskapp.exchange.connection import Connection, Secret, UnusableConnection

Way = Literal["wado", "c-get", "c-move"]
Auth = Literal["none", "basic", "bearer"]
Result = Literal["sr", "seg", "pdf"]
ReturnWay = Literal["stow", "c-store"]
WORDS = {"auth": Auth, "fetch_by": Way, "return_by": ReturnWay}
AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e](?:[\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")
LONGEST_WAIT_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive(Connection):
    """One archive: reached by DICOMweb (PS3.18), by DIMSE (PS3.7), or by both.

    Attributes
    ----------
    dicomweb_url, qido_url, wado_url, stow_url : str
        Base addresses; the first stands for all that are not named apart.
    auth, user, secret
        How requests are signed in: ``none``, ``basic`` (user and secret) or ``bearer`` (secret).
    ca_file, client_certificate, client_key : str
        PEM files: whom TLS trusts beyond the system's list, and who we are.
    host, port, tls
        Where DIMSE is answered.
    ae_title, called_ae_title, move_destination : str
        Our name, the archive's, and the name under which the archive knows our receiver.
    issuer : str
        Issuer of Patient ID that the organisation's record numbers have there; blank asks by the
        number alone.
    fetch_by : str
        ``wado``, ``c-get`` or ``c-move``; unless said, what the addresses allow.
    fetch_priors : bool
        Earlier scans are fetched by themselves when a patient's scan arrives.
    returns : tuple of str
        Which results go back once a person has confirmed a measurement: sr, seg, pdf.
    return_by : str
        ``stow`` or ``c-store``; unless said, what the addresses allow.
    worklist_ae_title : str
        The name under which it answers for its modality worklist; blank has none.
    worklist_modalities : tuple of str
        Modalities (PS3.3 C.7.3.1.1.1) that are asked for there; all of them unless named.
    commitment : bool
        What was returned counts as delivered once the archive has promised to keep it (PS3.4
        annex J), at once or later to our receiver, where it then is a sender too.
    wait_s : int
        How long the archive may be silent before it counts as not answering.
    """

    dicomweb_url: str = ""
    qido_url: str = ""
    wado_url: str = ""
    stow_url: str = ""
    auth: str = "none"
    user: str = ""
    secret: Secret | None = None
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    host: str = ""
    port: int = 104
    tls: bool = False
    ae_title: str = "TRABECULA"
    called_ae_title: str = ""
    move_destination: str = ""
    issuer: str = ""
    fetch_by: str = ""
    fetch_priors: bool = False
    returns: tuple[str, ...] = ()
    return_by: str = ""
    worklist_ae_title: str = ""
    worklist_modalities: tuple[str, ...] = ()
    commitment: bool = False
    wait_s: int = 20

    def __post_init__(self) -> None:
        self._check_words()
        self._check_addresses()
        self._check_sign_in()
        self._check_ways()

    @property
    def qido(self) -> str:
        """Where DICOMweb is asked; blank without it."""
        return self.qido_url or self.dicomweb_url

    @property
    def wado(self) -> str:
        return self.wado_url or self.dicomweb_url

    @property
    def stow(self) -> str:
        return self.stow_url or self.dicomweb_url

    @property
    def fetching(self) -> str:
        """How images come: as told, else by WADO where there is an address, else by C-GET."""
        return self.fetch_by or ("wado" if self.wado else "c-get")

    @property
    def returning(self) -> str:
        """How results go: as told, else by STOW where there is an address, else by C-STORE."""
        return self.return_by or ("stow" if self.stow else "c-store")

    def _check_words(self) -> None:
        for name, known in WORDS.items():
            told = getattr(self, name)
            if told and told not in get_args(known):
                raise UnusableConnection(f"{name} is one of {', '.join(get_args(known))}")
        strange = sorted(set(self.returns) - set(get_args(Result)))
        if strange:
            raise UnusableConnection(f"returns holds {', '.join(get_args(Result))} only")
        if not 1 <= self.wait_s <= LONGEST_WAIT_S:
            raise UnusableConnection(f"wait_s is from 1 to {LONGEST_WAIT_S}")

    def _check_addresses(self) -> None:
        for name in ("dicomweb_url", "qido_url", "wado_url", "stow_url"):
            told = getattr(self, name)
            if told and not _is_address(told):
                raise UnusableConnection(
                    f"{name} is an address such as https://archive.example/dicom-web, without "
                    "user, question mark or fragment"
                )
        if not 1 <= self.port <= 65_535:
            raise UnusableConnection("port is from 1 to 65535")
        if not self.host and not self.qido:
            raise UnusableConnection("an archive needs host, dicomweb_url or qido_url")
        for name in ("worklist_ae_title", "commitment"):
            if getattr(self, name) and not self.host:
                raise UnusableConnection(f"{name} needs host")
        if self.host and not self.called_ae_title:
            raise UnusableConnection("host needs called_ae_title, the archive’s name in DICOM")
        for name in ("ae_title", "called_ae_title", "move_destination", "worklist_ae_title"):
            told = getattr(self, name)
            if told and not AE_TITLE.fullmatch(told):
                raise UnusableConnection(f"{name} has up to 16 letters of ASCII, no backslash")

    def _check_sign_in(self) -> None:
        if self.auth != "none" and self.secret is None:
            raise UnusableConnection(f"auth {self.auth!r} needs a secret")
        if self.auth == "basic" and not self.user:
            raise UnusableConnection("auth 'basic' needs a user")
        if self.auth == "none" and (self.user or self.secret):
            raise UnusableConnection("user and secret are of auth 'basic' or 'bearer'")
        if bool(self.client_certificate) != bool(self.client_key):
            raise UnusableConnection("client_certificate and client_key come together")

    def _check_ways(self) -> None:
        for way, needed, name in (
            ("wado", self.wado, "wado_url"), ("c-get", self.host, "host"),
            ("c-move", self.host, "host"), ("stow", self.stow, "stow_url"),
            ("c-store", self.host, "host"),
        ):  # fmt: skip
            if way in (self.fetching, self.returning if self.returns else "") and not needed:
                raise UnusableConnection(f"{way} needs {name}")
        if self.fetching == "c-move" and not self.move_destination:
            raise UnusableConnection("c-move needs move_destination")


def _is_address(told: str) -> bool:
    try:
        parts = urlsplit(told)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and port_is_number
