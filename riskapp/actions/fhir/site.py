"""What a site says of its FHIR doors, and the names that follow from it."""

import logging

from riskapp.actions.connecting import connections
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_fhir import FhirServer
from riskapp.models import Organisation

log = logging.getLogger(__name__)


def server_of(organisation: Organisation) -> FhirServer | None:
    """The organisation's entry among the connections; None where it has none."""
    try:
        configured = connections().of(FhirServer)
    except UnusableConnection:
        log.warning("The file of connections cannot be used; the FHIR doors go by their defaults.")
        return None
    return next((one for one in configured if one.organisation == organisation.name), None)


def record_numbers_of(organisation: Organisation) -> str:
    """The identifier system of an organisation's record numbers."""
    server = server_of(organisation)
    return (server.record_numbers if server else "") or f"urn:uuid:{organisation.id}"
