"""What the JSON doors of fractures, treatments and discussions take and give."""

from rest_framework import serializers

from riskapp.api.pages import PageShape
from riskapp.api.strict import Strict
from riskapp.models import Discussion, Fracture, Treatment
from riskapp.models.fracture import SITES
from riskapp.models.treatment import AGENTS

PARTIAL = "A day, a month or a year, as closely as it is known: 2024-09-20, 2024-09 or 2024."
LONGEST_DATE = 10


class FractureRequest(Strict):
    site = serializers.ChoiceField(choices=list(SITES))
    happened_on = serializers.CharField(max_length=LONGEST_DATE, help_text=PARTIAL)
    is_fragility = serializers.BooleanField(
        allow_null=True, default=None, help_text="Null is not known, which is not no."
    )
    circumstance = serializers.ChoiceField(
        choices=Fracture.Circumstance.values, default=Fracture.Circumstance.NOT_KNOWN.value
    )


class EntryShape(serializers.Serializer):
    id = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.username")
    struck_out_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was struck out as entered in error; it counts no more."
    )
    struck_out_by = serializers.CharField(
        source="struck_out_by.username", default=None, allow_null=True
    )


class FractureShape(EntryShape):
    site = serializers.CharField()
    happened_on = serializers.CharField(source="happened", help_text=PARTIAL)
    is_fragility = serializers.BooleanField(allow_null=True)
    circumstance = serializers.CharField()


class TreatmentRequest(Strict):
    agent = serializers.ChoiceField(choices=list(AGENTS))
    started_on = serializers.CharField(max_length=LONGEST_DATE, help_text=PARTIAL)
    ended_on = serializers.CharField(
        max_length=LONGEST_DATE, default="", allow_blank=True, help_text="Blank: taken now."
    )
    why_ended = serializers.ChoiceField(
        choices=Treatment.WhyEnded.values, default="", allow_blank=True
    )


class TreatmentEndRequest(Strict):
    ended_on = serializers.CharField(max_length=LONGEST_DATE, help_text=PARTIAL)
    why_ended = serializers.ChoiceField(choices=Treatment.WhyEnded.values)


class TreatmentShape(EntryShape):
    agent = serializers.CharField()
    started_on = serializers.CharField(source="started", help_text=PARTIAL)
    ended_on = serializers.CharField(source="ended", allow_null=True, help_text="Null: taken now.")
    why_ended = serializers.CharField()


class DiscussionRequest(Strict):
    decided = serializers.ChoiceField(choices=Discussion.Decided.values)
    review_on = serializers.DateField(
        allow_null=True, default=None, help_text="When to look again, if that was agreed."
    )


class DiscussionShape(serializers.Serializer):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username")
    decided = serializers.CharField()
    review_on = serializers.DateField(allow_null=True)
    struck_out_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was struck out as entered in error; it counts no more."
    )
    struck_out_by = serializers.CharField(
        source="struck_out_by.username", default=None, allow_null=True
    )


class FracturesShape(PageShape):
    fractures = FractureShape(many=True)


class TreatmentsShape(PageShape):
    treatments = TreatmentShape(many=True)


class DiscussionsShape(PageShape):
    discussions = DiscussionShape(many=True)
