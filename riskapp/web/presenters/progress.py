"""How far measuring is, as the page of a scan that is waited for shows it."""

from dataclasses import dataclass
from datetime import datetime

from imaging.stages import Stage
from riskapp.actions.queueing import Progress

# What nearly every scan goes through; the others show once they begin.
USUAL = (Stage.TAKING_APART, Stage.READING, Stage.FINDING_BONE, Stage.MEASURING, Stage.CHECKING,
         Stage.DRAWING)  # fmt: skip
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage
    state: str  # done, now or later


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Steps in order, how many scans come first, and how long it has been so far."""

    steps: tuple[Step, ...]
    now: Stage | None
    ahead: int
    is_second_try: bool
    minutes: int
    seconds: int


def progress_view(progress: Progress, at: datetime) -> ProgressView:
    """Shape it; ``at`` is the time that it is told."""
    begun = progress.stages
    now = begun[-1] if begun else None
    later = USUAL if now is None else USUAL[_place(now) :]
    done = [Step(stage, "done") for stage in begun[:-1]]
    current = [Step(now, "now")] if now else []
    minutes, seconds = divmod(
        max(0, int((at - progress.asked_at).total_seconds())), SECONDS_PER_MINUTE
    )
    return ProgressView(
        steps=(*done, *current, *(Step(stage, "later") for stage in later if stage not in begun)),
        now=now,
        ahead=progress.ahead,
        is_second_try=progress.is_second_try,
        minutes=minutes,
        seconds=seconds,
    )


def _place(now: Stage) -> int:
    """Where in the usual order what comes after a stage begins."""
    order = list(Stage)
    return sum(order.index(stage) <= order.index(now) for stage in USUAL)
