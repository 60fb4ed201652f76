"""Requests made up from the description by schemathesis, over a clinic that has everything once."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any
from unittest.mock import patch
from wsgiref.util import request_uri

import schemathesis
from django.conf import settings
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from riskapp.actions import run_queue
from riskapp.actions.announcing import EVENTS
from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.expecting import Order, expect
from riskapp.actions.fhir.bulk_answering import answer_next, ask_for_all
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.actions.registering import issue_token
from riskapp.actions.sharing import share
from riskapp.actions.webhooks import register_webhook
from riskapp.models import Patient, Scan
from riskapp.risk.estimate import EstimateOptions
from tests.api.cds.record_system import RecordSystem

KNOWN = {"population": "gb", "current_smoker": False}
QUICK = EstimateOptions(explain=False, interval=False)
OF_AN_ASSESSMENT = ("RiskAssessment", "DiagnosticReport", "Provenance", "Binary")
CONFIG = settings.BASE_DIR / "tests" / "api" / "schemathesis.toml"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something answered otherwise than described."""

    operation: str
    title: str
    message: str
    request: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.title}\n{self.message}\n{self.request[:1500]}"


def ids_of_a_clinic(by: User, patient: Patient, scan: Scan) -> dict[str, str]:
    """One of everything; the path before each id -> the id."""
    made = assess(by=by, patient=patient, answers=KNOWN, options=QUICK)
    fracture = record_fracture(by=by, patient=patient, site="hip", happened_on="2020")
    treatment = record_treatment(by=by, patient=patient, agent="denosumab", started_on="2020")
    discussion = record_discussion(by=by, assessment=made, decided="decide_later")
    link = share(by=by, assessment=made).link
    run = run_queue.promise(by=by, kind="train", engines=["cox"], model_id="clinic-1")
    webhook = register_webhook(by=by, url="https://example.org/in", events=list(EVENTS))
    order = expect(by=by, patient=patient, order=Order("ACC-7", date(2026, 3, 5)))
    many = ask_for_all(by=by, request="https://example.org/fhir", people=[patient.id])
    assert answer_next("made-up:1:1")
    return {
        "$assess-all": str(many.id),
        **dict.fromkeys(
            ("RiskAssessment", "DiagnosticReport", "Provenance", "Binary"), str(made.id)
        ),
        "Patient": str(patient.id),
        "Observation": f"{made.id.hex}.current-smoker",
        **dict.fromkeys(("CodeSystem", "ValueSet"), "kind"),
        "StructureDefinition": "input",
        "OperationDefinition": "assess",
        "expected-scans": str(order.id),
        "cds-services": "fracture-risk-patient-view",
        "webhooks": str(webhook.id),
        "patients": str(patient.id),
        "scans": str(scan.id),
        "assessments": str(made.id),
        "fractures": str(fracture.id),
        "treatments": str(treatment.id),
        "discussions": str(discussion.id),
        "shares": str(link.id),
        "trainings": str(run.id),
    }


def faults(
    by: User,
    ids: dict[str, str],
    record_system: RecordSystem,
    examples: int,
    steps: int,
    paths: str = "",
) -> Iterator[Fault]:
    """Make up requests to every operation, and tell each answer that is not as described.

    Parameters
    ----------
    record_system : RecordSystem
        Signs what calls a hook; the site has named it.
    paths : str
        A regular expression that leaves out operations at other addresses; all unless given.
    """
    key = issue_token(by=by, label="made up")
    described = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))
    described["paths"] = {
        path: one for path, one in described["paths"].items() if re.search(paths, path)
    }
    _name_what_is_there(described, ids)
    known = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    config = schemathesis.Config.from_dict(
        known
        | {
            "headers": {"Authorization": f"Token {key}"},
            "workers": 1,
            "generation": generation,
            "phases": {"stateful": {"enabled": steps > 0, "max-steps": max(steps, 1)}},
        }
    )
    schema = schemathesis.openapi.from_dict(described, config=config)
    schema.app = _signing_at_hooks(record_system, f"Token {key}", get_wsgi_application())
    with patch.object(WSGITransport, "send", _sent_in_process):
        for event in from_schema(schema).execute():
            yield from _told(event)


def _signing_at_hooks(
    record_system: RecordSystem, key: str, application: Callable[..., Any]
) -> Callable[..., Any]:
    """Where a hook is called with the key, a token for that one call is sent in its place.

    Each answer is read and closed here, as the tool leaves files open.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        is_hook = environ["PATH_INFO"].startswith("/cds-services/")
        if is_hook and environ.get("HTTP_AUTHORIZATION") == key:
            token = record_system.token(request_uri(environ, include_query=False))
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        with closing(application(environ, start_response)) as answered:
            return list(answered)

    return answer


_send = WSGITransport.send


def _sent_in_process(self: WSGITransport, case: Any, **settings: Any) -> Any:
    """Some checks of 4.32 hand settings of sockets to an application that has none, and fail."""
    for name in ("max_redirects", "verify", "cert", "proxies"):
        settings.pop(name, None)
    return _send(self, case, **settings)


def _told(event: Any) -> Iterator[Fault]:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        yield Fault(str(event.label), "Error of the tool", str(event.value), "")
    if isinstance(event, events.ScenarioFinished):
        for checks in event.recorder.checks.values():
            for one in checks:
                if one.failure_info is not None:
                    failure = one.failure_info.failure
                    yield Fault(
                        failure.operation,
                        failure.title,
                        failure.message,
                        one.failure_info.code_sample or "",
                    )


def _name_what_is_there(described: dict[str, Any], ids: dict[str, str]) -> None:
    """Half of what is asked for by its id is there: only then is there something to answer."""
    for path, operations in described["paths"].items():
        places = path.strip("/").split("/")
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if one["in"] == "path" and "{" + one["name"] + "}" in places:
                    noun = places[places.index("{" + one["name"] + "}") - 1]
                    if noun in ids:
                        one["schema"] = {"type": "string", "enum": [ids[noun]]}
    shapes = described["components"]["schemas"]
    for name in ("AssessmentRequest", "ScanRequest"):
        shapes[name]["properties"]["patient"]["enum"] = [ids["patients"]]
