"""What every page carries."""

from django.conf import settings
from django.http import HttpRequest

from riskapp.actions import permitting
from riskapp.actions.clock import problem_seen
from riskapp.actions.nightly import problem_with_the_nights
from riskapp.actions.notices import notice
from riskapp.actions.sessions import idle
from riskapp.actions.trail.checking import problem_with_the_trail
from riskapp.exchange.wording import SAFETY
from riskapp.modelstore.self_test import shipped_problems


def safety_words(request: HttpRequest) -> dict[str, str]:
    return {"safety_words": SAFETY}


def withheld(request: HttpRequest) -> dict[str, object]:
    """The safety notice, a clock that is wrong, and engines of ours that failed their self-test.

    All are told wherever somebody is signed in; a model of an organisation's own is told on its
    own page and where it is asked.
    """
    return {"withheld": shipped_problems(), "site_notice": notice, "clock": problem_seen}


def trail_problem(request: HttpRequest) -> dict[str, str]:
    """What is wrong with the trail, for those who can do something about it."""
    held = abilities(request)["may"]
    concerned = permitting.Ability.READ_TRAIL in held or permitting.Ability.MANAGE_PEOPLE in held
    return {"trail_problem": problem_with_the_trail() if concerned else ""}


def night_problem(request: HttpRequest) -> dict[str, str]:
    """What the last night found, for those who look after the site."""
    concerned = permitting.Ability.HOLD_RECORDS in abilities(request)["may"]
    return {"night_problem": problem_with_the_nights() if concerned else ""}


def abilities(request: HttpRequest) -> dict[str, frozenset[str]]:
    """What who signed in may do: pages hide the rest, and the gate refuses it."""
    user = getattr(request, "user", None)
    is_known = user is not None and user.is_authenticated
    return {"may": permitting.abilities(user) if is_known else frozenset()}


def passkey_origins(request: HttpRequest) -> dict[str, str]:
    """Where passkeys work, as the script of a page compares it."""
    return {"passkey_origins": " ".join(settings.PASSKEY_ORIGINS)}


def session_words(request: HttpRequest) -> dict[str, int]:
    """After how many seconds without doing anything a page says that its session ends."""
    return {"idle_seconds": int(idle().total_seconds())}
