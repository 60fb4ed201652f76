"""Scores are written letter for letter as the REST framework would write them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer

from riskapp.api import scores
from riskapp.exchange.answer_text import written

SCORES = "/api/v1/scores/"
ANN = {"population": "gb", "age_years": 70, "sex": "female", "femoral_neck_t_score": -2.5}
QUICK = {"explain": False, "interval": False}


@pytest.mark.parametrize(
    "asked",
    [
        {"profile": ANN | {"id": '“q"uo\\te” \u2028 é "guidelines":[]}'}},
        {"profile": ANN | {"id": 7}, "explain": True, "interval": True},
        {"profiles": [ANN, None, {"id": True}, ANN | {"age_years": 20}, ANN], "verdicts": False},
        {"profile": ANN, "engines": ["evidence", "cox"]},
        {"profile": {"population": "gb"}, "guideline": "nogg-2024"},
    ],
)
def test_every_answer_is_as_the_framework_writes_it(as_owner: Any, asked: dict[str, Any]) -> None:
    response = as_owner.post(SCORES, QUICK | asked)
    assert response.status_code == 200
    assert response.content == JSONRenderer().render(json.loads(response.content))
    assert response["Content-Type"] == "application/json"
    assert list(response.json()) == ["results", "safety"]
    for one in response.json()["results"]:
        assert list(one) == ["id", "estimates", "refused"]


def test_whatever_is_written_is_as_the_framework_writes_it() -> None:
    told = {"a": [1.0, 1e-7, -0.0, 1e22, True, None], "“ü\u00a0%": '−2.5\n\t"\\\x7f\x01/'}
    assert written(told) == JSONRenderer().render(told)
    with pytest.raises(ValueError, match="not JSON compliant"):
        written(float("nan"))


@pytest.mark.parametrize("value", [None, True, False, 0, 1, "true", [], {}, {"a": 1}, "frax-2008"])
@pytest.mark.parametrize("name", [*scores.USUAL, "profiles", "colour"])
def test_a_plain_question_is_read_as_by_the_shape(name: str, value: Any) -> None:
    for sent in ({"profile": {"age_years": 70}} | {name: value}, {name: value}):
        assert told(scores._read, sent) == told(scores.READER.run_validation, sent)


def told(read: Callable[[Any], Any], sent: dict[str, Any]) -> Any:
    try:
        return read(sent)
    except ValidationError as refused:
        return refused.detail


def test_a_plain_question_needs_no_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "READER", None)
    asked = scores._read({"profile": ANN, "explain": False, "verdicts": True})
    assert asked == scores.USUAL | {"profile": ANN, "explain": False}
