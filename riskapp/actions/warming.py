"""What a web worker has in memory before anybody asks: tables, sums and compiled addresses.

Read by the first request they cost it a second, and a hospital's record gives a hook less.
"""

from contextlib import suppress
from datetime import date

from django.urls import Resolver404, resolve

from riskapp.exchange.cds_cards import cards
from riskapp.exchange.cds_services import discovery
from riskapp.exchange.cds_situation import Situation, Where
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.reading import read_profile
from riskapp.modelstore import engine_named
from riskapp.risk.errors import UnknownModel
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine

# A made-up person, of whom one number is known: the rest is summed over.
TODAY = date(2026, 1, 2)
NECK = {"system": "http://snomed.info/sct", "code": "29627003"}
RECORD = (
    {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1954-01-01"},
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "38263-0"}]},
        "bodySite": {"coding": [NECK]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2025-01-01",
        "valueQuantity": {"value": -3.0, "system": "http://unitsofmeasure.org", "code": "1"},
    },
)


def warm() -> None:
    """Answer for somebody made up, as a hook would; nothing is stored, no database is asked."""
    discovery()
    # What most ask for is tested once for all workers; what fails is told by who asks for it.
    with suppress(UnknownModel):
        engine_named("evidence")
    record = read_record(RECORD, today=TODAY)
    profile = read_profile({**record.answers, "population": "gb"}).profile
    estimate = EvidenceEngine().estimate(profile, EstimateOptions())
    cards(
        Situation(
            estimate=estimate,
            profile=profile,
            patient="Patient/1",
            today=TODAY,
            where=Where("https://localhost/"),
        )
    )
    _compile_addresses()


def _compile_addresses() -> None:
    """Ask for what is nowhere: every pattern is tried, and compiled."""
    try:
        resolve("/ /")
    except Resolver404:
        return
