"""What commands ask of their arguments before anything is read or written."""

from argparse import ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError

UNREADABLE = 2
# What every library that draws numbers takes: a whole number of 31 bits.
LARGEST_SEED = 2**31 - 1
# A spreadsheet program would open such a file and find no workbook in it.
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")


def seed(text: str) -> int:
    """Read the number that random draws start from.

    Raises
    ------
    ArgumentTypeError
        If it is no whole number from 0 to ``LARGEST_SEED``.
    """
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= LARGEST_SEED:
        raise ArgumentTypeError(f"The seed should be a whole number from 0 to {LARGEST_SEED:,}.")
    return number


def refuse_overwriting(
    table: Path, schema: Path | None, targets: Iterable[Path | None], *, what: str = "cohort"
) -> None:
    """Refuse to write over what a command reads or writes, or where there is no folder.

    Parameters
    ----------
    table, schema : Path
        What is read; the JSON beside the table is too.
    targets : iterable of Path or None
        What will be written, once all the work is done.
    what : str
        The table, in words.

    Raises
    ------
    CommandError
        If a target is one of these files, under this name or another, or cannot be there.
    """
    read = [table, table.with_suffix(".json"), *([schema] if schema else [])]
    written: list[Path] = []
    for target in targets:
        if target is None:
            continue
        if any(_same(target, each) for each in read):
            raise _refused(
                f"{target.name} would overwrite the {what} or what describes it; choose another "
                "name."
            )
        if any(_same(target, each) for each in written):
            raise _refused(f"{target.name} is named twice: one would overwrite the other.")
        if not target.parent.is_dir():
            raise _refused(f"{target} cannot be written: there is no folder {target.parent}.")
        written.append(target)


def refuse_workbook(target: Path) -> None:
    """Refuse a name that promises a spreadsheet, where CSV or Parquet is written.

    Raises
    ------
    CommandError
        By its ending.
    """
    if target.suffix.lower() in WORKBOOKS:
        raise _refused(
            f"{target.name}: workbooks are not written; give a name that ends in .csv, which "
            "spreadsheet programs open, or in .parquet."
        )


def _refused(why: str) -> CommandError:
    return CommandError(why, returncode=UNREADABLE)


def _same(one: Path, other: Path) -> bool:
    # Links of a file are the file.
    both_there = one.exists() and other.exists()
    return one.resolve() == other.resolve() or (both_there and one.samefile(other))
