"""Plain questions about a person. What is acceptable is decided by the actions."""

from django import forms

from riskapp.exchange.wording import CHOICES


class PatientForm(forms.Form):
    name = forms.CharField(error_messages={"required": "Name is missing."})
    record_number = forms.CharField(error_messages={"required": "Record number is missing."})
    date_of_birth = forms.DateField(
        error_messages={
            "required": "Date of birth is missing.",
            "invalid": "Date of birth should be a date, such as 1954-06-01.",
        }
    )
    sex = forms.ChoiceField(
        choices=list(CHOICES["sex"].items()),
        error_messages={"required": "Sex at birth is missing."},
    )
