"""The report of an assessment, and its file."""

from base64 import b64encode

from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.elements import instant, narrative, reference, said
from riskapp.exchange.fhir.writing.observation import observation_id, observed_fields
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.wording import SAFETY

PDF = "application/pdf"
# Of FHIR R4 itself: the RiskAssessment that a report is about.
ABOUT_RISK = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-risk"
NUMBERS = ("_bmd_g_cm2", "_t_score", "_hu", "_mg_cm3", "_score", "_mm", "_kg", "_cm", "_index")


def diagnostic_report(told: Assessed, *, pdf: bytes | None = None) -> Json:
    """Findings and conclusion; the file in it, or behind the address of its Binary."""
    result = [
        reference("Observation", observation_id(told.id, field), FIELDS[field].label)
        for field in observed_fields(told.profile)
        if field.endswith(NUMBERS)
    ]
    made: Json = {
        "resourceType": "DiagnosticReport",
        "id": told.id,
        "meta": {"lastUpdated": instant(told.at)},
        "text": narrative(told.paragraph, SAFETY),
        "extension": [
            {
                "url": ABOUT_RISK,
                "valueReference": reference("RiskAssessment", told.risk_assessment_id),
            }
        ],
        "identifier": [{"system": codes.URIS, "value": f"urn:uuid:{told.id}"}],
        "status": "final",
        "code": codes.concept("kind", "fracture-risk-report"),
        "subject": told.subject,
        "effectiveDateTime": instant(told.at),
        "issued": instant(told.at),
        "result": result,
        "conclusion": said(f"{told.paragraph} {SAFETY}"),
        "presentedForm": [_form(told, pdf)],
    }
    return {name: value for name, value in made.items() if value}


def _form(told: Assessed, pdf: bytes | None) -> Json:
    made: Json = {"contentType": PDF, "language": "en"}
    if pdf is None:
        made["url"] = f"Binary/{told.id}"
    else:
        made["data"] = b64encode(pdf).decode()
    return made | {"title": "Fracture risk report", "creation": instant(told.at)}


def binary(id: str, content: bytes) -> Json:
    """The file as a resource, for who asks for FHIR and not for the file itself."""
    return {
        "resourceType": "Binary",
        "id": id,
        "contentType": PDF,
        "data": b64encode(content).decode(),
    }
