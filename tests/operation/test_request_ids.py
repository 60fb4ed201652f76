"""One id for each request, in its answer, in what is refused and in every line of the log."""

import json
import logging
from uuid import UUID

import pytest
from django.test import Client

from riskapp.discreet_log import DiscreetFormatter, JsonFormatter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "given", ["8f0ff24e-15cb-46be-b3b0-fa1eaf1d2cf4", "ad9727e2c76b4a70ae776f1468a081f9"]
)
def test_a_well_formed_id_is_taken_on(client: Client, given: str) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "Grace Example", "1948-02-03", "x" * 1000, "9" * 31])
def test_any_other_is_replaced(client: Client, given: str) -> None:
    told = client.get("/health/live", headers={"X-Request-ID": given})["X-Request-ID"]
    assert UUID(told).hex == told != given


def test_a_refusal_names_its_request(client: Client) -> None:
    reply = client.get("/api/v1/patients/")
    assert reply.status_code == 401
    assert reply.json()["request_id"] == reply["X-Request-ID"]
    nowhere = client.get("/api/nothing/")
    assert nowhere.json()["request_id"] == nowhere["X-Request-ID"]


def test_lines_are_json_with_the_id_and_where_an_exception_was(client: Client) -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    observing = logging.getLogger("riskapp.observing")
    before, kept = observing.level, Kept()
    observing.addHandler(kept)
    observing.setLevel(logging.INFO)
    try:
        given = client.get("/health/live?name=Grace")["X-Request-ID"]
    finally:
        observing.removeHandler(kept)
        observing.setLevel(before)
    (line,) = map(json.loads, lines)
    assert line["request_id"] == given
    assert (line["view"], line["method"], line["status"]) == ("health_live", "GET", 200)
    assert "Grace" not in lines[0]
    try:
        int("Grace " + "Example")
    except ValueError as error:
        kind = type(error), error, error.__traceback__
    record = logging.LogRecord("riskapp", logging.ERROR, __file__, 1, "Job %s failed", (7,), kind)
    told = json.loads(JsonFormatter().format(record))
    assert (told["message"], told["exception"]) == ("Job 7 failed", "ValueError")
    assert "test_request_ids.py" in told["frames"][0]
    assert "Grace" not in json.dumps(told)


@pytest.mark.parametrize(
    ("name", "message", "arguments"),
    [
        ("django.request", "%s: %s", ("Not Found", "/patients/Grace/")),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'grace'.", ()),
        ("django.server", '"GET /?q=Grace HTTP/1.1" 200 5', ()),
        ("gunicorn.error", "Invalid request from ip=1.2.3.4: Grace\nGrace", ()),
        ("gunicorn.error", "Error handling request %s", ("/?q=Grace",)),
        ("gunicorn.error", "Error handling request %s %s", ("GET", "/?q=Grace")),
    ],
)
def test_what_a_caller_sent_stays_out_of_lines_of_the_framework(
    name: str, message: str, arguments: tuple[str, ...]
) -> None:
    record = logging.LogRecord(name, logging.WARNING, "", 1, message, arguments, None)
    for formatter in (DiscreetFormatter(), JsonFormatter()):
        assert "grace" not in formatter.format(record).lower()
