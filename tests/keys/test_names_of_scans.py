"""What scans are named anew by: the ring of keys, and no other secret of the site."""

import json
from base64 import b64encode
from typing import Any

import pytest

from riskapp.actions.taking_apart import renewing_key


def ring(active: str, *ids: str) -> str:
    keys = {id: b64encode(id.encode() * 16).decode() for id in ids}
    return json.dumps({"active": active, "keys": keys, "retired": {}})


def test_a_new_signing_key_names_nothing_anew(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRABECULA_KEYS", ring("k1", "k1"))
    before = renewing_key()
    settings.SECRET_KEY = "another signing key, of more than forty letters"
    assert renewing_key() == before
    assert len(before) == 32


def test_names_change_when_the_old_key_is_retired_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def by(given: str) -> bytes:
        monkeypatch.setenv("TRABECULA_KEYS", given)
        return renewing_key()

    first = by(ring("k1", "k1"))
    assert by(ring("k2", "k1", "k2")) == first
    assert by(ring("k2", "k2")) != first
