"""Roles of people, given and taken away."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from riskapp.actions import auditing
from riskapp.models import Membership, Role


@transaction.atomic
def set_roles(*, by: User, user: User, roles: Iterable[Role | str]) -> None:
    """Give somebody these roles and take all others away; nothing is written where nothing changes.

    Whoever calls it has asked whether ``by`` may.
    """
    wanted = set(roles)
    membership = Membership.objects.select_for_update().get(user=user)
    before = set(membership.roles)
    if wanted == before:
        return
    membership.roles = [role.value for role in Role if role in wanted]
    membership.save(update_fields=["roles"])
    user.membership = membership
    for role in Role:
        if (role in wanted) != (role in before):
            given = "give" if role in wanted else "end"
            auditing.record(by=by, action=f"role.{given}.{role.value}", target=user.pk)


def make_statistician(user: User) -> None:
    """Give a user the role of a statistician too."""
    set_roles(by=user, user=user, roles={*user.membership.roles, Role.STATISTICIAN})


def end_statistician(user: User) -> None:
    """Take that role away again."""
    set_roles(by=user, user=user, roles={*user.membership.roles} - {Role.STATISTICIAN})
