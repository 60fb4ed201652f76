"""What a site says of its own FHIR doors, for one organisation."""

from dataclasses import dataclass

from riskapp.exchange.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirServer(Connection):
    """How records that are sent to `$assess` are understood.

    Attributes
    ----------
    population : str
        Whose rates count where neither the caller nor the person's address says; blank for none.
    record_numbers : str
        The identifier system of the organisation's own record numbers; blank where other systems
        know none, and they are then told by their type, MR.
    """

    population: str = ""
    record_numbers: str = ""
