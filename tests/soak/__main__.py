"""`make soak`: what survives what, for as long as is asked; figures are printed and written.

python -m tests.soak [--kills 200] [--minutes 30] [--only kills] [--report FILE]
"""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.soak import killing, loading, troubles
from tests.soak.postgres import Postgres
from tests.soak.report import Figures, as_text, write
from tests.soak.site import Site

DATABASES = ("sqlite", "postgresql")
TROUBLES = ("disk", "clock", "gone", "workers")
PARTS = ("load", "kills", *TROUBLES)


def site_in(folder: Path, database: Postgres | None = None) -> Site:
    """A fresh site, ready to be started."""
    folder.mkdir(parents=True)
    site = Site(folder, {"TRABECULA_DATABASE": database.address} if database else None)
    site.prepare()
    return site


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, prog="python -m tests.soak")
    reader.add_argument("--kills", type=int, default=200, help="of each database")
    reader.add_argument("--minutes", type=float, default=30.0, help="of mixed load")
    reader.add_argument("--rate", type=float, default=loading.RATE, help="of load, per second")
    reader.add_argument("--only", nargs="+", choices=(*PARTS, "troubles"))
    reader.add_argument("--on", nargs="+", choices=DATABASES, default=DATABASES, help="for kills")
    reader.add_argument("--report", type=Path, help="also write the figures here")
    reader.add_argument("--keep", action="store_true", help="keep the folders of the sites")
    asked = reader.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # sites end with it
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    parts: dict[str, Callable[[], Iterable[Figures]]] = {
        "load": lambda: loading.soak(site_in(folder / "load"), asked.minutes, asked.rate),
        "kills": lambda: killing.soak(folder, asked.kills, site_in, asked.on),
        "disk": lambda: [troubles.tried(troubles.disk_full, folder, site_in)],
        "clock": lambda: [troubles.tried(troubles.clock_set, folder, site_in)],
        "gone": lambda: troubles.on_each_database(troubles.database_gone, folder, site_in),
        "workers": lambda: troubles.on_each_database(troubles.two_workers, folder, site_in),
    }
    only = set(asked.only or PARTS)
    only |= set(TROUBLES) if "troubles" in only else set()
    found: dict[str, Figures] = {}
    for name, soak in parts.items():
        if name in only:
            for figures in soak():  # of some parts more than once, as they go on
                found[figures.title] = figures
                sys.stdout.write(as_text(figures) + "\n")
                sys.stdout.flush()
                if asked.report:
                    write(figures, asked.report)
    failed = any(one.problems for one in found.values())
    if failed or asked.keep:
        sys.stdout.write(f"The sites are kept in {folder}\n")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
