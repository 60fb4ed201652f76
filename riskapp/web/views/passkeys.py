"""Passkeys: what the script of a page asks for, and what it sends back in a form."""

import time
from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from riskapp.actions import passkeys, second_factor, sessions
from riskapp.actions.errors import Refused
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.actions.sessions import How, WayIn
from riskapp.client_address import caller_of
from riskapp.exchange.passkeys import Asked
from riskapp.web.coming_in import come_in, device_of
from riskapp.web.half_signed_in import half_signed_in
from riskapp.web.sessions import session_of
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.sending import only_sent_to

ASKED = "passkey_asked"
SECONDS_TO_ANSWER = 300
OUT_ELSEWHERE = "You are signed out everywhere else."
SIGN_IN, SECOND, CONFIRM, NEW = "sign_in", "second", "confirm", "new"


@never_cache
@require_POST
def passkey_begin(request: HttpRequest) -> HttpResponse:
    """What the browser is asked; the answer belongs to this browser and purpose, once."""
    purpose = request.POST.get("for", "")
    known = request.user if request.user.is_authenticated else half_signed_in(request)[1]
    if purpose not in (SIGN_IN, SECOND, CONFIRM, NEW) or (purpose != SIGN_IN and known is None):
        return JsonResponse({"sentence": "Start again."}, status=400)
    try:
        if purpose == NEW:
            asked = passkeys.begin_setting_up(by=known)
        elif purpose == SIGN_IN:
            asked = passkeys.begin_asking(user=None, alone=True)
        else:
            asked = passkeys.begin_asking(user=known, alone=purpose == CONFIRM)
    except Refused as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=400)
    request.session[ASKED] = asdict(asked) | {
        "for": purpose,
        "by": known.pk if known and purpose != SIGN_IN else None,
        "at": time.time(),
    }
    return HttpResponse(asked.options, content_type="application/json")


def asked_for(request: HttpRequest, purpose: str, by: int | None) -> Asked:
    """What this browser was asked for this purpose and person; used up now.

    Raises
    ------
    NotRight
        If it was not asked, for something else, or too long ago.
    """
    told = request.session.pop(ASKED, None)
    if not told or (told["for"], told["by"]) != (purpose, by):
        raise NotRight
    if told["at"] + SECONDS_TO_ANSWER < time.time():
        raise NotRight
    return Asked(told["options"], told["challenge"], told["handle"])


def problem_with_passkey(request: HttpRequest, user: User, *, purpose: str) -> tuple[str, int]:
    """What is wrong with the passkey that was shown, and the status; blank if nothing."""
    try:
        passkeys.check(
            user=user,
            answer=request.POST.get("answer", ""),
            asked=asked_for(request, purpose, user.pk),
            alone=purpose == CONFIRM,
            address=caller_of(request),
            device=device_of(request),
        )
    except NotRight:
        return passkeys.NOT_RIGHT, 400
    except MustWait as wait:
        return str(wait), 429
    return "", 200


@sensitive_post_parameters()
@never_cache
@only_sent_to("sign_in")
def sign_in_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey alone, whose device made sure who holds it."""
    then = request.POST.get("next", "")
    try:
        user = passkeys.check(
            user=None,
            answer=request.POST.get("answer", ""),
            asked=asked_for(request, SIGN_IN, None),
            alone=True,
            address=caller_of(request),
        )
    except (NotRight, MustWait) as refusal:
        is_waiting = isinstance(refusal, MustWait)
        told = {"why": str(refusal) if is_waiting else passkeys.NOT_RIGHT}
        status = 429 if is_waiting else 403
        return TemplateResponse(request, "account/not_signed_in.html", told, status=status)
    come_in(request, user, WayIn(How.PASSKEY))
    is_ours = url_has_allowed_host_and_scheme(then, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(then) if is_ours else redirect("worklist")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@confirmed_lately
def passkey_new(request: HttpRequest) -> HttpResponse:
    """Set up a passkey: a name for it, and what the device answers."""
    problem, name = "", request.POST.get("name", "")
    if request.method == "POST":
        try:
            codes = passkeys.set_up(
                by=request.user,
                answer=request.POST.get("answer", ""),
                asked=asked_for(request, NEW, request.user.pk),
                name=name,
                stays=session_of(request).pk,
            )
        except (NotRight, Refused) as refusal:
            problem = str(refusal) or passkeys.NOT_MADE
        else:
            session = session_of(request)
            if session.how == How.PASSWORD:
                sessions.confirm(session, How.TWO_FACTORS)
            messages.success(request, f"Your passkey is set up. {OUT_ELSEWHERE}")
            if codes:
                return TemplateResponse(request, "account/recovery_codes.html", {"codes": codes})
            return redirect("account")
    told = {
        "problem": problem,
        "name": name,
        "works_here": passkeys.works_at(f"{request.scheme}://{request.get_host()}"),
        "is_needed": second_factor.is_required(request.user)
        and not second_factor.has_factor(request.user),
    }
    return TemplateResponse(request, "account/passkey.html", told, status=400 if problem else 200)


@require_POST
@confirmed_lately
def passkey_rename(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    passkeys.rename(by=request.user, id=passkey_id, name=request.POST.get("name", ""))
    messages.success(request, "The passkey has another name.")
    return redirect("account")


@require_POST
@confirmed_lately
def passkey_remove(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    passkeys.remove(by=request.user, id=passkey_id, stays=session_of(request).pk)
    messages.success(request, f"That passkey lets nobody in any more. {OUT_ELSEWHERE}")
    return redirect("account")
