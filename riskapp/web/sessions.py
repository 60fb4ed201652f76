"""Every request of somebody who is signed in: whether their session goes on, and what was typed.

The session of Django holds the id of a row (``models.SignInSession``) that says whether it still
counts, so that ending the row ends the session at its next request, wherever that is answered.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from riskapp.actions import second_factor, sessions
from riskapp.actions.errors import NotAllowed
from riskapp.actions.sessions import Ended, How, WayIn
from riskapp.client_address import address_of, shortened
from riskapp.models import SignInSession
from riskapp.web import kept_forms
from riskapp.web.devices import device_words

ROW = "sign_in_session"
# What a page asks by itself, which says nothing about whether somebody is there.
ASKED_BY_PAGES = frozenset(
    {
        "scan_status",
        "cohort_status",
        "run_status",
        "patient_archive_status",
        "assessment_sent",
        "session_left",
    }
)
# What whoever must set up a second factor may open before they have one.
OPEN_WITHOUT_FACTOR = frozenset(
    {
        "app",
        "passkey_new",
        "passkey_begin",
        "confirm",
        "session_left",
        "sign_in",
        "sign_out",
        "kept_form",
        "one_time_link",
    }
)
PROGRAMS = ("/api/", "/fhir", "/dicomweb/", "/cds-services")
KEPT_AFTER = (Ended.IDLE, Ended.TOO_LONG)


def note_sign_in(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    """Write down each sign-in, by whichever way (Django's signal ``user_logged_in``)."""
    if before := request.session.get(ROW):  # signed in anew in the same browser
        sessions.sign_out(before)
    began = sessions.begin(
        by=user,
        way=getattr(request, "signs_in_by", WayIn(How.PASSWORD)),
        device=device_words(request.META.get("HTTP_USER_AGENT", "")),
        address=shortened(address_of(request)),
    )
    request.session[ROW] = str(began.pk)


def note_sign_out(sender: object, request: HttpRequest, **more: Any) -> None:
    if row := request.session.get(ROW):
        sessions.sign_out(row)


def session_of(request: HttpRequest) -> SignInSession:
    """The session that a signed-in request belongs to."""
    found: SignInSession = request.sign_in_session
    return found


def stay_signed_in(request: HttpRequest) -> None:
    """Go on here after all sessions of the person were ended, by another row."""
    before = session_of(request)
    request.signs_in_by = WayIn(How(before.how), before.service, before.service_session)
    note_sign_in(None, request, request.user)


class SessionsThatEnd:
    """End what was left alone, lasted too long or was ended elsewhere, before anything is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.left_by, request.sign_in_session = "", None
        if SESSION_KEY in request.session:
            row = _row_of(request)
            if row is None or row.ended_at or str(row.user_id) != request.session[SESSION_KEY]:
                # Known here, and signed out below; what they sent may be kept for them.
                if row is not None and row.why_ended in KEPT_AFTER:
                    request.left_by = request.session[SESSION_KEY]
                logout(request)
            else:
                request.sign_in_session = row
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, named: object
    ) -> HttpResponse | None:
        """After Django's own check that a form came from a page of ours."""
        if request.sign_in_session is not None:
            self._bring_membership(request)
            if request.resolver_match.url_name not in ASKED_BY_PAGES:
                sessions.see(request.sign_in_session)
            if self._lacks_factor(request):
                return self._set_one_up(request)
            kept_forms.sent_again(request)
        elif request.left_by and kept_forms.can_be_kept(request):
            kept_forms.keep(request, request.left_by)
            return redirect_to_login(reverse("kept_form"))
        return None

    @staticmethod
    def _bring_membership(request: HttpRequest) -> None:
        """Where they work and as what was read with the session; nobody need ask again."""
        membership = getattr(request.sign_in_session.user, "membership", None)
        if membership is not None:
            request.user.membership = membership

    @staticmethod
    def _lacks_factor(request: HttpRequest) -> bool:
        """Signed in by password alone where the site asks for more."""
        return bool(
            request.sign_in_session.how == How.PASSWORD
            and request.resolver_match.url_name not in OPEN_WITHOUT_FACTOR
            and second_factor.is_required(request.user)
            and not second_factor.has_factor(request.user)
        )

    @staticmethod
    def _set_one_up(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PROGRAMS):
            raise NotAllowed("This site asks for a second factor; set one up in your account.")
        return redirect("app")


def _row_of(request: HttpRequest) -> SignInSession | None:
    row = request.session.get(ROW)
    return sessions.look_at(row) if row else None
