"""Published numbers as data files, each with its source; ``README.md`` lists them."""

import hashlib
import json
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from riskapp.risk.limits import in_print

HERE = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """One data file, e.g. ``populations/gb``; cached, as the files never change in place."""
    loaded: dict[str, Any] = json.loads(_text(name))
    return loaded


@cache
def printed(name: str) -> dict[str, Any]:
    """As ``read``, of a file whose sentences stand on pages: its bytes, and so its hash, stay."""
    loaded: dict[str, Any] = json.loads(in_print(_text(name)))
    return loaded


def _text(name: str) -> str:
    return (HERE / f"{name}.json").read_text(encoding="utf-8")


def names(folder: str) -> tuple[str, ...]:
    """Files of one folder, without their ending, in alphabetical order."""
    place = f"{HERE}/{folder}"
    # Asked with every person, so it is listed once for each state of the folder.
    return _listed(place, os.stat(place).st_mtime_ns)


@lru_cache(maxsize=32)
def _listed(place: str, changed_ns: int) -> tuple[str, ...]:
    files = (name for name in os.listdir(place) if name.endswith(".json"))
    return tuple(sorted(name.removesuffix(".json") for name in files))


def sha256(name: str) -> str:
    """Hash of a data file's bytes, as listed in ``README.md``."""
    return hashlib.sha256((HERE / f"{name}.json").read_bytes()).hexdigest()


def sha256_of_all(*folders: str) -> str:
    """Hash of the list of all data files with their hashes: `sha256sum */*.json | sha256sum`.

    With ``folders``, of the files in these.
    """
    found = (path.relative_to(HERE) for path in HERE.glob("*/*.json"))
    files = sorted(path.as_posix() for path in found if not folders or path.parts[0] in folders)
    listed = "".join(f"{sha256(file.removesuffix('.json'))}  {file}\n" for file in files)
    return hashlib.sha256(listed.encode()).hexdigest()
