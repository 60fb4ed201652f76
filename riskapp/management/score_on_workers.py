"""Batches of a table answered by workers, in the order of the rows."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from riskapp.risk.estimate import EstimateOptions

# Batches that are with the workers at one time, for each of them: what bounds the memory here.
AHEAD = 3
# Intervals take long: smaller batches keep all workers busy.
ROWS_AT_ONCE, ROWS_AT_ONCE_WITH_INTERVALS = 2_000, 50

Rows = Sequence[Mapping[str, Any]]


def answered_in_order(
    client: Any,
    batches: Iterable[Rows],
    how: EstimateOptions,
    options: Mapping[str, Any],
    ignored: str,
) -> Iterator[dict[str, Any]]:
    """Answers, row by row; a batch whose worker is lost is given to another.

    Parameters
    ----------
    client : distributed.Client
        Its workers see the same stored models.
    options : mapping
        What the command was given, as far as it decides the answers.
    """
    most = AHEAD * max(1, len(client.scheduler_info()["workers"]))
    waiting: deque[Any] = deque()
    for batch in batches:
        waiting.append(client.submit(_answer, batch, how, dict(options), ignored, pure=False))
        if len(waiting) >= most:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _answer(
    rows: Rows, how: EstimateOptions, options: dict[str, Any], ignored: str
) -> list[dict[str, Any]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from riskapp.management.scored_rows import answers

    engines = _engines(tuple(options["engine"] or ()), options["model_id"], options["evidence_set"])
    return list(answers(rows, engines, how, options, ignored))


@lru_cache(maxsize=4)
def _engines(names: tuple[str, ...], model_id: str | None, evidence_set: str) -> list[Any]:
    """Read once by each worker."""
    from riskapp.management.scored_rows import engines_of

    return engines_of({"engine": names, "model_id": model_id, "evidence_set": evidence_set})
