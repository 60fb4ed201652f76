"""Keys that others publish are kept as long as they say, and asked for no more than needed."""

from collections.abc import Iterator
from typing import Any

import pytest

from riskapp.exchange import published_keys
from riskapp.exchange.json_web_keys import UnusableKeys
from tests.api.cds.record_system import KID, RecordSystem
from tests.key_address import URL, Keys


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    published_keys._held.clear()
    yield
    published_keys._held.clear()


class Clock:
    """Seconds, as they are set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("told_s", "kept_s"),
    [(None, 300), (0, 60), (59, 60), (61, 61), (86_399, 86_399), (10**12, 86_400)],
)
def test_published_keys_are_kept_as_long_as_they_are_fresh_but_a_minute_to_a_day(
    monkeypatch: pytest.MonkeyPatch, told_s: float | None, kept_s: float
) -> None:
    keys, clock = Keys(RecordSystem().keys, fresh_s=told_s), Clock()
    monkeypatch.setattr(published_keys, "fetched", keys.fetched)
    monkeypatch.setattr(published_keys.time, "monotonic", clock)
    for clock.now, asked_for in ((0, 1), (kept_s - 0.1, 1), (kept_s, 2), (2 * kept_s - 0.1, 2)):
        assert published_keys.published_key(URL, KID, "ES384") is not None
        assert keys.asked == asked_for


def test_keys_that_are_held_stay_good_where_another_is_missing_and_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = Keys(RecordSystem().keys, UnusableKeys("The address of the keys did not answer."))
    monkeypatch.setattr(published_keys, "fetched", keys.fetched)
    assert published_keys.published_key(URL, KID, "ES384") is not None
    for _ in range(2):
        with pytest.raises(UnusableKeys, match="did not answer"):
            published_keys.published_key(URL, "unknown", "ES384")
    assert published_keys.published_key(URL, KID, "ES384") is not None
    assert keys.asked == 2


def test_keys_of_no_more_addresses_are_held_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = Keys(RecordSystem().keys)
    monkeypatch.setattr(published_keys, "fetched", keys.fetched)
    monkeypatch.setattr(published_keys, "MOST_ADDRESSES", 2)
    for number in (1, 2, 3, 3, 2, 1):
        published_keys.published_key(f"{URL}?{number}", KID, "ES384")
    assert keys.asked == 4


@pytest.mark.parametrize(
    "before", [{"keys": []}, UnusableKeys("The address of the keys did not answer.")]
)
def test_what_was_not_found_is_asked_for_and_an_unknown_key_not_again_and_again(
    monkeypatch: pytest.MonkeyPatch, before: Any
) -> None:
    keys = Keys(before, RecordSystem().keys)
    monkeypatch.setattr(published_keys, "fetched", keys.fetched)
    clock = Clock()
    monkeypatch.setattr(published_keys.time, "monotonic", clock)
    assert published_keys.published_key(URL, KID, "ES384") is not None
    for _ in range(5):
        assert published_keys.published_key(URL, "unknown", "ES384") is None
    assert keys.asked == 2
    clock.now = 30
    assert published_keys.published_key(URL, "unknown", "ES384") is None
    assert keys.asked == 3
