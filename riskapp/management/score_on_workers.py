"""Parts of a table answered by workers, in the order of the rows."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa

from riskapp.exchange.tables import Part
from riskapp.risk.estimate import EstimateOptions

# Parts that are with the workers at one time, for each of them: what bounds the memory here.
AHEAD = 3


def answered_in_order(
    client: Any,
    parts: Iterable[Part],
    how: EstimateOptions,
    options: Mapping[str, Any],
    ignored: str,
) -> Iterator[pa.Table]:
    """Answers, part by part; one whose worker is lost is given to another.

    Parameters
    ----------
    client : distributed.Client
        Its workers see the same stored models.
    options : mapping
        What the command was given, as far as it decides the answers.
    """
    most = AHEAD * max(1, len(client.scheduler_info()["workers"]))
    waiting: deque[Any] = deque()
    told = tuple(sorted((name, _hashable(one)) for name, one in options.items()))
    for part in parts:
        waiting.append(client.submit(_answer, part, how, told, ignored, pure=False))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _hashable(one: Any) -> Any:
    return tuple(one) if isinstance(one, list) else one


def _answer(
    part: Part, how: EstimateOptions, told: tuple[tuple[str, Any], ...], ignored: str
) -> pa.Table:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    return _answering(how, told, ignored).part(part)


@lru_cache(maxsize=4)
def _answering(how: EstimateOptions, told: tuple[tuple[str, Any], ...], ignored: str) -> Any:
    """Engines read, and kinds of people remembered, once by each worker."""
    from riskapp.management.scored_rows import engines_of
    from riskapp.management.scored_tables import Answering

    options = dict(told)
    return Answering(engines_of(options), how, options, ignored)
