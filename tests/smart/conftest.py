"""A clinic that is connected with the made-up hospital."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from riskapp.management.mock_ehr.permits import Launch
from riskapp.management.mock_ehr.starting import mock_ehr
from tests.people import colleague, owner, patient, stranger
from tests.smart.serving import TRABECULA, Way, hospital

__all__ = ["colleague", "owner", "patient", "stranger"]
NAME, CLINIC = "Mock hospital", "Clinic"
PATIENT = "ines-albrecht"
CONNECTION = """[[ehr]]
name = "{name}"
organisation = "{clinic}"
iss = "{iss}"
client_id = "trabecula"
{further}
"""


@pytest.fixture(scope="session")
def one_way() -> Iterator[Way]:
    with hospital() as way:
        yield way


@pytest.fixture
def way(one_way: Way) -> Way:
    """The way to a hospital in which nothing has happened yet."""
    one_way.ehr, one_way.trouble = mock_ehr(TRABECULA, signs=False), None
    one_way.asked.clear()
    return one_way


@pytest.fixture
def connect(way: Way, tmp_path: Path, settings: Settings) -> Callable[..., None]:
    """Write the list of connections, with further lines for the hospital."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"

    def write(further: str = "", iss: str = "") -> None:
        told = CONNECTION.format(name=NAME, clinic=CLINIC, iss=iss or way.base, further=further)
        settings.CONNECTIONS_FILE.write_text(told, encoding="utf-8")

    write()
    return write


@dataclass
class Clinician:
    """A browser in which the hospital's record opens Trabecula."""

    way: Way
    pages: Client = field(default_factory=Client)

    def asks(self, patient: str = PATIENT) -> HttpResponse:
        """The record opens Trabecula."""
        launch = self.way.ehr.permits.give(Launch(patient, f"{patient}-visit"), 60)
        return self.pages.get("/smart/launch", {"iss": self.way.base, "launch": launch})

    def answered(self, asked: HttpResponse) -> dict[str, str]:
        """What the record sends the browser back with."""
        told = requests.get(asked["Location"], allow_redirects=False, timeout=10)
        assert told.status_code == 302, told.text
        query = parse_qs(urlsplit(told.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def comes_back(self, answer: dict[str, str]) -> HttpResponse:
        return self.pages.get("/smart/callback/", answer)

    def opens(self, patient: str = PATIENT) -> HttpResponse:
        """From the record to the page that reads it."""
        back = self.comes_back(self.answered(self.asks(patient)))
        assert back.status_code == 302, back.content.decode()
        return self.pages.get(back["Location"])


@pytest.fixture
def clinician(way: Way, connect: Callable[..., None]) -> Clinician:
    return Clinician(way)


def sentence(response: HttpResponse) -> str:
    """What the page about a launch that ended says."""
    page = response.content.decode()
    return page.partition('role="alert"><p>')[2].partition("</p>")[0]
