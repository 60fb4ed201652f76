"""Fixtures of the pages' tests: a signed-in clinician and people to look at."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.exchange import printing
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

__all__ = [
    "colleague",
    "model",
    "model_folder",
    "owner",
    "patient",
    "scan_folder",
    "second_statistician",
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


@pytest.fixture(scope="module")
def sheets_laid_out_once() -> Iterator[None]:
    """Lay out a sheet once for all reports of a module that hold it; each file is written anew."""
    fitted, shared = printing._fitted, printing._shared()
    kept: dict[tuple[str, str], Any] = {}

    def once(part: printing.Part, _: dict[str, Any]) -> Any:
        sheet = part.html(0), part.css
        if sheet not in kept:
            kept[sheet] = fitted(part, shared)
        return kept[sheet]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "_fitted", once)
        yield
