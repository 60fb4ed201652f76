"""A site whose people sign in with a service on this machine, and their way there and back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.stub_provider import StubProvider, stub_provider


@pytest.fixture
def service() -> Iterator[StubProvider]:
    with stub_provider() as provider:
        yield provider


@pytest.fixture
def site(service: StubProvider, settings: Any, tmp_path: Path) -> Callable[..., None]:
    """Write the file of connections, with one thing said otherwise."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    secret = tmp_path / "secret"
    secret.write_text("s3cret")

    def write(**other: str) -> None:
        told = {
            "name": '"hospital"',
            "organisation": '"Clinic A"',
            "issuer": f'"{service.issuer}"',
            "client_id": '"trabecula"',
            "shown_as": '"City Hospital"',
            "secret": f'{{ file = "{secret}" }}',
        } | other
        lines = [f"{name} = {value}" for name, value in told.items() if value]
        text = "\n".join(["[[identity_provider]]", *lines, ""])
        settings.CONNECTIONS_FILE.write_text(text)

    write()
    return write


@pytest.fixture
def attempt(client: Client, service: StubProvider, site: Any) -> Callable[..., Any]:
    """Go to the service and come back, with one thing done otherwise."""

    def made(browser: Client = client, start: str = "", **other: str) -> Any:
        sent = browser.get(f"/sign-in/with/hospital/{start}")
        assert sent.status_code == 302, sent.content
        brought = service.goes_there(sent["Location"])
        answer = {"code": "abc", "state": brought["state"]} | other
        return browser.get("/sign-in/with/hospital/back/", answer)

    return made


def said(reply: Any) -> str:
    """The sentence of a refusal."""
    text: str = reply.content.decode()
    return text.partition('role="alert">')[2].partition("</p>")[0]
