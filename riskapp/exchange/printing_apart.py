"""Printing in a process of its own, which is ended after some prints.

Setting letters keeps memory that is never given back (0.4 MiB a report, seen with WeasyPrint 70.0
and Pango 1.50), and holds Python's lock for a second in which nobody else would be answered. Here
what is kept goes with its process, and whoever types elsewhere goes on.

The process reads one JSON object a line, each a print, and answers each with a line that says
whether it could and how many bytes follow. It ends when nobody writes to it any more.
"""

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from riskapp.exchange.printing import SIZES, CannotPrint, Part, printed

# A process holds some 100 MiB at first; each print adds to it.
PRINTS = 50
# The longest report takes 4 s on a busy machine.
LONGEST_S = 60.0
LEVELS = 1 + max(level for _, level in SIZES)
# What the libraries that find fonts ask for; nothing else of ours, which may be secret.
KNOWN = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
KNOWN_BEGINNINGS = ("XDG_", "FONTCONFIG_")
ENDED = "The page could not be printed: it took too long, or was cut off. Ask for it again."
PRINTED, CANNOT, FAULT = "printed", "cannot", "fault"


class Printer:
    """One process at a time, started when it is first needed; threads take turns."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._left = 0

    def printed(self, parts: Sequence[Part]) -> bytes:
        """Print as ``printing.printed`` does, which raises the same.

        Raises
        ------
        CannotPrint
            Also if the process was cut off, or took longer than it may.
        RuntimeError
            If printing itself is at fault.
        """
        told = json.dumps(
            [
                {"html": [part.html(level) for level in range(LEVELS)], "css": part.css,
                 "language": part.language}
                for part in parts
            ]
        )  # fmt: skip
        with self._turn:
            process = self._ready()
            late = threading.Timer(LONGEST_S, process.kill)
            late.start()
            try:
                how, answer = _asked(process, told.encode())
            except (OSError, EOFError) as ended:
                self.end()
                raise CannotPrint(ENDED) from ended
            finally:
                late.cancel()
            self._left -= 1
            if not self._left:
                self.end()
        if how == FAULT:
            raise RuntimeError(f"Printing failed: {answer.decode()}.")
        if how == CANNOT:
            raise CannotPrint(answer.decode())
        return answer

    def end(self) -> None:
        """End the process; the next print starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                pipe.close()
        self._process = None

    def _ready(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self.end()  # it was killed while nobody printed
        if self._process is None:
            self._process, self._left = _start(), PRINTS
        return self._process


PRINTER = Printer()


def _start() -> "subprocess.Popen[bytes]":
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KNOWN or name.startswith(KNOWN_BEGINNINGS)
    }
    # Fixed arguments without a shell: nothing of what is printed reaches the command line.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "riskapp.exchange.printing_apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )


def _asked(process: "subprocess.Popen[bytes]", told: bytes) -> tuple[str, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(told + b"\n")
    process.stdin.flush()
    head = process.stdout.readline().split()
    if len(head) != 2:
        raise EOFError
    answer = process.stdout.read(int(head[1]))
    if len(answer) < int(head[1]):
        raise EOFError
    return head[0].decode(), answer


def _answer(line: bytes) -> tuple[str, bytes]:
    parts = [Part(one["html"].__getitem__, one["css"], one["language"]) for one in json.loads(line)]
    try:
        return PRINTED, printed(parts)
    except CannotPrint as reason:
        return CANNOT, str(reason).encode()
    # The outermost edge of this process: what went wrong is told by its kind and place, without
    # what it says, which may hold what was to be printed.
    except Exception as fault:
        *_, (frame, at) = traceback.walk_tb(fault.__traceback__)
        place = f"{type(fault).__name__} at {Path(frame.f_code.co_filename).name}:{at}"
        return FAULT, place.encode()


def main(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Print until nobody asks any more."""
    for line in asked:
        how, content = _answer(line)
        answers.write(f"{how} {len(content)}\n".encode() + content)
        answers.flush()


if __name__ == "__main__":
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    main(sys.stdin.buffer, answers)
