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

from tests.soak import killing, mixed, troubles
from tests.soak.postgres import Postgres
from tests.soak.report import Figures, as_text
from tests.soak.site import Site

DATABASES = ("sqlite", "postgresql")


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
    reader.add_argument("--only", nargs="+", choices=("kills", "troubles", "load"))
    reader.add_argument("--on", nargs="+", choices=DATABASES, default=DATABASES, help="for kills")
    reader.add_argument("--report", type=Path, help="also write the figures here")
    reader.add_argument("--keep", action="store_true", help="keep the folders of the sites")
    asked = reader.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended early."))  # sites end with it
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    parts: dict[str, Callable[[], Iterable[Figures]]] = {
        "load": lambda: mixed.soak(site_in(folder / "load"), asked.minutes),
        "kills": lambda: killing.soak(folder, asked.kills, site_in, asked.on),
        "troubles": lambda: troubles.soak(folder, site_in),
    }
    found: list[Figures] = []
    for name, soak in parts.items():
        if not asked.only or name in asked.only:
            for figures in soak():
                found.append(figures)
                sys.stdout.write(as_text([figures]) + "\n")
                sys.stdout.flush()
                if asked.report:  # after each part: whoever stops it has what was seen
                    asked.report.parent.mkdir(parents=True, exist_ok=True)
                    asked.report.write_text(as_text(found), encoding="utf-8")
    failed = any(one.problems for one in found)
    if failed or asked.keep:
        sys.stdout.write(f"The sites are kept in {folder}\n")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
