"""The child of ``imaging.isolated.asking``: our code, its limits, then what touches the file."""

import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from imaging.isolated.protocol import LOADED, OUR_FAULT, READY


def _task(name: str) -> Callable[[dict[str, Any], BinaryIO], None]:
    """Give what answers a request; loaded here, so that what does not load can be told."""
    if name == "split":
        from imaging.isolated.storing import encoded_split

        return lambda request, sink: sink.writelines(encoded_split(request))
    from imaging.isolated.measuring import write_measurement

    return write_measurement


def _limit(request: dict[str, Any]) -> None:
    for what, amount in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["cpu_seconds"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # it has nothing to write anywhere
    ):
        resource.setrlimit(what, (amount, amount))


def main() -> None:
    """Read one request from standard input and write one answer to standard output.

    Where our own code fails, the answer is the kind of the exception and the line, without what
    it says, which may hold what is in the file; the exit status tells the two answers apart.
    """
    if READY in sys.argv:
        # What does not load is told below, to whoever asks.
        with suppress(Exception):
            for name in sys.argv[sys.argv.index(READY) + 1 :]:
                _task(name)
    asked = sys.stdin.buffer.read()
    if not asked:
        return  # whoever kept this process ready has gone
    request = json.loads(asked)
    # Readers in C may print; only the answer may go down the pipe.
    pipe = os.dup(1)
    os.dup2(2, 1)
    status = 0
    answer = b""
    loaded = False
    try:
        answer_into = _task(request["task"])
        loaded = True
        os.write(pipe, LOADED)
        _limit(request)
        with os.fdopen(os.dup(pipe), "wb") as sink:
            answer_into(request, sink)
    # The outermost edge of this process: what measuring did not foresee is our fault, whatever
    # it is, and has to be told apart from what a file can do. Code that does not load is ours
    # too: nobody has opened the file yet.
    except Exception as fault:
        if loaded and isinstance(fault, MemoryError):
            raise  # a matter of the file's size
        *_, (frame, line) = traceback.walk_tb(fault.__traceback__)  # reads no file for it
        place = Path(frame.f_code.co_filename).name
        answer = f"{type(fault).__name__} at {place}:{line}".encode()
        status = OUR_FAULT
    with os.fdopen(pipe, "wb") as sink:
        sink.write(answer)
    # All is written. Taking apart what was loaded takes a tenth of a second, and who asked waits.
    os._exit(status)


if __name__ == "__main__":
    main()
