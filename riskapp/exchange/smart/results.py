"""What of an assessment goes back to the record that opened it."""

from collections.abc import Collection, Mapping
from typing import Any

from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.bundle import containing, name_of
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.observation import (
    observation,
    observation_id,
    observed_fields,
)
from riskapp.exchange.fhir.writing.report import diagnostic_report
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment

RISK, REPORT, OBSERVATION = "RiskAssessment", "DiagnosticReport", "Observation"


def results(
    told: Assessed, kinds: Collection[str], *, pdf: bytes | None = None, encounter: str = ""
) -> list[Json]:
    """The answer, its report and what was found out here, as far as the record takes each type.

    What came from a record is not sent as an Observation once more; the RiskAssessment names it.
    """
    new = [
        field
        for field in observed_fields(told.profile)
        if not told.provenance.get(field, "").startswith("imported") and OBSERVATION in kinds
    ]
    soft = device(told.software_version, told.engine, str(told.estimate["model_id"]))
    made = [_with(soft, observation(told, field)) for field in new]
    if RISK in kinds:
        made.append(_with(soft, risk_assessment(told, with_observations=True)))
    if REPORT in kinds:
        made.append(diagnostic_report(told, pdf=pdf))
    if encounter:
        during = {"encounter": {"reference": f"Encounter/{encounter}"}}
        made = [one | during for one in made]
    ours = {f"Observation/{observation_id(told.id, field)}" for field in told.profile}
    ours |= {f"{RISK}/{told.risk_assessment_id}"}
    unsent = ours - {name_of(one) for one in made}
    return [_without(one, unsent) for one in made]


def _with(soft: Json, made: Json) -> Json:
    """Our software inside what it made: records rarely let a Device be created."""
    named = {made.get(name, {}).get("reference") for name in ("device", "performer")}
    return containing(made, [soft]) if name_of(soft) in named else made


def _without(value: Any, names: Collection[str]) -> Any:
    """The same less what points to these resources, and lists that are empty then."""
    if isinstance(value, list):
        return [_without(one, names) for one in value if not _points_to(one, names)]
    if not isinstance(value, dict):
        return value
    kept = {key: _without(one, names) for key, one in value.items()}
    return {key: one for key, one in kept.items() if one != []}


def _points_to(value: Any, names: Collection[str]) -> bool:
    if not isinstance(value, Mapping):
        return False
    return any(
        isinstance(one, Mapping) and one.get("reference") in names
        for one in (value, value.get("valueReference"))
    )
