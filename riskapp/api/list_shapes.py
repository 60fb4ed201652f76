"""What the doors of the worklist and the recall list give."""

from rest_framework import serializers

from riskapp.actions.worklist import EVERYONE
from riskapp.api.pages import PageShape
from riskapp.models import Wait
from riskapp.risk.profile import Sex

KINDS = Wait.Kind.values
RECALLS = Wait.Recall.values
COMPLETE = "False while records are still being looked at, such as after an update."


class ListedPatient(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    record_number = serializers.CharField()
    age_years = serializers.IntegerField()
    sex = serializers.ChoiceField(choices=[sex.value for sex in Sex])


class WaitShape(serializers.Serializer):
    kind = serializers.CharField(help_text=f"One of {', '.join(KINDS)}; the most urgent first.")
    reason = serializers.CharField(help_text="Why, more closely than the kind.")
    title = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)
    scan = serializers.UUIDField(allow_null=True)


class WorklistEntry(serializers.Serializer):
    patient = ListedPatient()
    waits_for = WaitShape(allow_null=True, help_text="The most urgent thing; null for nothing.")
    assessment = serializers.UUIDField(allow_null=True, help_text="The numbers are its.")
    major_osteoporotic_10y = serializers.FloatField(allow_null=True)
    major_osteoporotic_10y_lower = serializers.FloatField(allow_null=True)
    major_osteoporotic_10y_upper = serializers.FloatField(allow_null=True)
    hip_10y = serializers.FloatField(allow_null=True)
    guideline = serializers.DictField(
        allow_null=True, help_text="What the caller's own guideline, else the usual one, said."
    )


class WorklistPage(PageShape):
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"By kind, and `{EVERYONE}`."
    )
    is_complete = serializers.BooleanField(help_text=COMPLETE)
    results = WorklistEntry(many=True)
    safety = serializers.CharField()


class RuleShape(serializers.Serializer):
    code = serializers.CharField()
    says = serializers.CharField()
    source = serializers.CharField()
    mark = serializers.CharField(help_text="How far the source was checked.")


class RecallEntry(serializers.Serializer):
    patient = ListedPatient()
    due_for = serializers.CharField(help_text=f"One of {', '.join(RECALLS)}.")
    reason = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)
    rule = RuleShape()


class RecallPage(PageShape):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By due_for.")
    is_complete = serializers.BooleanField(help_text=COMPLETE)
    results = RecallEntry(many=True)
    safety = serializers.CharField()
