"""What is wrong in a few rows is a slip; what is wrong in many is the file, and how to mend it."""

from collections.abc import Mapping

from riskapp.cohorts.columns import Flags
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.limits import (
    FEW_IMPOSSIBLE_ROWS,
    MOST_IMPOSSIBLE_ROWS,
    MOST_UNREADABLE_ROWS,
)
from riskapp.risk.profile import FACTORS

# By the field, what a site can do about it.
_OF_FIELDS = {
    "sex": 'say in the JSON under values what its codes mean, as "values": {"sex": {"F": "female", '
    '"M": "male"}}',
    "population": "manage.py populations lists the codes; say under values which of them is meant, "
    'under constants (or --population) if it is one for all, as "constants": {"population": "gb"}, '
    "or leave the people of other countries out",
    "dxa_manufacturer": "a density needs the scanner’s maker (hologic, ge_lunar or norland): say "
    'it under constants, as "constants": {"dxa_manufacturer": "hologic"}, or under values',
}
_CODES = (
    'say in the JSON under values what its codes mean, as "values": {{"{name}": {{"9": null}}}} '
    "where 9 stands for not known"
)
_YES_NO = (
    'say in the JSON under values what its codes mean, as "values": {{"{name}": {{"Checked": true, '
    '"Unchecked": false}}}}'
)
_TIMES = (
    "say the unit of the times in the JSON under outcomes (mo or d), or correct the column "
    "age_years"
)


def refuse_misfits(misfits: int, lines: int) -> None:
    """Refuse a table of which many lines do not fit the header."""
    if misfits > max(FEW_IMPOSSIBLE_ROWS, MOST_IMPOSSIBLE_ROWS * lines):
        raise UnusableCohort(
            f"{misfits} of {lines} lines do not fit the header, which is the first line; that is "
            "too many for slips, so correct the file."
        )


def refuse_impossible(rows: Flags, reason: str) -> None:
    """Refuse a table of which many rows cannot be as they are written."""
    count, n = int(rows.sum()), len(rows)
    if count > max(FEW_IMPOSSIBLE_ROWS, MOST_IMPOSSIBLE_ROWS * n):
        raise UnusableCohort(
            f"{count} of {n} rows are impossible ({reason}); that is too many for slips, so "
            f"{_how_to_mend_impossible(reason)}."
        )


def refuse_unreadable(left_out: Mapping[str, Flags], fields: Mapping[str, str]) -> None:
    """Refuse a table that loses many people to one field that is not understood.

    Parameters
    ----------
    left_out : mapping of reason to ndarray of bool, shape (n,)
    fields : mapping of reason to str
        The field that each is about.

    Raises
    ------
    UnusableCohort
        With how to mend it. Ages outside those covered, and an age or sex that is not given, are
        no fault of the file, unless it is everybody's.
    """
    for reason, rows in left_out.items():
        count, n = int(rows.sum()), len(rows)
        most = n - 1 if _may_be_so(fields[reason], reason) else MOST_UNREADABLE_ROWS * n
        if count > max(min(FEW_IMPOSSIBLE_ROWS, n - 1), most):
            raise UnusableCohort(
                f"{count} of {n} rows cannot be used ({reason}); that is too many for slips: "
                f"{_how_to_mend(fields[reason], reason)}."
            )


def _may_be_so(name: str, reason: str) -> bool:
    """Whether many people may well lack this, or lie outside it."""
    return name in ("age_years", "sex") and reason.endswith(("not given", "years"))


def _how_to_mend(name: str, reason: str) -> str:
    if reason.endswith("not given") and name in ("age_years", "sex"):
        return f"the column is {name}; if it has another name, say so in the JSON under rename"
    if "contradicts" in reason:
        return "correct the file, or leave out what is worked out from other columns"
    example = _YES_NO if name in (*FACTORS, "postmenopausal") else _CODES
    return _OF_FIELDS.get(name, example.format(name=name))


def _how_to_mend_impossible(reason: str) -> str:
    name, _, why = reason.partition(": ")
    if reason.startswith("followed beyond"):
        return _TIMES
    if why == "no number" or why.startswith("outside"):
        return f"correct the file, or {_CODES.format(name=name)}"
    return "correct the file"
