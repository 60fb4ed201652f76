"""An answer as RiskAssessment: numbers, what they rest on, and what must be read beside them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riskapp.exchange.fhir.spans import span_of
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import HOME, Json
from riskapp.exchange.fhir.writing.elements import (
    extension,
    instant,
    narrative,
    nested,
    reference,
    said,
)
from riskapp.exchange.fhir.writing.observation import device_of, observation_ids, observed_fields
from riskapp.exchange.fhir.writing.prediction import predictions
from riskapp.exchange.fhir.writing.sources import elsewhere, scan_of
from riskapp.exchange.fhir.writing.values import value_of
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.exchange.wording import SAFETY, value_text

PROFILE = f"{HOME}/StructureDefinition/fracture-risk-assessment"
SIMULATED = "simulated"
# A hospital sends thousands of resources, most of which answer nothing here; all of them are told
# in the outcome of the operation.
MOST_PASSED_OVER, MOST_PASSED_OVER_IN_WORDS = 500, 50


def may_leave(estimate: Mapping[str, Any], approved: Iterable[str]) -> bool:
    """Whether an estimate may be told to other systems.

    Published epidemiology may, and a model that a second person approved; what learned from
    simulated people never.
    """
    if estimate["engine"] == "evidence":
        return True
    return estimate["model_id"] in set(approved) and not is_simulated(estimate["trained_on"])


def is_simulated(trained_on: str) -> bool:
    return SIMULATED in trained_on.lower()


def risk_assessment(told: Assessed, *, with_observations: bool) -> Json:
    """One engine's answer.

    Parameters
    ----------
    with_observations : bool
        Whether our own Observations of what was known go along, or can be read, so that the
        basis may name them.
    """
    estimate = told.estimate
    if is_simulated(estimate["trained_on"]):
        raise ValueError("What learned from simulated people is never sent.")
    notes = _notes(told)
    return {
        "resourceType": "RiskAssessment",
        "id": told.risk_assessment_id,
        "meta": {"lastUpdated": instant(told.at), "profile": [PROFILE]},
        "text": narrative(told.paragraph or _answer(estimate), *notes[:1], SAFETY),
        "extension": [*_inputs(told), *_said_besides(told)],
        "identifier": [{"system": codes.URIS, "value": f"urn:uuid:{told.id}"}],
        "status": "final",
        "method": _method(estimate),
        "code": codes.concept("kind", "fracture-risk-10y"),
        "subject": told.subject,
        "occurrenceDateTime": instant(told.at),
        "performer": reference("Device", device_of(told), "Trabecula"),
        "basis": _basis(told, with_observations),
        "prediction": predictions(estimate, told.day),
        "note": [{"text": said(text)} for text in notes],
    }


def _method(estimate: Mapping[str, Any]) -> Json:
    engine = estimate["engine"]
    return codes.concept(
        "method",
        engine,
        f"{codes.METHODS.get(engine, engine)}; evidence set {estimate['evidence_set']}, population "
        f"{estimate['population']}, model {estimate['model_id']}",
    )


def _basis(told: Assessed, with_observations: bool) -> list[Json]:
    """Everything that gave an input, each once: the person first."""
    found = [told.subject]
    found += [elsewhere(told, one) for one in told.chosen if one["resource"]]
    found += [scan_of(one["used"]) for one in told.measurements if one["used"]]
    if with_observations:
        fields = observed_fields(told.profile)
        found += [
            reference("Observation", id, FIELDS[field].label)
            for field, id in zip(fields, observation_ids(told.id, fields), strict=True)
        ]
    return list({_pointed_at(one): one for one in reversed(found)}.values())[::-1]


def _pointed_at(one: Json) -> str:
    return str(one.get("reference") or one["identifier"]["value"])


def _inputs(told: Assessed) -> list[Json]:
    """Which resource gave which field, for programs."""
    return [_input(told, field) for field in FIELDS if field in told.profile]


def _input(told: Assessed, field: str) -> Json:
    chosen, scan = told.chosen_for(field), told.measured_for(field)
    source, effective, coded = None, "", None
    if chosen:
        source = elsewhere(told, chosen) if chosen["resource"] else None
        effective, coded = str(chosen["effective"]), _coding(str(chosen["code"]))
    elif scan:
        source, effective = scan_of(scan), scan["on"]
    return nested(
        "input",
        field={"valueCode": field},
        value=value_of(field, told.profile[field]),
        origin={"valueString": told.provenance.get(field, "typed")},
        source={"valueReference": source} if source else None,
        effective={"valueDateTime": effective} if span_of(effective) else None,
        code={"valueCoding": coded} if coded else None,
    )


def _coding(written: str) -> Json | None:
    """``system|code``; None where it is neither."""
    system, _, code = written.partition("|")
    return {"system": system, "code": code} if system and code else None


def _said_besides(told: Assessed) -> list[Json]:
    over = [
        nested(
            "passed-over",
            resource={"valueString": said(str(one["resource"]))},
            field={"valueCode": one["field"]} if one["field"] else None,
            why={"valueString": said(str(one["why"]))},
        )
        for one in told.passed_over[:MOST_PASSED_OVER]
    ]
    unknown = [extension("unknown", valueCode=name) for name in told.estimate["unknown"]]
    learned = extension("trained-on", valueString=told.estimate["trained_on"])
    return [*over, *unknown, learned]


def _notes(told: Assessed) -> list[str]:
    """What a reader has to know beside the numbers, one paragraph each."""
    estimate = told.estimate
    parts = [
        _unknown(estimate["unknown"]),
        *dict.fromkeys([*told.warnings, *estimate["warnings"]]),
        _used(told),
        *_verdicts(estimate),
        _not_used(told.passed_over),
        f"Trained on: {estimate['trained_on']}.",
        SAFETY,
    ]
    return [part for part in parts if part]


def _not_used(passed_over: Sequence[Mapping[str, Any]]) -> str:
    """What was read and not used, a line each."""
    if not passed_over:
        return ""
    lines = [f"{one['resource']}: {one['why']}" for one in passed_over[:MOST_PASSED_OVER_IN_WORDS]]
    left = len(passed_over) - len(lines)
    return "\n".join(["Not used:", *lines, *([f"And {left:,} more."] if left else [])])


def _unknown(names: Sequence[str]) -> str:
    if not names:
        return ""
    labels = [small(FIELDS[name].label) if name in FIELDS else name for name in names]
    return f"Not known, and averaged over, never read as no: {listed_in_words(labels, 'and')}."


def _used(told: Assessed) -> str:
    """Which resource gave which field, for people."""
    lines = [
        f"{FIELDS[field].label} {value_text(field, told.profile[field])}: {_origin(told, field)}"
        for field in FIELDS
        if field in told.profile and field != "population"
    ]
    return "\n".join(["Used:", *lines]) if lines else ""


def _origin(told: Assessed, field: str) -> str:
    chosen, scan = told.chosen_for(field), told.measured_for(field)
    if chosen:
        when = f", {chosen['effective']}" if chosen["effective"] else ""
        return f"{chosen['resource'] or 'told'}{when}"
    if scan:
        return f"scan {scan['scan']}, version {scan['version']}, {scan['on_is']} {scan['on']}"
    return {"typed": "typed by a person", "record": "the patient’s record"}.get(
        told.provenance.get(field, "typed"), told.provenance.get(field, "typed")
    )


def _verdicts(estimate: Mapping[str, Any]) -> list[str]:
    """What guidelines say, the reader's own first, where they apply."""
    return [one["wording"] for one in estimate["guidelines"] if one["applies"] is not False]


def _answer(estimate: Mapping[str, Any]) -> str:
    told = [
        f"{codes.OUTCOMES[name]}: {100 * one['probability_10y']:.1f} % within 10 years."
        for name, one in estimate["outcomes"].items()
    ]
    return " ".join(told)
