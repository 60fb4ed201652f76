"""Files that another system sends, and the way they go until they are filed or wait."""

from io import BytesIO
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import filing_arrivals
from riskapp.actions.arriving import NOTHING_ANNOUNCED, Announced, Received, arrive
from riskapp.actions.connecting import service_account
from riskapp.actions.finding import organisation_of
from riskapp.exchange.receiving import Outcome
from riskapp.models import Arrival
from tests.drawn import spine_file

SPINE = spine_file(1)
ADA = {
    "PatientID": "A-1",
    "PatientName": "Example^Ada",
    "PatientBirthDate": "19550601",
    "PatientSex": "F",
}


def of(data: bytes = SPINE, **changes: Any) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    for name, value in changes.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


@pytest.fixture
def peer(owner: User) -> User:
    return service_account("sender", "ct-1", "Clinic A")


@pytest.fixture
def send(peer: User) -> Any:
    def sent(
        *files: bytes,
        announced: Announced = NOTHING_ANNOUNCED,
        source: str = "sender:ct-1",
        **of_it: Any,
    ) -> Received:
        return arrive(
            by=peer,
            organisation=organisation_of(peer),
            source=source,
            parts=[iter([one[:500], one[500:]]) for one in files],
            announced=announced,
            **of_it,
        )

    return sent


def settle() -> None:
    """As the worker does once nothing more comes."""
    Arrival.objects.filter(status="receiving").update(due_at=timezone.now())
    while filing_arrivals.file_next():
        pass


def outcomes(received: Received) -> list[Outcome]:
    return [one.outcome for one in received.objects]
