"""The child of ``imaging.isolated``: limits first, then everything that touches the file."""

import json
import os
import resource
import sys
import traceback
from pathlib import Path

# sysexits.h: an internal software error.
OUR_FAULT = 70


def main() -> None:
    """Read one request from standard input and write one answer to standard output.

    Where our own code fails, the answer is the kind of the exception and the line, without what
    it says, which may hold what is in the file; the exit status tells the two answers apart.
    """
    request = json.loads(sys.stdin.buffer.read())
    for what, amount in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["cpu_seconds"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # it has nothing to write anywhere
    ):
        resource.setrlimit(what, (amount, amount))
    # Readers in C may print; only the answer may go down the pipe.
    pipe = os.dup(1)
    os.dup2(2, 1)
    # Imported under the limits, and not before.
    from imaging.isolated import encode
    from imaging.measure import measure
    from imaging.result import region_from_json

    given = request["regions"]
    status = 0
    try:
        regions = None if given is None else [region_from_json(region) for region in given]
        answer = encode(measure(request["paths"], regions))
    except MemoryError:
        raise  # a matter of the file's size
    # The outermost edge of this process: what measuring did not foresee is our fault, whatever
    # it is, and has to be told apart from what a file can do.
    except Exception as fault:
        frame = traceback.extract_tb(fault.__traceback__)[-1]
        answer = f"{type(fault).__name__} at {Path(frame.filename).name}:{frame.lineno}".encode()
        status = OUR_FAULT
    with os.fdopen(pipe, "wb") as sink:
        sink.write(answer)
    sys.exit(status)


if __name__ == "__main__":
    main()
