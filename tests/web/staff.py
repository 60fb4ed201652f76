"""The desk of somebody who looks after the people of Clinic A."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.registering import register_account
from riskapp.models import AuditEvent, Role


@pytest.fixture
def administrator(owner: User) -> User:
    return register_account(
        username="boss", password=None, organisation="Clinic A", roles=[Role.ADMINISTRATOR]
    )


@pytest.fixture
def desk(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def deeds(user: User) -> list[str]:
    """What the administrator did to somebody, in order."""
    boss = User.objects.get(username="boss")
    found = AuditEvent.objects.filter(target=str(user.pk), by=str(boss.pk)).order_by("number")
    return list(found.values_list("action", flat=True))
