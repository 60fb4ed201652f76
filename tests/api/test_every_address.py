"""Every address for programs is described with each of its methods, or left out with a reason."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponseNotAllowed
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

PROGRAMS = re.compile(r"/(api|fhir|cds-services|dicomweb|oauth|\.well-known|health)(/|$)")
# What a pattern begins and ends with, and a place that is filled in, as either kind writes it.
ENDS = re.compile(r"^\^|\(/\|\$\)$|(?<!\\)\$$")
PLACE = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")
METHODS = ("get", "post", "put", "patch", "delete")
# Address -> why programs are told nothing of it.
LEFT_OUT = {
    "/api/docs/": "a page for people, which shows the description",
    "/api/problems/": "a page for people; docs/problems.md says the same",
    "/api/problems/{code}/": "a page for people, which each problem's type names",
    "/oauth/authorize": "a page for people; the metadata of OAuth names it",
    "/api/": "whatever else is asked under it: there is nothing",
    "/fhir": "whatever else is asked under it: there is nothing",
    "/fhir/{resource_type}": "a kind of FHIR that is not here: there is nothing",
}


@pytest.fixture(scope="module")
def described() -> dict[str, set[str]]:
    paths = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))["paths"]
    return {path: set(one) & set(METHODS) for path, one in paths.items()}


def addresses(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address as the description writes it, with its pattern."""
    for one in resolver.url_patterns:
        here = above + ENDS.sub("", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from addresses(one, here)
        else:
            yield "/" + PLACE.sub(r"{\1\2}", here).replace("\\", ""), one


def methods(pattern: URLPattern) -> set[str]:
    """What a view offers; a function says so when it is asked for something else."""
    of_class = getattr(pattern.callback, "cls", None)
    if of_class is not None:
        return {method for method in METHODS if hasattr(of_class, method)}
    refusal = pattern.callback(RequestFactory().generic("PROPFIND", "/"))
    assert isinstance(refusal, HttpResponseNotAllowed)
    return {method.lower() for method in refusal["Allow"].split(", ")} - {"head"}


def for_programs() -> dict[str, URLPattern]:
    found: dict[str, URLPattern] = {}
    for path, pattern in addresses(get_resolver()):
        if PROGRAMS.match(path):
            found.setdefault(path, pattern)  # the first one answers
    return found


def test_every_address_is_described_with_each_method(described: dict[str, set[str]]) -> None:
    offered = for_programs()
    assert len(offered) > 90
    lacking = {
        path: methods(pattern)
        for path, pattern in offered.items()
        if path not in LEFT_OUT and described.get(path) != methods(pattern)
    }
    assert not lacking, "Describe them, or give the reason in LEFT_OUT."


def test_nothing_is_described_or_left_out_that_is_not_there(described: dict[str, Any]) -> None:
    offered = set(for_programs())
    assert set(described) <= offered - set(LEFT_OUT)
    assert set(LEFT_OUT) <= offered
