"""Fixtures of the pages' tests: a signed-in clinician and people to look at."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.people import (
    colleague,
    model,
    model_folder,
    owner,
    patient,
    scan_folder,
    second_statistician,
    statistician,
    strange_statistician,
    stranger,
)
from tests.printed_once import sheets_laid_out_once

__all__ = [
    "colleague",
    "model",
    "model_folder",
    "owner",
    "patient",
    "scan_folder",
    "second_statistician",
    "sheets_laid_out_once",
    "statistician",
    "strange_statistician",
    "stranger",
]


@pytest.fixture
def browser_of() -> object:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def pages(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client
