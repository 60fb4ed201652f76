"""How long a record system waits for its cards: `python -m benchmarks.cds_hooks`.

Everything that happens at a call counts but the wire: the token is checked and remembered, the
record read, the estimate made, cards written and counted in the database on disk. Each call is
about another person, so that nothing kept from the one before helps. Times are of one core's work,
as other work on a machine moves all else; the median on the wall stands beside.
"""

import json
import os
import subprocess
import sys
import tempfile

from benchmarks.timing import Comparison, machine


def measured() -> list[dict[str, float | str]]:
    """Times in seconds, by kind of record, from a site of its own."""
    with tempfile.TemporaryDirectory() as folder:
        site = {
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
            "TRABECULA_DATA_DIR": folder,
            "TRABECULA_HOSTS": "testserver",
        }
        command = [sys.executable, "-m", "benchmarks.called_hooks"]
        told = subprocess.run(  # noqa: S603
            command, env=os.environ | site, stdout=subprocess.PIPE, check=True, text=True
        )
    found: list[dict[str, float | str]] = json.loads(told.stdout)
    return found


def compare() -> list[Comparison]:
    return [
        Comparison(
            f"cards for {one['what']}, signed and counted",
            float(one["median"]),
            "the bare estimate",
            float(one["bare"]),
            f"95th percentile {1000 * float(one['p95']):.0f} ms",
        )
        for one in measured()
    ]


def main() -> None:
    sys.stdout.write(f"{machine()}\n")
    for one in measured():
        shown = {name: 1000 * float(one[name]) for name in PARTS}
        ratio = float(one["median"]) / float(one["bare"])
        sys.stdout.write(
            f"{one['what']}: median {shown['median']:.1f} ms, 95th percentile {shown['p95']:.1f} "
            f"ms, first call {shown['first']:.0f} ms; {ratio:.1f} times the bare estimate of "
            f"{shown['bare']:.1f} ms; {shown['wall']:.1f} ms on the wall\n"
            f"  of which: token {shown['token']:.1f}, reading the record {shown['reading']:.1f}, "
            f"estimate with interval and help {shown['estimate']:.1f}, reasons "
            f"{shown['reasons']:.1f}, cards {shown['cards']:.1f} ms\n"
        )


PARTS = (
    "median", "wall", "p95", "first", "bare", "token", "reading", "estimate", "reasons", "cards",
)  # fmt: skip


if __name__ == "__main__":
    main()
