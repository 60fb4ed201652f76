"""What answers is tested before its first answer: golden estimates again, and files by digest.

A process tests each engine once, when it first needs it or at start (``actions.self_testing``).
What fails stays withheld until the process is started again with the files mended: an engine that
fails now and then is no engine to rely on.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from riskapp.modelstore.golden import difference
from riskapp.risk import published
from riskapp.risk.errors import EngineWithheld
from riskapp.risk.estimate import Engine

GOLDEN = Path(__file__).parent / "golden"
# What ships with the product is mended by installing it again; a site's own model is not.
MEND = "Tell your administrator; no other model answers in its place."

MOST_PASSED = 256
_lock = Lock()
# Sentence by what was tested, empty where it passed.
_found: dict[tuple[str, str], str] = {}


@lru_cache(maxsize=64)
def golden_of(name: str) -> Mapping[str, Any] | None:
    """Golden estimates that ship with the product, by model id or evidence set; None if missing."""
    try:
        kept: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept


def passing(engine: Engine, kept: Mapping[str, Any] | None, version: str = "") -> Engine:
    """The engine, if it passes or has passed in this process.

    ``version`` names the files and golden estimates of a model that may get others meanwhile.

    Raises
    ------
    EngineWithheld
        In a sentence that says what failed.
    """
    told = _found.get((engine.model_id, version))
    if told is None:  # else nobody waits for the test of another engine
        told = _tested(engine, kept, version)
    if told:
        raise EngineWithheld(told)
    return engine


def _tested(engine: Engine, kept: Mapping[str, Any] | None, version: str) -> str:
    """Its sentence, found by the first who asks; the others wait."""
    key = (engine.model_id, version)
    with _lock:
        if key not in _found:
            problem = failure(engine, kept)
            _found[key] = problem and withheld(engine.name, problem)
            # What fails stays withheld; of a site's own that passed, old versions go.
            passed = [(id, own) for (id, own), sentence in _found.items() if own and not sentence]
            for oldest in passed[:-MOST_PASSED]:
                del _found[oldest]
        return _found[key]


def shipped_problems() -> tuple[str, ...]:
    """Sentences about what ships with the product and was found failing in this process."""
    found = tuple(_found.items())  # at once, as another thread may be testing
    return tuple(problem for (_, version), problem in found if problem and not version)


def unreadable(name: str, model_id: str, problem: str) -> EngineWithheld:
    """The refusal where a model that ships with the product cannot even be read."""
    sentence = withheld(name, problem)
    _found[model_id, ""] = sentence
    return EngineWithheld(sentence)


def withheld(name: str, problem: str) -> str:
    """Why an engine does not answer, and what to do."""
    return f"The engine {name} is not served: {problem.rstrip('.')}. {MEND}"


def failure(engine: Engine, kept: Mapping[str, Any] | None) -> str:
    """What is wrong with an engine or with what it answers from; empty if it passes."""
    if kept is None:
        return f"no golden estimates of {engine.model_id} can be read"
    try:
        if kept["published_sha256"] != published.sha256_of_all():
            return "a table of published numbers is not the one that was looked at"
        if kept["model_id"] != engine.model_id:
            return f"its golden estimates are of {kept['model_id']}, and it is {engine.model_id}"
        return difference(engine, kept)
    # Whatever a damaged table or another library makes of it: all of it fails the test.
    except Exception as error:
        return f"its self-test ended with {type(error).__name__}"


def forget() -> None:
    """Test anew what is asked from now on."""
    with _lock:
        _found.clear()
    golden_of.cache_clear()
