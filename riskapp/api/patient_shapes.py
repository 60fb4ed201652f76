"""What the JSON doors of patients take and give."""

from rest_framework import serializers

from riskapp.api.shapes import Strict
from riskapp.models import Patient
from riskapp.risk.profile import Sex


class PatientShape(Strict, serializers.ModelSerializer):
    sex = serializers.ChoiceField(choices=[sex.value for sex in Sex])

    class Meta:
        model = Patient
        fields = ["id", "name", "record_number", "date_of_birth", "sex"]


class PatientPage(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)
    results = PatientShape(many=True)
