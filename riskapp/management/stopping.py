"""Commands that are told to stop: at once, but never in the middle of what the database is told."""

import signal
import sys
from types import FrameType

LOOK_AGAIN_S = 0.01


def stop_when_told() -> None:
    """Let SIGTERM raise SystemExit in the main thread, which gives its work back as it goes.

    A statement is waited for first, with the transaction that it ends or begins: a connection that
    is left between question and answer takes no further one, so nothing could be given back on it.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGALRM, _stop)


def _stop(_: int, frame: FrameType | None) -> None:
    if _is_in_the_database(frame):
        signal.setitimer(signal.ITIMER_REAL, LOOK_AGAIN_S)
        return
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # while it gives its work back
    sys.exit(0)


def _is_in_the_database(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("django.db"):
            return True
        frame = frame.f_back
    return False
