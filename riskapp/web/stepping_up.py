"""Sensitive deeds ask anew for who last proved who they are longer ago than ten minutes."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from riskapp.actions import sessions
from riskapp.web import kept_forms
from riskapp.web.sessions import session_of

View = Callable[..., HttpResponse]


def confirmed_lately(view: View) -> View:
    """Let somebody in who signed in, or confirmed, within ten minutes; send others to confirm.

    What they sent meanwhile is kept and offered again.
    """

    @wraps(view)
    @login_required
    def answered(request: HttpRequest, **named: Any) -> HttpResponse:
        if sessions.is_fresh(session_of(request)):
            return view(request, **named)
        then = request.get_full_path()
        if request.method == "POST":
            kept_forms.keep(request, str(request.user.pk))
            then = reverse("kept_form")
        return redirect(f"{reverse('confirm')}?{urlencode({'next': then})}")

    return answered
