"""What the JSON doors of patients take and give."""

from rest_framework import serializers

from riskapp.actions.registering import NAME_LENGTH, RECORD_NUMBER_LENGTH
from riskapp.api.pages import PageShape
from riskapp.api.strict import Strict
from riskapp.risk.profile import Sex


class PatientRequest(Strict):
    name = serializers.CharField(max_length=NAME_LENGTH)
    record_number = serializers.CharField(max_length=RECORD_NUMBER_LENGTH)
    date_of_birth = serializers.DateField()
    sex = serializers.ChoiceField(choices=[sex.value for sex in Sex])
    refuse_alike = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Register nobody, and say so, where somebody of nearly this name and birth date "
        "is registered already.",
    )


class PatientShape(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=NAME_LENGTH)
    record_number = serializers.CharField(max_length=RECORD_NUMBER_LENGTH)
    date_of_birth = serializers.DateField()
    sex = serializers.ChoiceField(choices=[sex.value for sex in Sex])


class PatientChange(Strict):
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    date_of_birth = serializers.DateField(required=False)
    sex = serializers.ChoiceField(choices=[sex.value for sex in Sex], required=False)


class PatientPage(PageShape):
    results = PatientShape(many=True)


class ChangeShape(serializers.Serializer):
    name = serializers.CharField()
    region = serializers.CharField()
    unit = serializers.CharField()
    earlier = serializers.FloatField()
    later = serializers.FloatField()
    absolute = serializers.FloatField()
    percent = serializers.FloatField(
        allow_null=True, help_text="Null of grades, which have no per cent."
    )
    per_year = serializers.FloatField(help_text="In the unit, per year.")
    percent_per_year = serializers.FloatField(allow_null=True)
    interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="95 % interval of the change, from the repeatability of a scan alone.",
    )
    least_significant = serializers.FloatField(allow_null=True)
    repeatability = serializers.CharField(help_text="Where the least significant change is from.")
    verdict = serializers.ChoiceField(choices=["larger", "within", "not judged"])
    words = serializers.CharField()
    tried_on = serializers.CharField()


class PairShape(serializers.Serializer):
    earlier = serializers.UUIDField()
    later = serializers.UUIDField()
    years = serializers.FloatField(allow_null=True)
    refused = serializers.CharField(allow_null=True)
    changes = ChangeShape(many=True)
    not_compared = serializers.ListField(child=serializers.CharField())
    advice = serializers.ListField(child=serializers.CharField())


class ChangesShape(serializers.Serializer):
    pairs = PairShape(many=True)
    safety = serializers.CharField()
