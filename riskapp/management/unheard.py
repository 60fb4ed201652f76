"""Commands that go on when nobody reads any more what they say."""

import os
import sys
from typing import Any, TextIO

from django.core.management.base import BaseCommand


class Unbroken:
    """A stream of which the reader may leave, as ``head`` does; the rest goes nowhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            written = self._stream.write(text)
            # Here and not at the end of the program, where an error can no longer be met.
            self._stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            return len(text)
        return written


class UnheardCommand(BaseCommand):
    """Hours of work are not lost because ``| head`` has seen enough."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        options["stdout"] = Unbroken(options.get("stdout") or sys.stdout)
        return super().execute(*args, **options)
