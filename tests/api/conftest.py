"""Fixtures of the JSON doors' tests: one caller for each of the three people."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from riskapp.actions.registering import issue_token
from tests.answering import answered_here
from tests.people import (
    colleague,
    measured_scan,
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
    "answered_here",
    "colleague",
    "measured_scan",
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


def caller(user: User) -> APIClient:
    """A program with a token, as an integrator would write it."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=user, label='test')}")
    return client


@pytest.fixture
def as_owner(owner: User) -> Any:
    return caller(owner)


@pytest.fixture
def as_colleague(colleague: User) -> Any:
    return caller(colleague)


@pytest.fixture
def as_stranger(stranger: User) -> Any:
    return caller(stranger)
