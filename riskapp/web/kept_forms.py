"""What was typed into a form while a session ended: kept until the same person signs in again.

It lies in the browser's new session, encrypted, and is offered to nobody else.
"""

import json
from dataclasses import dataclass

from django.http import HttpRequest

from riskapp.actions.sealing import sealed, unsealed

KEPT = "kept_form"
# Far longer than the longest form of ours.
MOST_BYTES = 200_000
# Passwords and codes are typed again; programs send again what was refused.
NOT_KEPT = ("/account/", "/sign-in/", "/sign-out/", "/oauth/", "/api/", "/fhir", "/dicomweb/")
# Secrets of ours, at whatever address; passkeys answer a question once.
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "code", "answer", "password"})
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was sent to, and what it held."""

    address: str
    fields: list[tuple[str, list[str]]]


def can_be_kept(request: HttpRequest) -> bool:
    """Whether a person sent a form that is worth keeping; files are chosen again."""
    return (
        request.method == "POST"
        and request.content_type == FORM
        and "HX-Request" not in request.headers
        and not request.path.startswith(NOT_KEPT)
        and len(request.body) <= MOST_BYTES
    )


def keep(request: HttpRequest, user_id: str) -> None:
    fields = [two for two in request.POST.lists() if two[0] not in LEFT_OUT]
    told = {"user": user_id, "address": request.get_full_path(), "fields": json.dumps(fields)}
    request.session[KEPT] = sealed(told)


def kept_form(request: HttpRequest) -> KeptForm | None:
    """What was kept for who is signed in now."""
    told = unsealed(request.session.get(KEPT, ""))
    if not told or told["user"] != str(request.user.pk):
        return None
    return KeptForm(
        told["address"], [(name, values) for name, values in json.loads(told["fields"])]
    )


def let_go(request: HttpRequest) -> None:
    request.session.pop(KEPT, None)


def sent_again(request: HttpRequest) -> None:
    """Forget what is being sent once more."""
    if request.method == "POST" and KEPT in request.session:
        kept = kept_form(request)
        if kept is None or kept.address == request.get_full_path():
            let_go(request)
