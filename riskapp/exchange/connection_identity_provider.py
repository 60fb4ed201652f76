"""Where an organisation's staff sign in: an OpenID provider of the file of connections."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from riskapp.exchange.addresses import is_safe_address, origin_of
from riskapp.exchange.connection import Connection, Secret, UnusableConnection

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
ROLES = ("clinician", "radiographer", "statistician", "administrator", "auditor")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider(Connection):
    """One OpenID provider; whoever signs in with it belongs to ``organisation``.

    Attributes
    ----------
    issuer : str
        Exactly as its discovery document and its tokens write it.
    secret : Secret or None
        Without one, token requests are signed with this installation's key (private_key_jwt).
    shown_as : str
        What the button says; the name where blank.
    also_at : tuple of str
        Further origins that it may be asked at, where its endpoints are not at the issuer's.
    scopes : tuple of str
        Asked for beside ``openid``.
    groups_claim : str
        The claim that lists a person's groups.
    required_group : str
        Only its members are let in.
    email_domains : tuple of str
        Only who has a verified address there is let in.
    second_factor_acr, second_factor_amr : tuple of str
        What it says in ``acr`` or ``amr`` where it asked for more than a password. Where both are
        empty, what it asks for is believed to be enough.
    roles : mapping of str to str
        Group to role; a role that is named here is given and taken away at each sign-in.
    """

    issuer: str
    client_id: str
    secret: Secret | None = None
    shown_as: str = ""
    also_at: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("profile", "email")
    groups_claim: str = "groups"
    required_group: str = ""
    email_domains: tuple[str, ...] = ()
    second_factor_acr: tuple[str, ...] = ()
    second_factor_amr: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise UnusableConnection("name is up to 40 letters, digits, dots, hyphens, underscores")
        for address in (self.issuer, *self.also_at):
            if not is_safe_address(address):
                raise UnusableConnection(f"{address!r} is no https address")
        if urlsplit(self.issuer).query:
            raise UnusableConnection("issuer holds no question mark")
        if any(re.search(r"\s", one) for one in self.second_factor_acr):
            raise UnusableConnection("a value of second_factor_acr has no spaces")
        if strange := sorted(set(self.roles.values()) - set(ROLES)):
            raise UnusableConnection(
                f"there is no role {strange[0]!r}; roles are {', '.join(ROLES)}"
            )

    @property
    def label(self) -> str:
        """What people read on the button."""
        return self.shown_as or self.name

    @property
    def origins(self) -> frozenset[str]:
        """Where it may be asked, and where a browser may be sent for it."""
        return frozenset(origin_of(one) for one in (self.issuer, *self.also_at))

    @property
    def tells_factors(self) -> bool:
        """Whether it says when it asked for more than a password."""
        return bool(self.second_factor_acr or self.second_factor_amr)

    def asked_for_more(self, acr: str, amr: frozenset[str]) -> bool:
        """Whether these are words for more than a password."""
        return acr in self.second_factor_acr or bool(amr & set(self.second_factor_amr))
