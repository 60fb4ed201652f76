"""Days on which no scan of a person can have been made."""

from datetime import UTC, date, datetime, timedelta

from imaging.result import Acquired, Finding, Severity

# A scanner on the other side of the date line writes tomorrow's date.
TIME_ZONES = timedelta(days=1)


def is_to_come(on: date, today: date) -> bool:
    """Whether a scan would have been made in the future, wherever on earth."""
    return on > today + TIME_ZONES


def day_findings(
    acquired: Acquired | None, *, today: date | None = None, born: date | None = None
) -> tuple[Finding, ...]:
    """Warn of a scan whose date lies in the future or before the person was born.

    Parameters
    ----------
    today : date, optional
        That of the clock unless given.
    born : date, optional
        Of the patient's record; nothing of it is told.
    """
    if acquired is None or acquired.on is None:
        return ()
    on = date.fromisoformat(acquired.on)
    if is_to_come(on, today or datetime.now(UTC).date()):
        return (_finding("date_in_the_future", "lies in the future"),)
    if born is not None and on < born:
        return (_finding("date_before_birth", "lies before the patient’s date of birth"),)
    return ()


def _finding(code: str, where: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        advice=f"The date of the scan {where}: it is not used by itself nor compared over time "
        "until the scanner’s clock and whose scan it is have been checked.",
    )
