"""FHIR R4 of the made-up hospital: read, search, create, transaction and $everything."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse

from riskapp.management.mock_ehr.hospital import Hospital, NotThere, Resource, patient_of
from riskapp.management.mock_ehr.permits import FORBIDDEN, Access, Denied, Grant
from riskapp.management.mock_ehr.scopes import allowing
from riskapp.management.mock_ehr.wire import address, fhir, outcome

BASE = "/fhir"
PAGE, LARGEST_PAGE = 20, 50
EXPORT = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"
KINDS = (
    "Patient", "Practitioner", "Encounter", "Observation", "Condition", "MedicationRequest",
    "MedicationStatement", "FamilyMemberHistory", "Procedure", "DiagnosticReport",
    "RiskAssessment", "DocumentReference", "ServiceRequest",
)  # fmt: skip
PLAIN = ("openid", "fhirUser", "launch", "launch/patient", "offline_access", "online_access")
AUTHENTICATION = (
    "client-public", "client-confidential-asymmetric", "sso-openid-connect", "launch-ehr",
    "launch-standalone", "context-ehr-patient", "context-ehr-encounter", "context-banner",
    "context-style", "context-standalone-patient", "permission-offline", "permission-online",
    "permission-patient", "permission-user",
)  # fmt: skip


def smart_configuration(request: HttpRequest) -> HttpResponse:
    at = address(request)
    ehr = request.ehr
    return JsonResponse(
        {
            "issuer": at + BASE,
            "jwks_uri": f"{at}/auth/jwks.json",
            "authorization_endpoint": f"{at}/auth/authorize",
            "token_endpoint": f"{at}/auth/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types_supported": ["code"],
            "scopes_supported": [*PLAIN, "patient/*.cruds", "user/*.cruds", "system/*.rs"],
            "capabilities": [*AUTHENTICATION, *sorted(ehr.permissions)],
            "code_challenge_methods_supported": ["S256"],
        }
    )  # fmt: skip


def metadata(request: HttpRequest) -> HttpResponse:
    at = address(request)
    here = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    uris = [{"url": name, "valueUri": f"{at}/auth/{name}"} for name in ("authorize", "token")]
    offered = [{"code": "transaction"}] if request.ehr.creates_in_transactions else []
    kinds = []
    for kind in KINDS:
        can = [{"code": code} for code in ("read", "search-type", "create")]
        named: dict[str, Any] = {"type": kind, "interaction": can, "conditionalCreate": True}
        if kind == "Patient" and request.ehr.tells_everything:
            operation = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
            named["operation"] = [{"name": "everything", "definition": operation}]
        kinds.append(named)
    return fhir(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-11-01",
            "kind": "instance",
            "software": {"name": "Mock hospital record"},
            "implementation": {"description": "Mock hospital record", "url": at + BASE},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"extension": [{"url": here, "extension": uris}]},
                    "interaction": offered,
                    "operation": [{"name": "export", "definition": EXPORT}],
                    "resource": kinds,
                }
            ],
        }
    )


def base(request: HttpRequest) -> HttpResponse:
    """A transaction."""
    bundle = json.loads(request.body)
    if request.method != "POST" or bundle.get("type") != "transaction":
        return outcome(HTTPStatus.BAD_REQUEST, "invalid", "A transaction Bundle is taken here.")
    if not request.ehr.creates_in_transactions:
        return outcome(HTTPStatus.METHOD_NOT_ALLOWED, "not-supported", "No transactions here.")
    for entry in bundle.get("entry", []):
        _may_create(request, entry.get("resource", {}))
    made = request.ehr.hospital.transact(bundle)
    entries = [
        {
            "response": {
                "status": "201 Created" if is_new else "200 OK",
                "location": f"{one['resourceType']}/{one['id']}/_history/1",
            }
        }
        for one, is_new in made
    ]
    return fhir({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


def of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Search, or create."""
    if kind not in KINDS:
        raise NotThere(kind)
    if request.method == "POST":
        resource = json.loads(request.body)
        _may_create(request, resource)
        wanted = request.headers.get("If-None-Exist", "")
        made, is_new = request.ehr.hospital.create(resource, wanted)
        place = f"{address(request, BASE)}/{kind}/{made['id']}"
        return fhir(made, HTTPStatus.CREATED if is_new else HTTPStatus.OK, Location=place)
    grant, only = _allowed(request, kind, "s")
    wanted = [(name, value) for name, values in request.GET.lists() for value in values]
    found = request.ehr.hospital.search(kind, wanted)
    return _paged(request, [one for one in found if _is_theirs(one, grant, only)])


def one(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    grant, only = _allowed(request, kind, "r")
    found = request.ehr.hospital.read(kind, id)
    if not _is_theirs(found, grant, only):
        raise NotThere(id)
    return fhir(found)


def everything(request: HttpRequest, id: str) -> HttpResponse:
    grant, only = _allowed(request, "Patient", "r")
    if not request.ehr.tells_everything or (only and grant.patient != id):
        raise NotThere(id)
    about = [
        resource
        for resource in request.ehr.hospital.everything(id)
        if allowing(grant.scopes, resource["resourceType"], "r")
    ]
    return _paged(request, about)


def grant_of(request: HttpRequest) -> Grant:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Denied("login", "A bearer token is needed.")
    access: Access = request.ehr.permits.take(token.strip(), Access)
    return access.grant


def _allowed(request: HttpRequest, kind: str, letter: str) -> tuple[Grant, bool]:
    """The grant, and whether it is for the one patient only."""
    grant = grant_of(request)
    levels = allowing(grant.scopes, kind, letter)
    if not levels:
        raise Denied(FORBIDDEN, f"The scopes granted do not cover {kind}.{letter}.")
    return grant, levels == {"patient"}


def _may_create(request: HttpRequest, resource: Resource) -> None:
    grant, only = _allowed(request, str(resource.get("resourceType")), "c")
    if only and patient_of(resource) not in ("", grant.patient):
        raise Denied(FORBIDDEN, "The resource is about another patient.")


def _is_theirs(resource: Resource, grant: Grant, only: bool) -> bool:
    return not only or patient_of(resource) in ("", grant.patient)


def _paged(request: HttpRequest, found: list[Resource]) -> HttpResponse:
    """One page of a search, with a link to the next."""
    size = min(int(request.GET.get("_count", PAGE)), LARGEST_PAGE)
    start = int(request.GET.get("_offset", 0))
    links = [{"relation": "self", "url": request.build_absolute_uri()}]
    if start + size < len(found):
        asked = {**request.GET.dict(), "_offset": start + size, "_count": size}
        links.append(
            {"relation": "next", "url": f"{address(request, request.path)}?{urlencode(asked)}"}
        )
    entries = [
        {
            "fullUrl": f"{address(request, BASE)}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in found[start : start + size]
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links}
    return fhir(bundle | ({"entry": entries} if entries else {}))


def names(hospital: Hospital) -> list[Resource]:
    return sorted(hospital.search("Patient", []), key=lambda one: str(one["name"][0]["family"]))
