"""A hospital's record that asks for advice at hooks (CDS Hooks), as the site names it."""

import json
from dataclasses import dataclass
from typing import Any

from riskapp.exchange.addresses import is_safe_address
from riskapp.exchange.connection import Connection, UnusableConnection
from riskapp.risk import published
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.guideline_data import guideline


@dataclass(frozen=True, slots=True, kw_only=True)
class CdsClient(Connection):
    """One record system.

    Attributes
    ----------
    population : str
        Whose rates apply to its patients; never guessed.
    guideline : str
        Code of the one whose verdicts the cards tell; blank is the usual one of the population.
    issuer : str
        The ``iss`` of its tokens; blank of a client that signs none.
    jwks_url, jwks : str
        Where its public keys are fetched, or the key set itself as JSON; ``jku`` of a token has
        to be the first.
    unsigned : bool
        Whether it is believed without a token: for a demo on this machine only.
    fhir_servers : tuple of str
        Base addresses that may be asked for what was not prefetched; no other address is.
    origins : tuple of str
        Web origins whose pages may ask, such as "https://sandbox.cds-hooks.org".
    smart_app : str
        Address at which our app is launched from this record, for links of cards.
    """

    population: str
    guideline: str = ""
    issuer: str = ""
    jwks_url: str = ""
    jwks: str = ""
    unsigned: bool = False
    fhir_servers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    smart_app: str = ""

    def __post_init__(self) -> None:
        if self.population not in published.names("populations"):
            raise UnusableConnection(f"there is no population {self.population[:40]!r}")
        if self.guideline:
            try:
                guideline(self.guideline)
            except UnknownGuideline as unknown:
                raise UnusableConnection(str(unknown).rstrip(".")) from unknown
        if self.unsigned == bool(self.issuer):
            raise UnusableConnection("name the issuer of its tokens, or say unsigned = true")
        if self.issuer and bool(self.jwks_url) == bool(self.jwks):
            raise UnusableConnection("its keys stand at jwks_url or in jwks")
        if self.jwks and not isinstance(self.own_keys(), dict):
            raise UnusableConnection("jwks is a JSON Web Key Set, written as JSON")
        for address in (*self.fhir_servers, *self.origins, self.jwks_url, self.smart_app):
            if address and not is_safe_address(address):
                raise UnusableConnection(
                    f"{address[:80]} is no address with https, or with http on this machine"
                )

    def own_keys(self) -> Any:
        """The key set that is written down; None where that is no JSON."""
        try:
            return json.loads(self.jwks)
        except (ValueError, RecursionError):
            return None

    def may_read(self, server: str) -> bool:
        """Whether the site lets this FHIR server be asked."""
        return server.rstrip("/") in {one.rstrip("/") for one in self.fhir_servers}
