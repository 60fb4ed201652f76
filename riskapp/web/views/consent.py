"""Whether an app may act for who signed in, and for which patient (OAuth's authorization page)."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from riskapp.actions import finding
from riskapp.actions.errors import NotFound
from riskapp.actions.opening_apps import launched
from riskapp.exchange.scope_wording import in_words
from riskapp.exchange.smart_scopes import LAUNCH, LAUNCH_PATIENT, scopes_in
from riskapp.models import ApiClient, Patient

MOST_FOUND = 20
NOT_AN_APP = "The app that sent you here is not known, or sent an address that is not its own."


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask who signed in; on yes, send them back to the app with a code that it can redeem."""
    try:
        scopes, asked = get_oauthlib_core().validate_authorization_request(request)
        _check_what_smart_adds(request, asked)
    except FatalClientError:
        # Nobody is sent to an address that is not an app's own.
        return _refused(request, NOT_AN_APP, 400)
    except OAuthToolkitError as refusal:
        return _back(request, refusal)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    client = ApiClient.objects.get(application__client_id=asked["client_id"], revoked_at=None)
    if finding.organisation_of(request.user).id != client.organisation_id:
        return _refused(request, "This app belongs to another organisation than you do.", 403)
    try:
        opened = _opened(request, client, scopes)
    except NotFound as refusal:
        return _back(request, _invalid(str(refusal), asked))
    if request.method == "POST":
        return _decided(request, client, scopes, asked, opened)
    return _page(request, client, scopes, asked, opened)


def _opened(request: HttpRequest, client: ApiClient, scopes: list[str]) -> Patient | None:
    """Whose page the app was opened from; None where it came by itself."""
    if LAUNCH not in scopes:
        return None
    return launched(by=request.user, app=client, launch=request.GET.get("launch", ""))


def _decided(
    request: HttpRequest,
    client: ApiClient,
    scopes: list[str],
    asked: dict[str, Any],
    opened: Patient | None,
) -> HttpResponse:
    allow = request.POST.get("decision") == "allow"
    patient_id = opened.id if opened else None
    if allow and not opened and _is_about_one(scopes):
        try:
            patient_id = finding.patient(by=request.user, id=request.POST.get("patient", "")).id
        except NotFound:
            missing = "Choose the patient that it is about."
            return _page(request, client, scopes, asked, None, missing)
    told = {name: value for name, value in asked.items() if name != "request"}
    try:
        address, *_ = get_oauthlib_core().create_authorization_response(
            request, scopes, told | {"launched_patient_id": patient_id}, allow
        )
    except OAuthToolkitError as refusal:
        return _back(request, refusal)
    return _redirect(request, address)


def _page(
    request: HttpRequest,
    client: ApiClient,
    scopes: list[str],
    asked: dict[str, Any],
    opened: Patient | None,
    problem: str = "",
) -> HttpResponse:
    matching = request.GET.get("find", "").replace("\x00", "")
    about_one = opened is None and _is_about_one(scopes)
    found = finding.patients(by=request.user, matching=matching) if about_one else ()
    parts = urlsplit(asked["redirect_uri"])
    response = TemplateResponse(
        request,
        "account/consent.html",
        {
            "client": client,
            "host": parts.netloc,
            "lines": in_words(scopes),
            "about_one": about_one,
            "opened": opened,
            "patients": finding.by_name(found[: MOST_FOUND + 1]),
            "most": MOST_FOUND,
            "find": matching,
            "sent_along": [(n, v) for n, v in request.GET.items() if n != "find"],
            "problem": problem,
        },
        status=400 if problem else 200,
    )
    # The form's answer leads to the app, which the site's policy would stop.
    response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    add_never_cache_headers(response)
    return response


def _is_about_one(scopes: list[str]) -> bool:
    return LAUNCH_PATIENT in scopes or any(one.level == "patient" for one in scopes_in(scopes))


def _check_what_smart_adds(request: HttpRequest, asked: dict[str, Any]) -> None:
    """SMART asks for ``state``, and for ``aud``: who means another server gets no code of ours."""
    if not asked["state"]:
        raise _invalid("state is missing.", asked)
    if request.GET.get("aud", "").rstrip("/") != request.build_absolute_uri("/fhir"):
        raise _invalid("aud is not the address of this FHIR server.", asked)


def _invalid(why: str, asked: dict[str, Any]) -> OAuthToolkitError:
    refusal = InvalidRequestError(why, state=asked["state"])
    return OAuthToolkitError(refusal, redirect_uri=asked["redirect_uri"])


def _back(request: HttpRequest, refusal: OAuthToolkitError) -> HttpResponse:
    """Tell the app, at its own address, why it gets nothing."""
    error = refusal.oauthlib_error
    if not error.redirect_uri:
        return _refused(request, NOT_AN_APP, 400)
    return _redirect(request, error.in_uri(error.redirect_uri))


def _redirect(request: HttpRequest, address: str) -> HttpResponse:
    # RFC 9207: the app can tell which server answered.
    issuer = request.build_absolute_uri(request.path).rpartition("/")[0]
    return HttpResponseRedirect(add_params_to_uri(address, [("iss", issuer)]))


def _refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return TemplateResponse(request, "account/refused.html", {"why": why}, status=status)
