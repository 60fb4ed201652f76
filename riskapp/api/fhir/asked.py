"""What a call of `$assess` asks: the body and the address, read into one thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from riskapp.api.fhir.problems import refused
from riskapp.exchange.fhir.writing.operation import PARAMETERS, RECORD

LONGEST = 200  # characters of a parameter; codes and names of resources are shorter
YES_NO = {"true": True, "false": False}
VALUES = ("valueString", "valueCode", "valueBoolean", "valueId", "valueUri", "valueReference")
# Of the answer, not of the operation.
ABOUT_THE_ANSWER = ("_format", "_pretty")
BODY = "Send a Bundle with one person’s record, or Parameters with it under the name record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call; ``subject`` is how the caller names the person, where several were sent."""

    resources: Sequence[Mapping[str, Any]]
    patient: str | None = None
    population: str | None = None
    evidence_set: str | None = None
    guideline: str | None = None
    clamp_age: bool = False
    persist: bool = False
    include_all: bool = False

    @property
    def subject(self) -> str | None:
        if self.patient is None or "/" in self.patient or ":" in self.patient:
            return self.patient
        return f"Patient/{self.patient}"


def read_asked(request: Request) -> Asked:
    """Read the body and the parameters of the address.

    Raises
    ------
    FhirRefused
        With a sentence: unknown names are refused, because a slip would otherwise become a default.
    """
    body = request.data
    resources, given = _of_body(body if isinstance(body, Mapping) else {})
    for name, values in request.query_params.lists():
        if name in ABOUT_THE_ANSWER:
            continue
        if name not in PARAMETERS or name == RECORD:
            raise refused(_no_such(name), name)
        if len(values) > 1 or given.get(name, values[0]) != values[0]:
            raise refused(f"The parameter {name} is given twice.", name)
        given[name] = values[0]
    for name, value in given.items():
        if not value.strip() or len(value) > LONGEST:
            raise refused(f"The parameter {name} is empty or too long.", name)
    include = given.get("include")
    if include not in (None, "all"):
        raise refused("The parameter include is all, or left out.", "include", code="value")
    return Asked(
        resources=resources,
        patient=given.get("patient"),
        population=given.get("population"),
        evidence_set=given.get("evidence-set"),
        guideline=given.get("guideline"),
        clamp_age=_yes(given, "clamp-age"),
        persist=_yes(given, "persist"),
        include_all=include == "all",
    )


def _of_body(body: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], dict[str, str]]:
    kind = body.get("resourceType")
    if kind == "Bundle":
        return [body], {}
    if kind != "Parameters":
        raise refused(BODY, "resourceType")
    entries = body.get("parameter")
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        raise refused(BODY, "Parameters.parameter")
    resources, given = [], {}
    for one in entries:
        name = one.get("name")
        here = f"Parameters.parameter.where(name='{name}')"
        if not isinstance(name, str) or name not in PARAMETERS:
            raise refused(_no_such(name), "Parameters.parameter")
        if name == RECORD:
            if not isinstance(one.get("resource"), Mapping):
                raise refused(f"The parameter {RECORD} holds a resource.", here)
            resources.append(one["resource"])
        elif name in given:
            raise refused(f"The parameter {name} is given twice.", here)
        else:
            given[name] = _value(one, name, here)
    if not resources:
        raise refused(BODY, "Parameters.parameter", code="required")
    return resources, given


def _value(one: Mapping[str, Any], name: str, here: str) -> str:
    """A parameter's value as it would stand in an address."""
    told = [one[key] for key in VALUES if key in one]
    value = told[0] if len(told) == 1 else None
    if isinstance(value, Mapping):
        value = value.get("reference")
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise refused(f"The parameter {name} holds one value, a {PARAMETERS[name].type}.", here)
    return value


def _yes(given: Mapping[str, str], name: str) -> bool:
    written = given.get(name, "false")
    if written not in YES_NO:
        raise refused(f"The parameter {name} is true or false.", name, code="value")
    return YES_NO[written]


def _no_such(name: object) -> str:
    return f"There is no parameter {str(name)[:40]!r}; there are {', '.join(PARAMETERS)}."
