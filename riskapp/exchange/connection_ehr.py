"""A hospital record that opens Trabecula, and to which results go back (SMART App Launch)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from riskapp.exchange.addresses import is_safe_address, origin_of
from riskapp.exchange.connection import Connection, Secret, UnusableConnection

PUBLIC, SIGNED, BY_SECRET = "public", "private_key_jwt", "secret"
# v2-0203, the type of an identifier that a record calls its own number for the person.
RECORD_NUMBER = "MR"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrConnection(Connection):
    """One record.

    Attributes
    ----------
    iss : str
        Its FHIR base, which is also what it names itself in a launch.
    auth : str
        How its token endpoint learns who asks: ``public`` (PKCE alone), ``private_key_jwt``
        (signed with this site's key) or ``secret``.
    scopes : tuple of str
        What is asked for in place of ``exchange.smart.scopes.WANTED``, in version 2.
    also_at : tuple of str
        Further origins that belong to it, such as those of its authorization server.
    record_number_system, record_number_type : str
        Which identifier of a patient is the organisation's record number: by system, where one is
        named, else by type (v2-0203).
    framed_by : tuple of str
        Origins whose pages may show Trabecula in a frame.
    bulk_client_id, bulk_token_endpoint, bulk_scope : str
        As whom its bulk export is asked for (SMART Backend Services, signed with this site's
        key); without a client id it is asked without a token, without an endpoint that of its
        SMART configuration is taken.
    """

    iss: str
    client_id: str
    auth: str = PUBLIC
    secret: Secret | None = None
    scopes: tuple[str, ...] = ()
    also_at: tuple[str, ...] = ()
    record_number_system: str = ""
    record_number_type: str = RECORD_NUMBER
    framed_by: tuple[str, ...] = ()
    bulk_client_id: str = ""
    bulk_token_endpoint: str = ""
    bulk_scope: str = "system/*.rs"

    def __post_init__(self) -> None:
        if not is_safe_address(self.iss) or urlsplit(self.iss).query:
            raise UnusableConnection("iss is an https address without a query")
        if self.auth not in (PUBLIC, SIGNED, BY_SECRET):
            raise UnusableConnection(f"auth is {PUBLIC}, {SIGNED} or {BY_SECRET}")
        if (self.auth == BY_SECRET) != (self.secret is not None):
            raise UnusableConnection(f"a secret belongs to auth = {BY_SECRET!r}, and only to it")
        for one in (*self.also_at, *self.framed_by):
            if not is_safe_address(one) or origin_of(one) != one.lower():
                raise UnusableConnection(f"{one!r} is no origin such as https://login.example.org")

    @property
    def base(self) -> str:
        """The FHIR base without a slash at its end."""
        return self.iss.rstrip("/")

    @property
    def origins(self) -> frozenset[str]:
        """Where anything may be asked of it."""
        return frozenset(origin_of(one) for one in (self.iss, *self.also_at))
