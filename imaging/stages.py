"""How far measuring is: told to whoever waits, while it goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Stage(StrEnum):
    """What is done at the moment, in this order; not every scan goes through all."""

    TAKING_APART = "taking_apart"
    READING = "reading"
    READING_PRINT = "reading_print"
    FINDING_BONE = "finding_bone"
    MEASURING = "measuring"
    TEXTURE = "texture"
    CHECKING = "checking"
    DRAWING = "drawing"


Listener = Callable[[Stage], None]
# Measuring is a chain of pure functions, none of which should have to hand on who listens.
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def now(stage: Stage) -> None:
    """Say that a stage begins; nothing happens where nobody listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(stage)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Let somebody hear of every stage that begins meanwhile."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
