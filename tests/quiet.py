"""What a site writes down for whoever runs it: its log, sums, trail, heads and troubles.

Nothing that somebody typed or sent may stand there. Tests feed words and look for them in all of
it, in both shapes of the log.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from prometheus_client import REGISTRY, generate_latest

from riskapp.discreet_log import DiscreetFormatter, JsonFormatter
from riskapp.models import AuditEvent, DeadLetter
from riskapp.models.leased import Leased

FORMATTERS = DiscreetFormatter(), JsonFormatter()


class _Heard(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines += [one.format(record) for one in FORMATTERS]


@contextmanager
def heard(lines: list[str]) -> Iterator[None]:
    """Add what would have been logged meanwhile, as lines to read and as JSON."""
    root, observing = logging.getLogger(), logging.getLogger("riskapp.observing")
    handlers, level, of_views = root.handlers[:], root.level, observing.level
    root.handlers = [_Heard(lines)]
    root.setLevel(logging.INFO)
    observing.setLevel(logging.INFO)  # as with TRABECULA_LOG=json
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        observing.setLevel(of_views)


def written_down() -> Iterator[str]:
    """Trail, its heads, what failed and why, and the sums."""
    for row in AuditEvent.objects.all():
        yield json.dumps([row.by, row.action, row.target, row.detail, row.content])
    for letter in DeadLetter.objects.all():
        yield f"{letter.kind} {letter.target} {letter.problem}"
    for model in apps.get_models():
        if issubclass(model, Leased):
            yield from model._default_manager.values_list("problem", flat=True)
    for path in settings.TRAIL_WITNESSES:
        if path.exists():
            yield path.read_text(encoding="utf-8", errors="replace")
    yield generate_latest(REGISTRY).decode()


def told(words: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Which of the words stand somewhere, and where; however they are written."""
    sought = {word: {word, json.dumps(word)[1:-1], ascii(word)[1:-1]} for word in words}
    sought = {word: {one.lower() for one in forms} for word, forms in sought.items()}
    return sorted(
        {
            f"{word!r} in {text[:300]!r}"
            for text in texts
            for word, forms in sought.items()
            if any(one in text.lower() for one in forms)
        }
    )
