"""Within a version nothing is taken away: the committed description is fresh and is held to."""

import json
import os
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator

from riskapp.api.problem_pages import document
from riskapp.api.retiring import retiring
from tests.api.breaking import breaking_changes

DOCS = settings.BASE_DIR / "docs"
BASELINE, PROBLEMS = DOCS / "openapi.json", DOCS / "problems.md"
WRITE = os.environ.get("TRABECULA_DESCRIBE")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SCORES, PATIENTS = "/api/v1/scores/", "/api/v1/patients/"


def test_the_committed_description_is_fresh_and_breaks_nobody() -> None:
    told = SchemaGenerator().get_schema(public=True)
    fresh = json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    committed = BASELINE.read_text(encoding="utf-8")
    assert breaking_changes(json.loads(committed), json.loads(fresh)) == []
    if WRITE:
        BASELINE.write_text(fresh, encoding="utf-8")
    assert WRITE or fresh == committed, "Run: make describe-api"


def test_the_list_of_refusals_is_fresh() -> None:
    if WRITE:
        PROBLEMS.write_text(document(), encoding="utf-8")
    assert PROBLEMS.read_text(encoding="utf-8") == document(), "Run: make describe-api"


@pytest.fixture
def old() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return read


def shape(described: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = described["components"]["schemas"][name]
    return found


def lose_an_address(new: dict[str, Any]) -> None:
    del new["paths"][SCORES]


def lose_a_method(new: dict[str, Any]) -> None:
    del new["paths"][PATIENTS]["get"]


def rename(new: dict[str, Any]) -> None:
    new["paths"][SCORES]["post"]["operationId"] = "estimate"


def lose_a_parameter(new: dict[str, Any]) -> None:
    new["paths"][PATIENTS]["get"]["parameters"].pop()


def need_a_parameter(new: dict[str, Any]) -> None:
    told = {"name": "clinic", "in": "query", "required": True, "schema": {"type": "string"}}
    new["paths"][PATIENTS]["get"]["parameters"].append(told)


def need_a_field(new: dict[str, Any]) -> None:
    shape(new, "PatientRequest")["properties"]["town"] = {"type": "string"}
    shape(new, "PatientRequest")["required"].append("town")


def lose_a_field_of_an_answer(new: dict[str, Any]) -> None:
    del shape(new, "EstimateShape")["properties"]["would_help_most"]


def change_a_type(new: dict[str, Any]) -> None:
    shape(new, "OutcomeShape")["properties"]["probability_10y"] = {"type": "string"}


def stop_promising_a_field(new: dict[str, Any]) -> None:
    shape(new, "PatientShape")["required"].remove("sex")


def take_fewer_values(new: dict[str, Any]) -> None:
    found = shape(new, "FractureRequest")["properties"]["circumstance"]
    found.clear()
    found.update({"type": "string", "enum": ["not_known"]})


def lose_a_status(new: dict[str, Any]) -> None:
    del new["paths"][SCORES]["post"]["responses"]["413"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lose_an_address, "POST /api/v1/scores/ is gone."),
        (lose_a_method, "GET /api/v1/patients/ is gone."),
        (rename, "is called estimate"),
        (lose_a_parameter, "no longer takes"),
        (need_a_parameter, "now needs clinic"),
        (need_a_field, "town is now needed"),
        (lose_a_field_of_an_answer, "would_help_most is gone"),
        (change_a_type, "the type was ['number'] and is ['string']"),
        (stop_promising_a_field, "sex may now be missing"),
        (take_fewer_values, "is no longer taken"),
        (lose_a_status, "no longer answers 413"),
    ],
)
def test_what_is_taken_away_is_told(old: dict[str, Any], change: Any, says: str) -> None:
    new = deepcopy(old)
    change(new)
    assert any(says in one for one in breaking_changes(old, new))


def test_what_is_added_breaks_nobody(old: dict[str, Any]) -> None:
    new = deepcopy(old)
    new["paths"]["/api/v1/new/"] = new["paths"][SCORES]
    told = {"name": "town", "in": "query", "schema": {"type": "string"}}
    new["paths"][PATIENTS]["get"]["parameters"].append(told)
    shape(new, "EstimateShape")["properties"]["more"] = {"type": "string"}
    shape(new, "PatientRequest")["properties"]["town"] = {"type": "string"}
    assert breaking_changes(old, new) == []


def test_an_address_that_will_end_says_so_a_year_before() -> None:
    @retiring(since=SINCE, instead="/api/docs/")
    def get(request: object) -> HttpResponse:
        return HttpResponse(headers={"Link": '</next>; rel="next"'})

    reply = get(None)
    # Seconds since 1970 (RFC 9651, 3.3.7), a day as HTTP writes it (RFC 9110, 5.6.7).
    assert reply["Deprecation"] == "@1767225600"
    assert reply["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert reply["Link"].startswith('</next>; rel="next", </api/docs/>; rel="deprecation"')


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (SINCE, SINCE + timedelta(days=364)),
        (SINCE.replace(tzinfo=None), SINCE.replace(tzinfo=None) + timedelta(days=365)),
    ],
)
def test_an_end_within_the_year_is_refused(since: datetime, until: datetime) -> None:
    with pytest.raises(ValueError, match="a year before"):
        retiring(since=since, until=until, instead="/api/docs/")
