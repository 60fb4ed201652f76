"""Traces: off and not even imported unless asked for; whole where they are; of nobody ever."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from riskapp import tracing
from riskapp.actions import measuring, queueing
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import issue_token
from riskapp.exchange.peer_http import AnswerLimits, OnlyTo, bound_session
from riskapp.models import Patient
from tests.operation.test_nothing_is_told import ADDRESSES, FED, WORDS, asked_of, given
from tests.quiet import told

pytestmark = pytest.mark.django_db
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
# The example of W3C's Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header
PARENT = f"00-{TRACE}-{SPAN}-01"
SCORE = {"profile": {"population": "gb", "age_years": 70, "sex": "female"}}


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    memory = InMemorySpanExporter()
    tracing.start_with(lambda: SimpleSpanProcessor(memory))
    yield memory
    tracing.start_with(None)


def by_name(exported: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {one.name: one for one in exported.get_finished_spans()}


def test_nothing_is_imported_or_passed_on_unless_a_site_asks() -> None:
    assert tracing.passed_on() == {}
    with tracing.span("x") as made:
        assert made is None
    asked = (
        "import django, sys; django.setup(); import riskapp.urls;"
        "assert not [one for one in sys.modules if one.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_a_request_goes_on_with_the_callers_trace_and_shows_its_engines(
    exported: InMemorySpanExporter, owner: User, client: Client
) -> None:
    key = {"Authorization": f"Token {issue_token(by=owner, label='t')}"}
    client.post(
        "/api/v1/scores/", SCORE, content_type="application/json",
        headers=key | {"traceparent": PARENT, "tracestate": f"a={FED['family']}"},
    )  # fmt: skip
    spans = by_name(exported)
    request, engine = spans["POST api_scores"], spans["engine"]
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, SPAN)
    assert not request.context.trace_state
    assert request.attributes["http.route"] == "api/v1/scores/"
    assert request.attributes["http.response.status_code"] == 200
    assert engine.parent.span_id == request.context.span_id
    assert dict(engine.attributes) == {"engine.name": "evidence", "engine.people": 1}


@pytest.mark.parametrize("sent", ["", "Grace Example", f"00-{'0' * 32}-{SPAN}-01"])
def test_what_is_no_trace_begins_a_new_one(
    exported: InMemorySpanExporter, client: Client, sent: str
) -> None:
    client.get("/health/live", headers={"traceparent": sent})
    (request,) = exported.get_finished_spans()
    assert request.parent is None


def test_a_job_shows_what_its_children_took(
    exported: InMemorySpanExporter, owner: User, patient: Patient
) -> None:
    import_scan(by=owner, patient=patient, files=[ContentFile(b"broken", name=FED["file"])])
    assert measuring.measure_next(queueing.this_process())
    spans = by_name(exported)
    job, opened = spans["job job"], spans["take scan apart"]
    assert dict(job.attributes) == {"job.kind": "job", "job.tries": 1}
    assert opened.parent.span_id == job.context.span_id


def test_a_call_to_a_peer_carries_the_trace_on(
    exported: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[requests.PreparedRequest] = []

    def answered(_: OnlyTo, request: requests.PreparedRequest, *__: Any) -> requests.Response:
        sent.append(request)
        made = requests.Response()
        made.status_code = 404
        return made

    monkeypatch.setattr(OnlyTo, "_sent", answered)
    limits = AnswerLimits(whole_s=1, most_bytes=1)
    with bound_session({"https://record.example"}, limits) as session, tracing.span("above"):
        session.get(f"https://record.example/Patient?name={FED['family']}")
    call = by_name(exported)["call a peer"]
    ids = f"{call.context.trace_id:032x}-{call.context.span_id:016x}"
    assert sent[0].headers["traceparent"].startswith(f"00-{ids}-")
    assert dict(call.attributes) == {
        "http.request.method": "GET",
        "server.address": "record.example",
        "http.response.status_code": 404,
    }


def test_an_error_is_told_by_its_kind(exported: InMemorySpanExporter) -> None:
    with pytest.raises(LookupError), tracing.span("x"):
        raise LookupError(FED["name"])
    (one,) = exported.get_finished_spans()
    assert (one.attributes["error.type"], one.events) == ("LookupError", ())
    assert not told(WORDS, [one.to_json()])


def test_no_span_tells_what_was_sent(
    exported: InMemorySpanExporter, owner: User, client: Client
) -> None:
    client.force_login(owner)
    client.raise_request_exception = False
    key = f"Token {issue_token(by=owner, label='t')}"
    for there in ADDRESSES[::8]:
        for reply in asked_of(client, there, key):
            reply.close()
    client.get("/patients/", given({"q": "name"}))
    texts = [one.to_json() for one in exported.get_finished_spans()]
    assert len(texts) > 50
    assert not told(WORDS, texts)


@pytest.mark.enable_socket
def test_a_collector_that_is_away_stops_nothing(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tracing.start(f"http://127.0.0.1:{port}/v1/traces")
    try:
        assert client.get("/health/live").status_code == 200
    finally:
        tracing.start_with(None)
