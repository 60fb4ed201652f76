"""Keys that other programs publish at an address, kept for a while."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from riskapp.exchange.json_web_keys import ALGORITHMS, UnusableKeys, fetched, key_for

# Asked for anew after this time; sooner where one signs with a key that is not among them, as
# keys are changed, or where they could not be had, but not again and again.
KEPT_SECONDS, ASKED_AGAIN_SECONDS = 300, 30


def published_key(
    url: str, kid: str, algorithm: str, algorithms: Sequence[str] = ALGORITHMS
) -> Any:
    """The public key of this name at an address that the site has written down, or None.

    Raises
    ------
    UnusableKeys
        If the keys cannot be had, or cannot be used.
    """
    for seconds in (KEPT_SECONDS, ASKED_AGAIN_SECONDS):
        keys = _found(url, tuple(algorithms), int(time.time() // seconds), seconds)
        if isinstance(keys, dict) and (key := key_for(keys, kid, algorithm)) is not None:
            return key
    if isinstance(keys, str):
        raise UnusableKeys(keys)
    return None


@lru_cache(maxsize=256)
def _found(
    url: str, algorithms: tuple[str, ...], period: int, seconds: int
) -> dict[str, Any] | str:
    """The keys, or why there are none, at the first question of this period of so many seconds."""
    try:
        return fetched(url, algorithms)
    except UnusableKeys as refusal:
        return str(refusal)
