"""The second factor: asked for at sign-in, set up, taken away; and proving again who one is."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from riskapp.actions import passwords, second_factor, sessions
from riskapp.actions.errors import Refused
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.actions.sealing import sealed, unsealed
from riskapp.actions.sessions import How, WayIn
from riskapp.client_address import caller_of
from riskapp.web.coming_in import come_in, device_of, keep_device
from riskapp.web.half_signed_in import forget_half, half_signed_in, remember_half
from riskapp.web.presenters.shares import quick_response
from riskapp.web.sessions import session_of
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.passkeys import CONFIRM, OUT_ELSEWHERE, SECOND, problem_with_passkey
from riskapp.web.views.sending import only_sent_to

NEW_SECRET = "new_app_secret"  # noqa: S105 (a name)
WRONG_PASSWORD = "This is not your password."  # noqa: S105 (words)


def ask_for_second(request: HttpRequest, user: User, then: str) -> HttpResponse:
    """The password was right: remember for ten minutes whose it was, and ask for the rest."""
    remember_half(request, user, then)
    return redirect("sign_in_second")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_second(request: HttpRequest) -> HttpResponse:
    """A code of the app, a passkey, or a recovery code."""
    half, user = half_signed_in(request)
    if user is None:
        forget_half(request)
        return redirect("sign_in")
    told = {"has_app": second_factor.has_app(user), "has_passkey": user.passkeys.exists()}
    if request.method == "GET":
        return TemplateResponse(request, "account/second.html", told)
    if request.POST.get("answer"):
        problem, status = problem_with_passkey(request, user, purpose=SECOND)
        told["passkey_problem"] = problem
    else:
        told["problem"], status = _problem_with_code(request, user)
    if status != 200:
        return TemplateResponse(request, "account/second.html", told, status=status)
    forget_half(request)
    come_in(request, user, WayIn(How.TWO_FACTORS))
    if second_factor.codes_left(user) <= 2:
        messages.warning(
            request, "You have few recovery codes left; make new ones in your account."
        )
    return keep_device(request, redirect(half["then"] or "worklist"), user)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@confirmed_lately
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: a picture to read, and the first code that it shows."""
    held = unsealed(request.session.get(NEW_SECRET, "")).get("secret", "")
    secret = bytes.fromhex(held) or second_factor.new_secret()
    request.session[NEW_SECRET] = sealed({"secret": secret.hex()})
    problem = ""
    if request.method == "POST":
        try:
            codes = second_factor.set_up_app(
                by=request.user,
                secret=secret,
                code=request.POST.get("code", ""),
                stays=session_of(request).pk,
            )
        except Refused as refusal:
            problem = str(refusal)
        else:
            del request.session[NEW_SECRET]
            sessions.confirm(session_of(request), How.TWO_FACTORS)
            messages.success(
                request, f"Your app is set up; it is asked for from now on. {OUT_ELSEWHERE}"
            )
            return _codes_once(request, codes) if codes else redirect("account")
    told = {
        "code": quick_response(second_factor.address_for_app(request.user, secret)),
        "letters": second_factor.in_letters(secret),
        "problem": problem,
        "is_needed": second_factor.is_required(request.user)
        and not second_factor.has_factor(request.user),
    }
    return TemplateResponse(request, "account/app.html", told, status=400 if problem else 200)


@only_sent_to("account")
@confirmed_lately
def remove_app(request: HttpRequest) -> HttpResponse:
    second_factor.remove_app(by=request.user, stays=session_of(request).pk)
    messages.success(request, f"Your app is not asked for any more. {OUT_ELSEWHERE}")
    return redirect("account")


@only_sent_to("account")
@confirmed_lately
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New ones, shown once."""
    if not second_factor.has_factor(request.user):
        return redirect("app")
    return _codes_once(request, second_factor.new_recovery_codes(by=request.user))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, by password or code, before something sensitive."""
    then = request.POST.get("next", request.GET.get("next", ""))
    if not url_has_allowed_host_and_scheme(then, {request.get_host()}, request.is_secure()):
        then = reverse("account")
    session = session_of(request)
    told: dict[str, Any] = {
        "next": then,
        "has_password": request.user.has_usable_password(),
        "has_factor": second_factor.has_app(request.user) or second_factor.codes_left(request.user),
        "has_passkey": request.user.passkeys.exists(),
        "service": session.service if session.how == How.SERVICE else "",
    }
    status = 200
    if request.method == "POST":
        told["problem"], status = _problem_with_proof(request)
        if status == 200:
            sessions.confirm(session)
            return redirect(then)
    return TemplateResponse(request, "account/confirm.html", told, status=status)


def _problem_with_proof(request: HttpRequest) -> tuple[str, int]:
    if request.POST.get("answer"):
        return problem_with_passkey(request, request.user, purpose=CONFIRM)
    if request.POST.get("code"):
        return _problem_with_code(request, request.user)
    try:
        passwords.check_own_password(
            by=request.user,
            password=request.POST.get("password", ""),
            address=caller_of(request),
            device=device_of(request),
        )
    except NotRight:
        return WRONG_PASSWORD, 400
    except MustWait as wait:
        return str(wait), 429
    return "", 200


def _problem_with_code(request: HttpRequest, user: User) -> tuple[str, int]:
    """What is wrong with a code that was sent, and the status to say it with; blank if nothing."""
    try:
        second_factor.check_code(
            user=user,
            code=request.POST.get("code", ""),
            address=caller_of(request),
            device=device_of(request),
        )
    except NotRight:
        return second_factor.WRONG_CODE, 400
    except MustWait as wait:
        return str(wait), 429
    return "", 200


def _codes_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return TemplateResponse(request, "account/recovery_codes.html", {"codes": codes})
