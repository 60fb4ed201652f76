"""One's own account: password, where one is signed in, what was kept when a session ended."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from riskapp.actions import passkeys, passwords, second_factor, sessions
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.passwords import MustWait
from riskapp.client_address import caller_of
from riskapp.models import AuthenticatorApp
from riskapp.password_rules import LEAST, MOST
from riskapp.web import kept_forms
from riskapp.web.coming_in import device_of
from riskapp.web.sessions import session_of, stay_signed_in
from riskapp.web.views.sending import only_sent_to

RULES = {"least": LEAST, "most": MOST}


@require_GET
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What belongs to the person who is signed in."""
    here = session_of(request)
    told = {
        "section": "account",
        "here": here,
        "elsewhere": sessions.sessions_of(request.user).exclude(pk=here.pk),
        "app": AuthenticatorApp.objects.filter(user=request.user).first(),
        "passkeys": passkeys.passkeys_of(request.user),
        "longest_name": passkeys.LONGEST_NAME,
        "codes_left": second_factor.codes_left(request.user),
        "has_factor": second_factor.has_factor(request.user),
        "is_required": second_factor.is_required(request.user),
        "has_password": request.user.has_usable_password(),
        "idle_minutes": int(sessions.idle().total_seconds() // 60),
        "longest_hours": int(sessions.LONGEST.total_seconds() // 3600),
    }
    return TemplateResponse(request, "account/show.html", told)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Take another password; asks for the present one."""
    if not request.user.has_usable_password():
        raise NotFound("This account has no password; it signs in with the organisation’s service.")
    if request.method == "GET":
        return TemplateResponse(request, "account/password.html", RULES)
    try:
        passwords.change_password(
            by=request.user,
            present=request.POST.get("present", ""),
            fresh=request.POST.get("fresh", ""),
            again=request.POST.get("again", ""),
            address=caller_of(request),
            device=device_of(request),
        )
    except Refused as refusal:
        told = RULES | {"problems": refusal.by_field}
        return TemplateResponse(request, "account/password.html", told, status=400)
    except MustWait as wait:
        told = RULES | {"problems": {"present": str(wait)}}
        return TemplateResponse(request, "account/password.html", told, status=429)
    # Every session has ended, this one goes on under a new name.
    update_session_auth_hash(request, request.user)
    stay_signed_in(request)
    messages.success(request, "Your password is changed. You are signed out everywhere else.")
    return redirect("account")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password through a link from an administrator; opening it uses nothing up."""
    told = RULES | {"link": None, "problems": {}}
    status = 200
    try:
        told["link"] = passwords.link_of(token)
        if request.method == "POST":
            passwords.set_by_link(
                token=token,
                fresh=request.POST.get("fresh", ""),
                again=request.POST.get("again", ""),
            )
            messages.success(request, "Your password is set. Sign in with it.")
            return redirect("sign_in")
    except NotFound as gone:
        told["link"], told["why"], status = None, str(gone), 404
    except Refused as refusal:
        told["problems"], status = refusal.by_field, 400
    response = TemplateResponse(request, "account/one_time_link.html", told, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    sessions.end_one(by=request.user, id=session_id)
    messages.success(request, "That session is ended.")
    return redirect("account")


@only_sent_to("account")
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    sessions.end_all(by=request.user, user=request.user, but=session_of(request).pk)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("account")


@require_http_methods(["GET", "POST"])
@login_required
def kept_form(request: HttpRequest) -> HttpResponse:
    """What was sent when the session had ended, to be sent again or let go."""
    if request.method == "POST":
        kept_forms.let_go(request)
        return redirect("worklist")
    kept = kept_forms.kept_form(request)
    if kept is None:
        return redirect("worklist")
    return TemplateResponse(request, "account/kept.html", {"kept": kept})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def session_left(request: HttpRequest) -> HttpResponse:
    """Seconds until this session ends, for the page that tells; sending a form makes it longer."""
    session = session_of(request)
    if request.method == "POST":
        sessions.see(session)
        session.refresh_from_db()
    left = (sessions.ends_at(session) - timezone.now()).total_seconds()
    told = {"seconds": max(0, int(left)), "who": request.user.pk, "token": get_token(request)}
    return JsonResponse(told)
