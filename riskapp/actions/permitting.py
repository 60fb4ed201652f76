"""Who may train and approve models."""

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from riskapp.actions import auditing
from riskapp.actions.errors import NotAllowed

PERMISSION, GROUP = "statistician", "Statisticians"


def is_statistician(by: User) -> bool:
    return by.has_perm(f"riskapp.{PERMISSION}")


def check_statistician(by: User) -> None:
    """Refuse who may not work with models.

    Raises
    ------
    NotAllowed
    """
    if not is_statistician(by):
        raise NotAllowed("Only statisticians may do this; ask your administrator for the right.")


@transaction.atomic
def make_statistician(user: User) -> None:
    """Give a user the right to train, approve, serve and retire models of their organisation."""
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(
        Permission.objects.get(content_type__app_label="riskapp", codename=PERMISSION)
    )
    user.groups.add(group)
    auditing.record(by=user, action="account.statistician", target=user.pk)


@transaction.atomic
def end_statistician(user: User) -> None:
    """Take that right away again."""
    user.groups.remove(*user.groups.filter(name=GROUP))
    auditing.record(by=user, action="account.no_statistician", target=user.pk)
