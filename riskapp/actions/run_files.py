"""What a run left in its folder: its log and the laboratory's report."""

from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import User

from imaging.limits import LIMITS
from riskapp.actions.errors import NotFound
from riskapp.actions.following import tail
from riskapp.actions.laboratory_finding import run as find_run
from riskapp.actions.running import LOG, OUTPUT, REPORT, folder_of
from riskapp.models import LaboratoryRun


def log_of(run: LaboratoryRun) -> str:
    """The last lines that a command wrote; of a check, whose answer is data, what went wrong."""
    shown = [LOG] if run.kind == LaboratoryRun.Kind.CHECK else [OUTPUT, LOG]
    texts = (tail(folder_of(run) / name, LIMITS.log_shown_bytes) for name in shown)
    return "\n".join(text.strip() for text in texts if text.strip())


def has_report(run: LaboratoryRun) -> bool:
    return not run.is_pending and (folder_of(run) / REPORT).is_file()


def report_path(*, by: User, run_id: UUID | str) -> Path:
    """Where the report of a run that has ended lies, for a door to send.

    Raises
    ------
    NotFound
        If there is no such run in the user's organisation, or it left no report.
    """
    run = find_run(by=by, id=run_id)
    if not has_report(run):
        raise NotFound("This run left no report.")
    return folder_of(run) / REPORT
