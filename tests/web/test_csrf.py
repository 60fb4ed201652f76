"""No page of another site can act with somebody's session."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from riskapp.access import walked

pytestmark = pytest.mark.django_db
PARAMETER = re.compile(r"<(?:(\w+):)?\w+>|\(\?P<\w+>([^)]*)\)")
# A program proves there who it is in what it sends; no session is looked at.
PROGRAMS_OWN = {"post oauth/token", "post oauth/revoke", "post oauth/introspect"}


def filled(found: re.Match[str]) -> str:
    if found[1] == "uuid" or "0-9a-f" in (found[2] or ""):
        return str(uuid4())
    return "Patient" if "[A-Z]" in (found[2] or "") else "1"


def test_nothing_is_done_by_a_session_without_its_token(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(owner)
    done = set()
    for door in walked(get_resolver()):
        pattern = str(door.pattern).lstrip("^").rstrip("$")
        for method in ("post", "put", "patch", "delete"):
            reply = getattr(browser, method)(
                f"/{PARAMETER.sub(filled, pattern)}", b"{}", content_type="application/json"
            )
            # Refused, not offered, or nothing there at all.
            if reply.status_code not in (401, 403, 404, 405):
                done.add(f"{method} {pattern}")
    assert done == PROGRAMS_OWN
