"""People of an organisation and their roles, as its administrators see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from riskapp.actions import second_factor
from riskapp.models import Membership, Role

WORDS = {
    Role.CLINICIAN: "sees patients, their scans and estimates, and decides with them",
    Role.RADIOGRAPHER: "adds and corrects scans; sees no estimates",
    Role.STATISTICIAN: "trains, judges and serves models; sees no patients",
    Role.ADMINISTRATOR: "manages people and connections; sees no patients",
    Role.AUDITOR: "reads who did what, and nothing else",
}


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One role to tick."""

    value: str
    label: str
    words: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list, and the head of a person's page."""

    id: int
    username: str
    full_name: str
    roles: str
    is_open: bool
    is_invited: bool  # and has set no password yet
    is_oneself: bool


def role_choices(held: Iterable[str]) -> tuple[RoleChoice, ...]:
    held = set(held)
    return tuple(RoleChoice(one.value, one.label, WORDS[one], one in held) for one in Role)


def role_labels(roles: Iterable[str]) -> str:
    held = set(roles)
    return ", ".join(role.label.lower() for role in Role if role in held)


def factors_held(user: User) -> str:
    """What somebody has besides a password, in words; blank for nothing."""
    told = ["an authenticator app"] if second_factor.has_app(user) else []
    if keys := user.passkeys.count():
        told.append("one passkey" if keys == 1 else f"{keys} passkeys")
    return " and ".join(told)


def person_row(one: Membership, reader: User) -> Person:
    user = one.user
    return Person(
        id=user.pk,
        username=user.get_username(),
        full_name=user.get_full_name(),
        roles=role_labels(one.roles),
        is_open=user.is_active,
        is_invited=not user.has_usable_password() and user.last_login is None,
        is_oneself=user.pk == reader.pk,
    )
