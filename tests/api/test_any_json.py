"""Any JSON at all: an answer or a sentence, never a server error."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskapp.risk.profile import FIELD_NAMES

# Hypothesis runs many examples in one test: the callers and the database may be shared by them.
SHARED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
# Halves of characters too, which Python takes from an escape and no encoding takes back.
TEXT = st.text(max_size=30) | st.text(st.characters(exclude_categories=()), max_size=30)
LEAF = st.none() | st.booleans() | st.integers() | FLOAT | TEXT
ANYTHING = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
PROFILE = st.dictionaries(st.sampled_from([*FIELD_NAMES, "id"]) | TEXT, ANYTHING)
HALF = "\ud800"
BODY = st.fixed_dictionaries(
    {},
    optional={
        "profile": PROFILE | ANYTHING,
        "profiles": st.lists(PROFILE | ANYTHING, max_size=3) | ANYTHING,
        "engines": st.lists(st.sampled_from(["evidence", "cox"]) | ANYTHING, max_size=3) | ANYTHING,
        "evidence_set": st.just("frax-2008") | ANYTHING,
        "unknown_as_no": ANYTHING,
        "clamp_age": ANYTHING,
        "patient": ANYTHING,
        "scans": ANYTHING,
        "regions": ANYTHING,
        "name": ANYTHING,
        "date_of_birth": ANYTHING,
    },
)


@pytest.mark.parametrize(
    "address", ["scores/", "patients/", "assessments/", "scans/{scan}/regions/"]
)
@SHARED
@given(body=BODY | ANYTHING)
def test_any_body_is_answered_or_refused_in_a_sentence(
    address: str, body: Any, as_owner: Any, measured_scan: Any
) -> None:
    where = f"/api/v1/{address.format(scan=measured_scan.id)}"
    reply = as_owner.generic("POST", where, json.dumps(body), "application/json")
    assert reply.status_code in (200, 201, 202, 400, 404, 413, 422)
    if reply.status_code >= 400:
        assert reply["Content-Type"] == "application/problem+json"
        assert reply.json()["detail"]


@pytest.mark.parametrize(
    "address", ["scores/", "patients/", "assessments/", "scans/{scan}/regions/"]
)
@pytest.mark.parametrize(
    "body",
    [
        {HALF: 1},
        {"name": HALF},
        {"profile": {"id": HALF}},
        {"profile": {HALF: 1}},
        {"profiles": [{"sex": HALF}]},
        {"regions": [{HALF: 1}]},
    ],
)
def test_half_a_character_is_refused_at_every_door(
    address: str, body: Any, as_owner: Any, measured_scan: Any
) -> None:
    where = f"/api/v1/{address.format(scan=measured_scan.id)}"
    reply = as_owner.generic("POST", where, json.dumps(body), "application/json")
    assert reply.status_code == 400
    assert reply["Content-Type"] == "application/problem+json"
    assert "half a character" in reply.json()["detail"]


def test_a_character_in_two_escapes_is_whole(as_owner: Any) -> None:
    body = '{"profile": {"id": "\\ud83e\\uddb4"}}'
    reply = as_owner.generic("POST", "/api/v1/scores/", body, "application/json")
    assert reply.json()["results"][0]["id"] == "\N{BONE}"


@SHARED
@given(profile=PROFILE)
def test_a_profile_is_either_estimated_or_refused(profile: dict[str, Any], as_owner: Any) -> None:
    asked = {"profile": {"population": "gb", "age_years": 70, "sex": "male"} | profile}
    body = json.dumps(asked | {"explain": False, "interval": False})
    reply = as_owner.generic("POST", "/api/v1/scores/", body, "application/json")
    if reply.status_code == 400:
        assert "half a character" in reply.json()["detail"]
        return
    assert reply.status_code == 200, reply.json()
    (result,) = reply.json()["results"]
    assert bool(result["estimates"]) != bool(result["refused"])
