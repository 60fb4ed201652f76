"""The child of ``imaging.isolated``: limits first, then everything that touches the file."""

import json
import os
import resource
import sys


def main() -> None:
    """Read one request from standard input and write one answer to standard output."""
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
    regions = None if given is None else [region_from_json(region) for region in given]
    answer = encode(measure(request["paths"], regions))
    with os.fdopen(pipe, "wb") as sink:
        sink.write(answer)


if __name__ == "__main__":
    main()
