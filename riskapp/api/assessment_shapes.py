"""What the doors for stored assessments take and give."""

from rest_framework import serializers

from riskapp.actions.impressions import IMPRESSIONS
from riskapp.api.pages import PageShape
from riskapp.api.shapes import (
    EstimateShape,
    ExplanationShape,
    ProfileField,
    ProfileSerializer,
    ScoreOptions,
)
from riskapp.exchange.scan_fields import SLOTS

MOST_SCANS = 20


class AssessmentRequest(ScoreOptions):
    patient = serializers.UUIDField()
    profile = ProfileField(default=dict)
    scans = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=MOST_SCANS
    )
    measurements = serializers.DictField(
        child=serializers.CharField(max_length=120, allow_blank=True),
        default=dict,
        help_text="Which measurement a slot takes: the id of one of the scans, or none; the "
        f"newest suitable one unless said. Slots: {', '.join(SLOTS)}.",
    )

    own_impression = serializers.ChoiceField(
        choices=[("", "not told"), *IMPRESSIONS.items()],
        default="",
        help_text="What the clinician thought of the risk before or beside the number. It changes "
        "no number; a site counts how often the guideline's category agreed (automation bias).",
    )


class AssessmentSummary(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by.username")
    evidence_set = serializers.CharField()
    model_ids = serializers.DictField(child=serializers.CharField())
    software_version = serializers.CharField()


class AssessmentPage(PageShape):
    results = AssessmentSummary(many=True)


class OtherEvidenceShape(serializers.Serializer):
    evidence_set = serializers.CharField()
    model_id = serializers.CharField()
    probability_10y = serializers.DictField(
        child=serializers.FloatField(), allow_null=True, help_text="By outcome."
    )
    borrowed = serializers.ListField(child=serializers.CharField())
    borrowed_in_part = serializers.ListField(child=serializers.CharField())
    refused = serializers.CharField(allow_null=True)


class SiteValueShape(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField(help_text="UCUM")
    value = serializers.JSONField(help_text="A number, or true or false.")


class AssessmentShape(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    profile = ProfileSerializer()
    site_values = SiteValueShape(many=True, help_text="What was known of the site's own columns.")
    provenance = serializers.DictField(child=serializers.CharField())
    measurements = serializers.ListField(
        child=serializers.DictField(),
        help_text="For each slot the measurement used, who chose it, and why others were not.",
    )
    scans = serializers.ListField(child=serializers.UUIDField())
    estimates = EstimateShape(many=True)
    other_evidence = OtherEvidenceShape(
        many=True, help_text="What the other evidence sets say of the same record."
    )
    warnings = serializers.ListField(child=serializers.CharField())
    evidence_set = serializers.CharField()
    model_ids = serializers.DictField(child=serializers.CharField())
    software_version = serializers.CharField()
    own_impression = serializers.CharField(
        help_text="What the clinician thought of the risk: low, middle, high, very_high; blank "
        "where it was not told."
    )
    narrative = serializers.CharField(
        help_text="The stored assessment as a short paragraph; blank where evidence did not answer."
    )
    safety = serializers.CharField()


class EngineExplanation(serializers.Serializer):
    engine = serializers.CharField()
    model_id = serializers.CharField()
    trained_on = serializers.CharField()
    explanation = ExplanationShape(allow_null=True)


class ReproducedPart(serializers.Serializer):
    engine = serializers.CharField()
    model_id = serializers.CharField(allow_blank=True)
    is_same = serializers.BooleanField()
    sentence = serializers.CharField()
    differences = serializers.ListField(child=serializers.CharField())


class AssessmentReproduction(serializers.Serializer):
    assessment = serializers.UUIDField()
    is_same = serializers.BooleanField()
    is_unchanged = serializers.BooleanField(
        allow_null=True,
        help_text="Whether inputs and estimates are those that the trail witnessed; null where it "
        "holds no digest of them.",
    )
    sentence = serializers.CharField()
    parts = ReproducedPart(many=True)


class AssessmentExplanation(serializers.Serializer):
    assessment = serializers.UUIDField()
    explanations = EngineExplanation(many=True)
    safety = serializers.CharField()
