"""Refusals as OperationOutcome: a sentence, a code, and what it is about."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.response import Response

from riskapp.actions.errors import Refused
from riskapp.api.problems import answer as answer_as_problem
from riskapp.exchange.fhir.writing.outcome import CODES, Issue, outcome
from riskapp.risk.errors import EngineWithheld, InvalidProfile, RiskError


class FhirRefused(Exception):
    """A refusal that knows its status and its issues."""

    def __init__(self, status: int, issues: Iterable[Issue]) -> None:
        self.status, self.issues = status, tuple(issues)
        super().__init__(" ".join(one.sentence for one in self.issues))


def refused(
    sentence: str, expression: str = "", *, status: int = 400, code: str = ""
) -> FhirRefused:
    """One sentence; the code is that of the status unless said."""
    return FhirRefused(status, [Issue(sentence, expression, code or CODES.get(status, "invalid"))])


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Translate whatever a door of FHIR raised, with the statuses that the other doors give.

    None leaves an error of ours to Django, which answers 500 and writes the log.
    """
    if isinstance(error, FhirRefused):
        return Response(outcome(error.issues), status=error.status)
    as_problem = answer_as_problem(error, context)
    if as_problem is None:
        return None
    status = _status(error, as_problem.status_code)
    code = CODES.get(status, "invalid")
    by_field = error.by_field if isinstance(error, Refused | InvalidProfile) else {}
    issues = [Issue(sentence, _expression(name), code) for name, sentence in by_field.items()]
    issues = issues or [Issue(as_problem.data["detail"], "", code)]
    response = Response(outcome(issues), status=status)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in as_problem.headers:
            response[name] = as_problem.headers[name]
    return response


def _status(error: Exception, status: int) -> int:
    """A record that was understood and cannot be answered is no malformed request."""
    understood = isinstance(error, RiskError) and not isinstance(error, EngineWithheld)
    return 422 if understood else status


def _expression(name: str) -> str:
    return f"Parameters.parameter.where(name='{name}')" if name.replace("-", "").isalnum() else ""
