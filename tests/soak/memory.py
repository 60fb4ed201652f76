"""What each process of a site holds, looked at every few seconds, and whether that grows."""

import os
import statistics
import threading
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.soak.site import Process, Site

LOOK_EVERY_S = 10.0
# Memory counts from here on: before, everything is loaded that is loaded once.
WARM_AFTER = 0.5
# A process is flat if what it holds grows by less than either in an hour, or at all. The first is
# what would fill 4 GiB in a week; the second is what one larger answer leaves in the heap.
MOST_MIB_PER_HOUR, MOST_MIB = 24.0, 6.0
# Of what was seen for less, nothing is said: a web process has answered too little to be warm.
AT_LEAST_S = 600.0
# Seconds since the beginning, and MiB then.
Seen = list[tuple[float, float]]
TICKS = os.sysconf("SC_CLK_TCK")


class Memory:
    """Looks on while it is entered.

    What counts is anonymous memory, which is what leaks: files that are mapped, and pages that
    processes share since one was made from another, come and go with those others.
    """

    def __init__(self, site: Site) -> None:
        self._site, self._over = site, threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._seen: dict[Process, Seen] = defaultdict(list)

    def __enter__(self) -> "Memory":
        self._begun, self._ticks = time.monotonic(), self._used()
        self._looking.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._looking.join()

    def processors(self) -> float:
        """How many processors all of them have used, on average, since it began."""
        return (self._used() - self._ticks) / TICKS / (time.monotonic() - self._begun)

    def _used(self) -> int:
        """Ticks that all of them, and their children that ended, have used a processor."""
        return sum(map(_ticks, self._site.processes()))

    def _look(self) -> None:
        while True:
            for one in self._site.processes():
                held = _anonymous_mib(one.pid)
                if held is not None:
                    self._seen[one].append((time.monotonic() - self._begun, held))
            if self._over.wait(LOOK_EVERY_S):
                return

    def _lasting(self) -> list[tuple[str, Seen]]:
        """Those that were there from first to last, by name; children that decode are not."""
        seen = {one: list(told) for one, told in list(self._seen.items())}
        whole = max(map(len, seen.values()))
        return sorted((_name(one), told) for one, told in seen.items() if len(told) >= whole - 1)

    def counted(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for number, (name, told) in enumerate(self._lasting(), 1):
            held = f"{told[0][1]:.0f} / {warm(told)[0][1]:.0f} / {told[-1][1]:.0f}"
            what = f"memory of process {number} ({name}), MiB: start / warm / end"
            found[what] = f"{held}; {slope(warm(told)):+.1f} an hour once warm"
        return found

    def problems(self) -> list[str]:
        return [
            f"{name} grows by {slope(warm(told)):.0f} MiB in an hour."
            for name, told in self._lasting()
            if not is_flat(told)
        ]


def is_flat(told: Seen) -> bool:
    """Whether what was seen of a process does not grow, once it is warm."""
    counts = warm(told)
    seconds, grows = counts[-1][0] - counts[0][0], slope(counts)
    is_small = grows <= MOST_MIB_PER_HOUR or grows * seconds / 3600 <= MOST_MIB
    return is_small or seconds < AT_LEAST_S


def warm(told: Seen) -> Seen:
    return [one for one in told if one[0] >= WARM_AFTER * told[-1][0]]


def slope(told: Seen) -> float:
    """MiB per hour: the median slope of all pairs (Theil and Sen), which one step cannot move."""
    slopes = [3600 * (y - x) / (t - s) for (s, x), (t, y) in combinations(told, 2)]
    return statistics.median(slopes) if slopes else 0.0


def _anonymous_mib(pid: int) -> float | None:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return None  # ended meanwhile
    lines = (line.split() for line in told.splitlines())
    return next((int(one[1]) / 1024 for one in lines if one[0] == "Anonymous:"), None)


def _ticks(one: Process) -> int:
    try:
        told = Path(f"/proc/{one.pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return sum(map(int, told.rpartition(")")[2].split()[11:15]))


def _name(one: Process) -> str:
    words = one.command.split()
    if "gunicorn" in one.command:
        return "web"
    return words[words.index("manage.py") + 1] if "manage.py" in words else words[-1]
