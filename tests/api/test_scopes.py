"""Every JSON door says which scope it needs; a token for one patient reaches that one only."""

from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.permissions import AllowAny

from riskapp.access import walked
from riskapp.api.documents import Nothing
from riskapp.api.scopes import REST, HasScope, needs_of
from riskapp.exchange.smart_scopes import LETTERS, parse

# Of the machine itself, and of who is no client yet: nobody's data is behind these addresses.
OPEN = {
    "api_schema",
    "api_docs",
    "api_problems",
    "api_problem",
    "smart",
}
DOORS = ("api/", "fhir", "dicomweb")
METHODS = ("get", "post", "put", "patch", "delete")
ALL = {
    str(pattern.name or pattern.pattern): pattern
    for pattern in walked(get_resolver())
    if str(pattern.pattern).lstrip("^").startswith(DOORS)
}


@pytest.mark.parametrize("name", sorted(set(ALL) - OPEN))
def test_every_door_says_what_it_needs(name: str) -> None:
    view: Any = getattr(ALL[name].callback, "cls", None)
    assert view is not None, f"{name} is no APIView, so that no scope is asked for"
    if view is Nothing or AllowAny in view.permission_classes:
        return
    assert HasScope in view.permission_classes, f"{name} asks for no scope"
    needs = needs_of(view, ALL[name].name)
    assert needs is not None, f"{name} says no scope; see riskapp/api/scopes.py"
    offered = {method.upper() for method in METHODS if hasattr(view, method)}
    assert set(needs) == offered
    for needed in needs.values():
        for one in needed.split():
            resource, _, letters = one.partition(".")
            assert set(letters) <= set(LETTERS)
            assert "{" in resource or parse(f"system/{one}"), one


def test_the_table_names_doors_that_there_are() -> None:
    assert set(REST) <= set(ALL)
