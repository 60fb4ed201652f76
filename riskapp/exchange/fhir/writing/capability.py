"""What the FHIR doors can do, as a CapabilityStatement made from the table that they obey."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.definitions import FHIR_VERSION
from riskapp.exchange.fhir.writing.elements import narrative
from riskapp.exchange.fhir.writing.operation import ALL_OPERATION, OPERATION
from riskapp.exchange.fhir.writing.risk_assessment import PROFILE
from riskapp.exchange.wording import SAFETY

SECURITY_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
STATED_ON = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Served:
    """One kind of resource: how it can be read, and searched by what (name -> type)."""

    interactions: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


def capability_statement(
    *,
    base: str,
    software_version: str,
    served: Mapping[str, Served],
    oauth: Mapping[str, str],
) -> Json:
    """Tell programs what is here.

    Parameters
    ----------
    oauth : mapping of name to address
        ``authorize``, ``token`` and the like; empty where keys alone open the doors.
    """
    return {
        "resourceType": "CapabilityStatement",
        "id": "trabecula",
        "text": narrative("Estimates of fracture risk as FHIR R4.", SAFETY),
        "name": "Trabecula",
        "title": "Trabecula: fracture risk as FHIR R4",
        "status": "active",
        "date": STATED_ON,
        "publisher": "Trabecula",
        "description": f"10-year probabilities of fracture and what they rest on. {SAFETY}",
        "kind": "instance",
        "software": {"name": "Trabecula", "version": software_version},
        "implementation": {"description": "This site's Trabecula", "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(oauth),
                "resource": [_resource(kind, one) for kind, one in served.items()],
            }
        ],
    }


def _security(oauth: Mapping[str, str]) -> Json:
    told: Json = {
        "cors": True,
        "description": "A program sends a key that belongs to an account (Authorization: Token) or "
        "an OAuth 2 access token (Authorization: Bearer). Everything is seen from the account's "
        "organisation: what belongs to another one is not found.",
    }
    if oauth:
        code = {"system": SECURITY_SERVICE, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR"}
        told["service"] = [{"coding": [code], "text": "OAuth 2 as SMART App Launch has it"}]
        told["extension"] = [
            {
                "url": OAUTH_URIS,
                "extension": [{"url": name, "valueUri": at} for name, at in oauth.items()],
            }
        ]
    return told


def _resource(kind: str, one: Served) -> Json:
    made: Json = {
        "type": kind,
        "interaction": [{"code": code} for code in one.interactions],
        "versioning": "versioned",
        "readHistory": False,
        "conditionalRead": "full-support",
    }
    if one.words:
        made["documentation"] = one.words
    if one.parameters:
        made["searchParam"] = [
            {"name": name, "type": type_} for name, type_ in one.parameters.items()
        ]
    if kind == "RiskAssessment":
        made["supportedProfile"] = [PROFILE]
        made["operation"] = [
            {"name": "assess", "definition": OPERATION},
            {"name": "assess-all", "definition": ALL_OPERATION},
        ]
    return made
