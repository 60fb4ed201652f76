"""Estimates for other programs; nothing about the people is kept."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions import finding
from riskapp.actions.recording_scores import record_scores
from riskapp.actions.scoring import (
    WORK_PER_REQUEST,
    Scored,
    check_guideline,
    engines_named,
    score_many,
)
from riskapp.api.shapes import ProblemShape, ScoreRequest, ScoreResponse
from riskapp.exchange.answer_text import written
from riskapp.exchange.wording import SAFETY
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions

# One for all requests, as it keeps nothing of any: to make its fields takes longer than to read.
READER = ScoreRequest()
# What it reads where nothing but a profile is sent.
USUAL: dict[str, Any] = READER.run_validation({"profile": {}})


def options_of(asked: dict[str, Any]) -> EstimateOptions:
    """The part of a request that says how to answer."""
    return EstimateOptions(
        evidence_set=asked["evidence_set"],
        unknown_as_no=asked["unknown_as_no"],
        explain=asked["explain"],
        interval=asked["interval"],
        guideline=asked["guideline"],
        verdicts=asked.get("verdicts", True),  # always stored with an assessment
    )


class WrittenJson(JSONRenderer):
    """Sends what is written already as it is."""

    def render(self, data: Any, *more: Any, **named: Any) -> bytes:
        return data if isinstance(data, bytes) else super().render(data, *more, **named)


class Scores(APIView):
    """Estimate for one profile or for up to 1,000; no patient value is stored."""

    renderer_classes = (WrittenJson,)

    @extend_schema(
        operation_id="score",
        request=ScoreRequest,
        responses={200: ScoreResponse, 400: ProblemShape, 413: ProblemShape},
        summary="Estimate 10-year fracture probabilities",
        description="A profile that cannot be estimated is refused in its own result, with a "
        "sentence, and never stops the others.",
    )
    def post(self, request: Request) -> Response:
        asked = _read(request.data)
        by = request.user
        organisation_id = finding.organisation_id_of(by)
        engines = engines_named(asked["engines"], asked["evidence_set"], organisation_id)
        check_guideline(asked["guideline"])
        profiles = asked["profiles"] if "profiles" in asked else [asked["profile"]]
        rows = [_row(profile) for profile in profiles]
        people = [one for one, row in zip(profiles, rows, strict=True) if row["refused"] is None]
        answers = score_many(
            people,
            engines=engines,
            options=options_of(asked),
            clamp_age=asked["clamp_age"],
            most_work=WORK_PER_REQUEST,
            organisation_id=organisation_id,
        )
        record_scores(by=by, door="scores", answers=answers)
        scored = iter(answers)
        results = [written(row) if row["refused"] else _answer(row, next(scored)) for row in rows]
        told = b'{"results":[%b],"safety":%b}' % (b",".join(results), written(SAFETY))
        return Response(told)


def _read(sent: dict[str, Any]) -> dict[str, Any]:
    """As ``READER`` reads it; at once where all that is sent is one profile, and yes or no."""
    plain = "profile" in sent and all(
        type(value) in (dict, bool) and type(value) is type(USUAL.get(name))
        for name, value in sent.items()
    )
    read: dict[str, Any] = {**USUAL, **sent} if plain else READER.run_validation(sent)
    return read


def _row(profile: Any) -> dict[str, Any]:
    """What is said about a profile before it is read."""
    if not isinstance(profile, dict):
        return {"id": None, "estimates": [], "refused": "A profile is a JSON object of fields."}
    row = {"id": profile.get("id"), "estimates": [], "refused": None}
    # A bool is an int to Python.
    if isinstance(row["id"], bool) or not isinstance(row["id"], str | int | None):
        return row | {"id": None, "refused": "The id of a profile is text or a whole number."}
    return row


def _answer(row: dict[str, Any], scored: Scored | RiskError) -> bytes:
    if isinstance(scored, RiskError):
        return written(row | {"refused": str(scored)})
    if not scored.estimates:
        return written(row | {"refused": " ".join(scored.silent.values())})
    told = (written(row["id"]), scored.to_text())
    return b'{"id":%b,"estimates":%b,"refused":null}' % told
