"""What CDS Hooks 2.0 is sent, for checking and for the OpenAPI description.

Names that the specification does not list are taken and left alone: each hook has a context of
its own, and anything may carry an ``extension``.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from riskapp.api.strict import BoundedList, TextIsText
from riskapp.models import CdsFeedback

# FHIR R4, data type id; some systems send the type before it.
FHIR_ID = r"(?:[A-Za-z]{1,40}/)?[A-Za-z0-9\-.]{1,64}"
# FHIR R4, data type uri: a draft without an id has nothing but its place in the Bundle.
DRAFT = r"\A\S{1,500}\Z"
MOST_FEEDBACK, MOST_ACCEPTED, MOST_SELECTED = 100, 50, 200
MOST_PREFETCH_KEYS = 100
LONGEST_TOKEN, LONGEST_SCOPES, LONGEST_URL = 16_000, 8_000, 500


@extend_schema_field(
    {"type": "object", "properties": {"resourceType": {"type": "string"}}, "example": {}}
)
class ResourceField(serializers.Field):
    """One FHIR resource, read by whoever knows its kind."""

    default_error_messages = {"no_resource": "Expected a FHIR resource: an object, resourceType."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("resourceType"), str):
            self.fail("no_resource")
        return data


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": ["object", "null"]}, "example": {}}
)
class PrefetchField(serializers.Field):
    """Answers by name of the template; null is what the record system has nothing for."""

    default_error_messages = {
        "no_object": "Expected an object with an answer for each name of a template.",
        "no_resource": "“{name}” is neither null nor a FHIR resource.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or len(data) > MOST_PREFETCH_KEYS:
            self.fail("no_object")
        for name, one in data.items():
            if one is not None and not (
                isinstance(one, dict) and isinstance(one.get("resourceType"), str)
            ):
                self.fail("no_resource", name=name[:40])
        return data


def _reference(**about: Any) -> serializers.RegexField:
    return serializers.RegexField(rf"\A{FHIR_ID}\Z", **about)


class ContextShape(TextIsText):
    """Of patient-view; the hooks of orders add what is selected and the drafts."""

    userId = _reference(required=False, help_text="Such as Practitioner/abc.")
    patientId = _reference(help_text="The FHIR id of the Patient.")
    encounterId = _reference(required=False, allow_null=True)
    selections = BoundedList(
        child=serializers.RegexField(DRAFT),
        required=False,
        max_length=MOST_SELECTED,
        help_text="Of order-select: the drafts that were just selected, by their ids "
        "(MedicationRequest/103) or by the fullUrl of their entries (urn:uuid:...).",
    )
    draftOrders = ResourceField(required=False, help_text="A Bundle of all that is not signed yet.")


class AuthorizationShape(TextIsText):
    access_token = serializers.CharField(max_length=LONGEST_TOKEN)
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField(max_length=LONGEST_SCOPES)
    subject = serializers.CharField(max_length=LONGEST_URL)


class HookRequest(TextIsText):
    hook = serializers.CharField(max_length=100)
    hookInstance = serializers.UUIDField()
    context = ContextShape()
    fhirServer = serializers.CharField(max_length=LONGEST_URL, required=False)
    fhirAuthorization = AuthorizationShape(required=False)
    prefetch = PrefetchField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "fhirAuthorization" in attrs and "fhirServer" not in attrs:
            raise serializers.ValidationError({"fhirServer": "Needed beside fhirAuthorization."})
        return attrs


class AcceptedShape(TextIsText):
    id = serializers.CharField(max_length=100)


class CodingShape(TextIsText):
    code = serializers.CharField(max_length=100)
    system = serializers.CharField(max_length=200, required=False)
    display = serializers.CharField(max_length=200, required=False)


class OverrideShape(TextIsText):
    reason = CodingShape(required=False)
    userComment = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class OneFeedback(serializers.Serializer):
    card = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=CdsFeedback.Outcome.values)
    acceptedSuggestions = BoundedList(
        child=AcceptedShape(), required=False, max_length=MOST_ACCEPTED
    )
    overrideReason = OverrideShape(required=False)
    outcomeTimestamp = serializers.DateTimeField()


class FeedbackRequest(serializers.Serializer):
    feedback = BoundedList(child=OneFeedback(), min_length=1, max_length=MOST_FEEDBACK)


class FeedbackAnswer(serializers.Serializer):
    received = serializers.IntegerField()
    new = serializers.IntegerField(help_text="What was told before is kept once.")
