"""How the cards were taken, for the people of the organisation."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions.cds_feedback import feedback_report
from riskapp.api.cds.answer_shapes import FeedbackReportShape


class FeedbackReports(APIView):
    """Counts of cards and of what became of them; nothing in it is about a patient."""

    @extend_schema(
        operation_id="read_cds_feedback",
        responses={200: FeedbackReportShape},
        summary="How many cards of each kind were shown, accepted and overridden, and why",
    )
    def get(self, request: Request) -> Response:
        report = feedback_report(by=request.user)
        shown = {
            "since": report.since,
            "kinds": [
                {
                    "kind": one.kind, "words": one.words, "shown": one.shown,
                    "accepted": one.accepted, "overridden": one.overridden, "ignored": one.ignored,
                    "reasons": [
                        {"reason": reason, "count": count} for reason, count in one.reasons
                    ],
                }
                for one in report.kinds
            ],
            "comments": report.comments,
        }  # fmt: skip
        return Response(FeedbackReportShape(shown).data)
