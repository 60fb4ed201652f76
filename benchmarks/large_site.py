"""Make a site as large as any list should bear: `python -m benchmarks.large_site FOLDER`.

A few people are registered, scanned, assessed and treated through the product's own actions; the
rest are copies of their rows, each with a name, ids and days of its own and sealed for itself, so
that each row is as the product stores it. The trail has a chained row for each of them. All of it
is made up, from one seed, for timing alone: no number of it says anything about anybody's bones.

Of a person's assessments the latest are stored whole; earlier ones, of which there are most, are of
the same action asked for no reasons and no verdicts, as otherwise a million would take 20 GB.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import django

SEED = 20261123
Made = TypeVar("Made")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="made anew; holds the data of the site")
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--assessments", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    if asked.folder.exists():
        raise SystemExit(f"{asked.folder} is there already.")
    set_up(asked.folder)
    make(asked.patients, asked.assessments, asked.seed)


def set_up(folder: Path) -> None:
    """Settle where the site is: the folder, with the database that ``TRABECULA_DATABASE`` names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "riskapp.settings"
    os.environ |= {"TRABECULA_DATA_DIR": str(folder), "TRABECULA_HOSTS": "testserver"}
    django.setup()


def make(patients: int, assessments: int, seed: int) -> None:
    """Fill the database of the settings, which is empty."""
    from django.core.management import call_command

    from benchmarks.large_site_copies import copied_people
    from benchmarks.large_site_models import told_people
    from benchmarks.large_site_rest import everything_else
    from benchmarks.large_site_rows import ended, quickly
    from benchmarks.large_site_trail import chained

    chance = random.Random(seed)  # noqa: S311  # made-up people, no secrets
    call_command("migrate", verbosity=0)
    models = _said("people by the actions", told_people)
    with quickly():
        _said("copies", lambda: copied_people(models, patients, assessments, chance))
        _said("queues, peers and staff", lambda: everything_else(patients, chance))
        _said("trail", chained)
        _said("statistics", ended)


def _said(what: str, do: Callable[[], Made]) -> Made:
    begun = time.perf_counter()
    made = do()
    sys.stderr.write(f"{what}: {time.perf_counter() - begun:.0f} s\n")
    return made


if __name__ == "__main__":
    main()
