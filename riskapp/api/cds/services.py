"""Discovery, the calls of hooks, and what became of cards."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.cds_answering import Call, NotEnough, answer_hook
from riskapp.actions.cds_feedback import Told, take_feedback
from riskapp.actions.cds_fetching import Access
from riskapp.actions.errors import NotFound, Refused
from riskapp.api.cds.answer_shapes import CardsShape, ServicesShape
from riskapp.api.cds.authentication import HookToken
from riskapp.api.cds.cors import ForBrowsers
from riskapp.api.cds.shapes import FeedbackAnswer, FeedbackRequest, HookRequest
from riskapp.api.problems import problem
from riskapp.api.shapes import ProblemShape
from riskapp.exchange.cds_orders import selected_drafts
from riskapp.exchange.cds_services import SERVICES, Service, discovery
from riskapp.exchange.cds_situation import Where


class Discovery(ForBrowsers):
    """What is offered; it is about no patient, so anyone may read it from anywhere."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def origin_for(self, request: Request) -> str:
        return "*"

    @extend_schema(
        operation_id="list_cds_services",
        responses={200: ServicesShape},
        summary="The services for hooks of a hospital’s record",
        description="CDS Hooks 2.0, section Discovery.",
    )
    def get(self, request: Request) -> Response:
        return Response(discovery())


class Hook(ForBrowsers):
    """One service: cards for one moment of somebody’s work."""

    authentication_classes = [HookToken]

    @extend_schema(
        operation_id="call_cds_service",
        request=HookRequest,
        responses={
            200: CardsShape, 400: ProblemShape, 404: ProblemShape, 412: ProblemShape,
            503: ProblemShape,
        },
        summary="Advice at a hook",
        description="CDS Hooks 2.0. What is not prefetched is read from fhirServer where the site "
        "has named it, and is else not known; without the Patient the answer is 412. No patient "
        "value is kept.",
    )  # fmt: skip
    def post(self, request: Request, service: str) -> Response:
        called = _service(service)
        reader = HookRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        try:
            made = answer_hook(
                by=request.user,
                client=request.auth,
                call=_call(called, reader.validated_data),
                where=Where(request.build_absolute_uri("/"), smart_launch=request.auth.smart_app),
                page_of=lambda patient: request.build_absolute_uri(f"/patients/{patient}/"),
            )
        except NotEnough as missing:
            return problem(412, str(missing), code="record-not-sent")
        return Response({"cards": [one.content for one in made]})


class Feedback(ForBrowsers):
    """What somebody did with cards of one service."""

    authentication_classes = [HookToken]

    @extend_schema(
        operation_id="tell_cds_feedback",
        request=FeedbackRequest,
        responses={200: FeedbackAnswer, 400: ProblemShape, 404: ProblemShape, 503: ProblemShape},
        summary="What became of cards",
        description="CDS Hooks 2.0, section Feedback. The same told twice is kept once; where one "
        "entry cannot be kept, none is.",
    )
    def post(self, request: Request, service: str) -> Response:
        called = _service(service)
        reader = FeedbackRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        told = [_told(one) for one in reader.validated_data["feedback"]]
        new = take_feedback(by=request.user, client=request.auth.name, service=called.id, told=told)
        return Response({"received": len(told), "new": new})


def _service(named: str) -> Service:
    if named not in SERVICES:
        raise NotFound("There is no such service; GET /cds-services lists them.")
    return SERVICES[named]


def _call(service: Service, asked: Mapping[str, Any]) -> Call:
    context = asked["context"]
    if asked["hook"] != service.hook:
        raise Refused({"hook": f"This service listens to {service.hook}."})
    if service.needs_orders:
        needed = ["draftOrders"] + ["selections"] * (service.hook == "order-select")
        absent = {
            f"context.{name}": f"The hook {service.hook} has {name}."
            for name in needed
            if name not in context
        }
        if absent:
            raise Refused(absent)
    return Call(
        service=service,
        patient=_id(context["patientId"]),
        encounter=_id(context.get("encounterId") or ""),
        user=context.get("userId", ""),
        prefetch=asked.get("prefetch", {}),
        access=_access(asked),
        drafts=selected_drafts(context.get("draftOrders"), context.get("selections")),
    )


def _access(asked: Mapping[str, Any]) -> Access | None:
    lent = asked.get("fhirAuthorization")
    if lent is None:
        return None
    return Access(
        server=asked["fhirServer"],
        token=lent["access_token"],
        expires_in_s=lent["expires_in"],
        scopes=tuple(lent["scope"].split()),
    )


def _id(reference: str) -> str:
    """An id without the type that some systems send before it."""
    return reference.rpartition("/")[2]


def _told(one: Mapping[str, Any]) -> Told:
    override = one.get("overrideReason", {})
    reason = override.get("reason", {})
    return Told(
        card=UUID(str(one["card"])),
        outcome=one["outcome"],
        happened_at=one["outcomeTimestamp"],
        accepted=tuple(each["id"] for each in one.get("acceptedSuggestions", ())),
        reason_system=reason.get("system", ""),
        reason=reason.get("code", ""),
        reason_words=reason.get("display", ""),
        comment=override.get("userComment", ""),
    )
