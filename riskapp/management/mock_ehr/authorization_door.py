"""The authorization server of the made-up hospital: SMART launches, tokens, keys."""

import re
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse

from riskapp.management.mock_ehr.fhir_door import BASE, names
from riskapp.management.mock_ehr.permits import Client, Denied, Grant, Launch, Refresh
from riskapp.management.mock_ehr.scopes import SCOPE
from riskapp.management.mock_ehr.showing import person
from riskapp.management.mock_ehr.wire import address, page

CLINICIAN = "rosa-lindt"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
PLAIN_SCOPES = {"openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"}
REFRESHING = {"offline_access", "online_access"}


def authorize(request: HttpRequest) -> HttpResponse:
    """Answer a launch at once; ask a standalone launch whose record is meant."""
    asked = request.GET.dict()
    client = request.ehr.permits.clients.get(asked.get("client_id", ""))
    back = asked.get("redirect_uri", "")
    if client is None or client.is_backend or not client.may_be_answered_at(back):
        return page(request, "refused.html", HTTPStatus.BAD_REQUEST)
    wrong = _what_is_wrong(request, asked)
    if wrong:
        return _back(back, asked, error="invalid_request", error_description=wrong)
    if "refuse" in asked:
        return _back(back, asked, error="access_denied", error_description="The user refused.")
    scopes = frozenset(asked["scope"].split()) - request.ehr.withheld
    context: dict[str, object] = {"tenant": "mock-hospital"}
    try:
        context |= _context(request, asked, scopes)
    except Denied as denied:
        return _back(back, asked, error="invalid_request", error_description=str(denied))
    except LookupError:
        people = [person(one) for one in names(request.ehr.hospital)]
        sent = [pair for pair in asked.items() if pair[0] != "patient"]
        return page(request, "choose.html", people=people, sent=sent, client=client)
    grant = Grant(
        client=client,
        user=CLINICIAN,
        scopes=frozenset(one for one in scopes if _is_known(one, request.ehr.permissions)),
        context=context,
        redirect_uri=back,
        challenge=asked["code_challenge"],
        nonce=asked.get("nonce", ""),
    )
    return _back(back, asked, code=request.ehr.permits.give_code(grant))


def token(request: HttpRequest) -> HttpResponse:
    """Codes, refresh tokens and, for programs that act for themselves, their signature."""
    permits, sent = request.ehr.permits, request.POST.dict()
    if sent.get("grant_type") == "refresh_token":
        return _answer(request, _refreshed(request, sent))
    client = permits.client_of(sent, address(request, request.path))
    match sent.get("grant_type"):
        case "authorization_code":
            grant = permits.redeem(
                sent.get("code", ""),
                client,
                sent.get("redirect_uri", ""),
                sent.get("code_verifier", ""),
            )
        case "client_credentials":
            grant = _for_itself(client, sent)
        case _:
            raise Denied("unsupported_grant_type", "This grant type is not offered.")
    return _answer(request, grant)


def _refreshed(request: HttpRequest, sent: dict[str, str]) -> Grant:
    """The same grant again, under a new refresh token; who signs at first signs here as well."""
    permits = request.ehr.permits
    old: Refresh = permits.take(sent.get("refresh_token", ""), Refresh, once=True)
    # A public program need not name itself again (RFC 6749, section 6).
    named = {"client_id": old.grant.client.id, **sent}
    if permits.client_of(named, address(request, request.path)) != old.grant.client:
        raise Denied("invalid_grant", "The token was given to another program.")
    return permits.narrowed(old.grant, sent.get("scope", ""))


def _answer(request: HttpRequest, grant: Grant) -> HttpResponse:
    response = JsonResponse(request.ehr.permits.tokens(grant, address(request, BASE)))
    response["Cache-Control"] = "no-store"
    return response


def keys(request: HttpRequest) -> HttpResponse:
    return JsonResponse(request.ehr.permits.keys())


def style(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"color_background": "#ffffff", "color_highlight": "#5d2f73"})


def _what_is_wrong(request: HttpRequest, asked: dict[str, str]) -> str:
    checks = {
        "Only the response type code is offered.": asked.get("response_type") == "code",
        "PKCE with S256 is needed.": asked.get("code_challenge_method") == "S256"
        and CHALLENGE.fullmatch(asked.get("code_challenge", "")) is not None,
        "A state is needed.": bool(asked.get("state")),
        "The audience (aud) is not this server.": asked.get("aud", "").rstrip("/")
        == address(request, BASE),
        "A scope is needed.": bool(asked.get("scope")),
    }
    return next((sentence for sentence, holds in checks.items() if not holds), "")


def _context(
    request: HttpRequest, asked: dict[str, str], scopes: frozenset[str]
) -> dict[str, object]:
    """What is open: LookupError where somebody has to choose first."""
    if "launch" in scopes and asked.get("launch"):
        opened: Launch = request.ehr.permits.take(asked["launch"], Launch, once=True)
        return {
            "patient": opened.patient,
            "encounter": opened.encounter,
            "need_patient_banner": False,
            "smart_style_url": address(request, "/smart-style.json"),
        }
    if "launch/patient" not in scopes:
        return {}
    if not asked.get("patient"):
        raise LookupError("patient")
    patient = request.ehr.hospital.read("Patient", asked["patient"])
    return {"patient": patient["id"], "need_patient_banner": True}


def _is_known(scope: str, permissions: set[str]) -> bool:
    if scope in PLAIN_SCOPES | REFRESHING:
        return True
    found = SCOPE.fullmatch(scope)
    is_first_version = bool(found) and found is not None and found[3] in ("read", "write", "*")
    wanted = "permission-v1" if is_first_version else "permission-v2"
    return found is not None and wanted in permissions


def _for_itself(client: Client, sent: dict[str, str]) -> Grant:
    if not client.is_backend:
        raise Denied("unauthorized_client", "This program acts for people only.")
    wanted = frozenset(sent.get("scope", "").split())
    if not wanted or not all(one.startswith("system/") for one in wanted):
        raise Denied("invalid_scope", "System scopes are needed.")
    return Grant(client, client.id, wanted)


def _back(address_: str, asked: dict[str, str], **said: str) -> HttpResponse:
    """To the program, with what it is told."""
    query = urlencode(said | {"state": asked.get("state", "")})
    joint = "&" if "?" in address_ else "?"
    return HttpResponse(status=HTTPStatus.FOUND, headers={"Location": f"{address_}{joint}{query}"})
