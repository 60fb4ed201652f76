"""Keys that other programs publish at an address, kept as long as they say, within limits."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskapp.exchange.json_web_keys import ALGORITHMS, UnusableKeys, fetched, key_for

# Asked for anew after the max-age that their server tells, within the first and the last of these:
# who hears of no change for a day would believe a key that was withdrawn.
SHORTEST_S, USUAL_S, LONGEST_S = 60, 300, 24 * 60 * 60
# Sooner where one signs with a key that is not among them, as keys are changed, or where they
# could not be had, but not again and again.
ASKED_AGAIN_S = 30
MOST_ADDRESSES = 256


@dataclass(frozen=True, slots=True)
class Held:
    """What an address of keys has answered.

    Attributes
    ----------
    keys : dict or None
        None where they could not be had.
    refusal : str
        Why not, when they were last asked for; blank where they were had.
    until, again_from : float
        Monotonic seconds: asked for anew then; not sooner than that for a key that is missing.
    """

    keys: dict[str, Any] | None
    refusal: str
    until: float
    again_from: float

    def key(self, kid: str, algorithm: str) -> Any:
        return key_for(self.keys, kid, algorithm) if self.keys else None


_held: dict[tuple[str, tuple[str, ...]], Held] = {}


def published_key(
    url: str, kid: str, algorithm: str, algorithms: Sequence[str] = ALGORITHMS
) -> Any:
    """The public key of this name at an address that the site has written down, or None.

    Raises
    ------
    UnusableKeys
        If the keys cannot be had, or cannot be used.
    """
    place = (url, tuple(algorithms))
    held = _held.get(place)
    if held is None or time.monotonic() >= held.until:
        held = _keep(place, _asked(*place, again_from=held.again_from if held else 0))
    if held.key(kid, algorithm) is None and time.monotonic() >= held.again_from:
        held = _keep(place, _asked_again(*place, held))
    key = held.key(kid, algorithm)
    if key is None and held.refusal:
        raise UnusableKeys(held.refusal)
    return key


def _asked(url: str, algorithms: tuple[str, ...], again_from: float) -> Held:
    try:
        keys, told_s = fetched(url, algorithms)
    except UnusableKeys as refusal:
        return Held(None, str(refusal), time.monotonic() + USUAL_S, again_from)
    kept_s = USUAL_S if told_s is None else min(max(told_s, SHORTEST_S), LONGEST_S)
    return Held(keys, "", time.monotonic() + kept_s, again_from)


def _asked_again(url: str, algorithms: tuple[str, ...], held: Held) -> Held:
    """The keys anew; those that are held stay good where they cannot be had now."""
    new = _asked(url, algorithms, time.monotonic() + ASKED_AGAIN_S)
    if new.keys is None and held.keys is not None:
        return replace(held, refusal=new.refusal, again_from=new.again_from)
    return new


def _keep(place: tuple[str, tuple[str, ...]], held: Held) -> Held:
    _held.pop(place, None)
    _held[place] = held
    for oldest in list(_held)[:-MOST_ADDRESSES]:
        _held.pop(oldest, None)
    return held
