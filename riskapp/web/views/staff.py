"""Who works here: the pages of an organisation's administrators."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import managing_people, sessions
from riskapp.actions.errors import Refused
from riskapp.actions.passwords import MadeLink
from riskapp.models import Membership
from riskapp.web.presenters.staff import (
    RoleChoice,
    factors_held,
    person_row,
    role_choices,
    role_labels,
)
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.sending import only_sent_to


@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the organisation, closed accounts last."""
    rows = [person_row(one, request.user) for one in managing_people.people(by=request.user)]
    told = {
        "section": "people",
        "people": sorted(rows, key=lambda row: not row.is_open),
        "organisation": request.user.membership.organisation,
        "asked": role_choices(request.user.membership.organisation.second_factor_of),
        "asked_by_site": role_labels(settings.SECOND_FACTOR_OF),
    }
    return TemplateResponse(request, "people/list.html", told)


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_lately
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account; the answer shows its link, this once."""
    told: dict[str, object] = {"section": "people", "roles": role_choices(()), "problems": {}}
    if request.method == "GET":
        return TemplateResponse(request, "people/invite.html", told)
    sent = {name: request.POST.get(name, "") for name in ("username", "full_name")}
    roles = request.POST.getlist("roles")
    try:
        made = managing_people.invite(by=request.user, roles=roles, **sent)
    except Refused as refusal:
        told |= {"sent": sent, "roles": role_choices(roles), "problems": refusal.by_field}
        return TemplateResponse(request, "people/invite.html", told, status=400)
    one = managing_people.person(by=request.user, id=made.link.user_id)
    return TemplateResponse(request, "people/person.html", _told(request, one, made=made))


@require_GET
@login_required
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    one = managing_people.person(by=request.user, id=user_id)
    return TemplateResponse(request, "people/person.html", _told(request, one))


@only_sent_to("person")
@confirmed_lately
def change_roles(request: HttpRequest, user_id: int) -> HttpResponse:
    roles = request.POST.getlist("roles")
    return _done(
        request,
        user_id,
        lambda: managing_people.change_roles(by=request.user, id=user_id, roles=roles),
        "The roles are changed.",
        roles=role_choices(roles),
    )


@only_sent_to("person")
@confirmed_lately
def close(request: HttpRequest, user_id: int) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.close(by=request.user, id=user_id),
        "The account is closed: sessions, keys and apps of this person have ended.",
    )


@only_sent_to("person")
@confirmed_lately
def reopen(request: HttpRequest, user_id: int) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.reopen(by=request.user, id=user_id),
        "The account is open again.",
    )


@never_cache
@only_sent_to("person")
@confirmed_lately
def make_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new link to set a password; the answer shows it, this once."""
    one = managing_people.person(by=request.user, id=user_id)
    try:
        made = managing_people.make_link(by=request.user, id=user_id)
    except Refused as refusal:
        told = _told(request, one) | {"problems": refusal.by_field}
        return TemplateResponse(request, "people/person.html", told, status=400)
    return TemplateResponse(request, "people/person.html", _told(request, one, made=made))


@only_sent_to("people")
@confirmed_lately
def ask_for_factors(request: HttpRequest) -> HttpResponse:
    """Whom this organisation asks for a second factor."""
    try:
        managing_people.ask_for_factors(by=request.user, roles=request.POST.getlist("roles"))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "It is asked for from the next page that each of them opens.")
    return redirect("people")


@only_sent_to("person")
@confirmed_lately
def take_factors_away(request: HttpRequest, user_id: int) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.take_factors_away(by=request.user, id=user_id),
        "This person signs in by password alone now, and is signed out everywhere.",
    )


@only_sent_to("person")
@confirmed_lately
def unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.unlock(by=request.user, id=user_id),
        "Failed attempts to sign in are forgotten; this person need not wait.",
    )


@only_sent_to("person")
@login_required
def end_sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.end_sessions(by=request.user, id=user_id),
        "This person is signed out everywhere.",
    )


@require_http_methods(["POST"])
@login_required
def end_session(request: HttpRequest, user_id: int, session_id: UUID) -> HttpResponse:
    return _done(
        request,
        user_id,
        lambda: managing_people.end_sessions(by=request.user, id=user_id, session=session_id),
        "That session is ended.",
    )


def _done(
    request: HttpRequest, user_id: int, do: Callable[[], object], sentence: str, **more: object
) -> HttpResponse:
    """Do it and go back to the person; what was refused stands on their page."""
    try:
        do()
    except Refused as refusal:
        one = managing_people.person(by=request.user, id=user_id)
        told = _told(request, one) | {"problems": refusal.by_field} | more
        return TemplateResponse(request, "people/person.html", told, status=400)
    messages.success(request, sentence)
    if user_id == request.user.pk:  # may just have lost the right to see this page
        return redirect("worklist")
    return redirect("person", user_id)


def _told(request: HttpRequest, one: Membership, made: MadeLink | None = None) -> dict[str, object]:
    roles: tuple[RoleChoice, ...] = role_choices(one.roles)
    address = reverse("one_time_link", args=[made.token]) if made else ""
    return {
        "section": "people",
        "person": person_row(one, request.user),
        "roles": roles,
        "sessions": sessions.sessions_of(one.user),
        "factors": factors_held(one.user),
        "signs_in_elsewhere": managing_people.signs_in_elsewhere(one.user),
        "made": made,
        "address": request.build_absolute_uri(address) if made else "",
        "problems": {},
    }
