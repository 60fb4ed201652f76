"""Who made an assessment, with what, from what."""

from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import HOME, Json
from riskapp.exchange.fhir.writing.elements import instant, narrative, reference, said
from riskapp.exchange.fhir.writing.observation import device_of, observation_ids, observed_fields
from riskapp.exchange.fhir.writing.sources import elsewhere, scan_of

ACCOUNTS = f"{HOME}/account"
ROLES = {"assembler": "Assembler", "author": "Author"}


def provenance(told: Assessed) -> Json:
    """One for all that an assessment made; its inputs are its entities."""
    made_of = [elsewhere(told, one) for one in told.chosen if one["resource"]]
    made_of += [scan_of(one["used"]) for one in told.measurements if one["used"]]
    entities = {one.get("reference") or one["identifier"]["value"]: one for one in made_of}
    return {
        "resourceType": "Provenance",
        "id": told.id,
        "meta": {"lastUpdated": instant(told.at)},
        "text": narrative(f"Estimated by Trabecula {told.software_version} for {told.author}."),
        "contained": [_author(told)],
        "target": [
            reference("RiskAssessment", told.risk_assessment_id),
            reference("DiagnosticReport", told.id),
            *(
                reference("Observation", id)
                for id in observation_ids(told.id, observed_fields(told.profile))
            ),
        ],
        "occurredDateTime": instant(told.at),
        "recorded": instant(told.at),
        "activity": {
            "coding": [{"system": codes.DATA_OPERATION, "code": "CREATE", "display": "create"}]
        },
        "agent": [
            _agent("assembler", reference("Device", device_of(told), "Trabecula")),
            _agent("author", {"reference": "#author", "display": said(told.author)}),
        ],
        "entity": [
            {"role": "source", "what": told.subject},
            *({"role": "source", "what": one} for one in entities.values()),
        ],
    }


def _agent(role: str, who: Json) -> Json:
    coded = {"system": codes.PARTICIPANT, "code": role, "display": ROLES[role]}
    return {"type": {"coding": [coded]}, "who": who}


def _author(told: Assessed) -> Json:
    """The account that asked: of a clinician, or of a program that asks for one."""
    return {
        "resourceType": "Practitioner",
        "id": "author",
        "identifier": [{"system": ACCOUNTS, "value": said(told.author)}],
    }
