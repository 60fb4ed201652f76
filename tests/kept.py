"""Files that take seconds to make and change with their sources alone, kept between runs."""

import fcntl
import hashlib
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "kept"


def kept(
    name: str, make: Callable[[Path], None], sources: Iterable[Path], packages: Iterable[str] = ()
) -> Path:
    """The file that ``make`` writes, once for all workers; anew when what it is made of changes.

    Parameters
    ----------
    make
        Writes the file at a path that it is given.
    sources
        Files of this repository.
    packages
        Installed packages, of which the version counts.
    """
    told = hashlib.sha256()
    for path in sorted(sources):
        told.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    for package in packages:
        told.update(f"{package} {version(package)}".encode())
    KEPT.mkdir(parents=True, exist_ok=True)
    made = KEPT / f"{name}.{told.hexdigest()}"
    with (KEPT / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in KEPT.glob(f"{name}.*"):
                old.unlink()
            unfinished = KEPT / f"{name}.unfinished"
            make(unfinished)
            unfinished.rename(made)
    return made
