"""A known answer as the value of an Observation or of an extension, in FHIR's own types."""

from typing import Any

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.elements import quantity
from riskapp.exchange.fields import FIELDS
from riskapp.risk.limits import RANGES


def value_of(field: str, value: Any) -> Json:
    """One ``value[x]``, of the types that the extension ``input`` is defined with.

    A count is a quantity too (UCUM has ``{count}``); a population is the code that ``$assess``
    takes it by.
    """
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if field == "dxa_date":
        return {"valueDate": value}
    if field in CHOICES:
        shown = CHOICES[field][value]
        coded = codes.coding("answer", f"{field}.{value}", f"{FIELDS[field].label}: {shown}")
        return {"valueCodeableConcept": {"coding": [coded], "text": shown}}
    if isinstance(value, str):
        return {"valueCode": value}
    return {"valueQuantity": quantity(value, RANGES[field].ucum, FIELDS[field].unit)}
