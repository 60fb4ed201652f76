"""Who asks may be bound more closely than by their account: to one patient, or through a program.

Bounds live as long as one request and lie on the user object that every action is given.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User

from riskapp.actions.errors import NotAllowed

PATIENT, PROGRAM, SCOPES = "_confined_to_patient", "_acts_through", "_bound_to_scopes"


def confine(by: User, patient_id: UUID) -> None:
    """From now on this user object finds one patient and nobody else."""
    setattr(by, PATIENT, patient_id)


def confined_to(by: User) -> UUID | None:
    """The one patient that this user object may find; None where it is not confined."""
    return getattr(by, PATIENT, None)


def check_unconfined(by: User) -> None:
    """Refuse what cannot be about the one patient that somebody is confined to.

    Raises
    ------
    NotAllowed
    """
    if confined_to(by) is not None:
        raise NotAllowed("This token is for one patient, and does not reach beyond that one.")


def bind_to_scopes(by: User, scopes: Sequence[str]) -> None:
    """From now on this user object may do what these scopes of a token allow, and no more."""
    setattr(by, SCOPES, tuple(scopes))


def bound_to_scopes(by: User) -> tuple[str, ...] | None:
    """The scopes of the token that somebody came with; None where they came with none."""
    return getattr(by, SCOPES, None)


def act_through(by: User, program: str) -> None:
    """From now on the trail tells that this user acts through a program."""
    setattr(by, PROGRAM, program)


def program_of(by: User) -> str:
    """The program that this user acts through; empty where there is none."""
    return getattr(by, PROGRAM, "")[:100]


def named(by: User) -> str:
    """How a queue names who acts; the trail names accounts by their ids (``auditing.told_as``)."""
    program = program_of(by)
    name = by.get_username()
    return f"{name[: 149 - len(program)]}>{program}" if program else name
