"""Who is to be looked at again, and when: the rules behind the recall list."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from riskapp.actions.gathering import Record
from riskapp.actions.waiting import Kind, Waiting
from riskapp.models import Discussion, Fracture, Treatment, Wait
from riskapp.risk.recall_rules import EARLY, RecallRule, recall_rules, rule_for

Recall, Decided, WhyEnded = Wait.Recall, Discussion.Decided, Treatment.WhyEnded
# What is decided so leaves nothing to be done here, until something new happens.
SETTLING = (Decided.NO_TREATMENT_NOW, Decided.REFER)
# Reviews stand on the worklist four weeks ahead, as invitations take time (assumption).
SOON = timedelta(weeks=4)
LOW_LEVEL = 0
PRIOR = "prior_fragility_fracture"


def follow_ups_of(record: Record) -> Iterator[Waiting]:
    """Fractures without treatment, and scans, assessments and reviews that fall due."""
    yield from _fractures(record)
    yield from _agreed(record)
    yield from _scans(record)
    yield from _assessments(record)
    for treatment in record.treatments:
        yield from (
            _current(record, treatment) if treatment.is_current else _ended(record, treatment)
        )


def _fractures(record: Record) -> Iterator[Waiting]:
    """The latest fragility fracture, until a treatment or a decision settles it."""
    fracture = _latest(record)
    if fracture is None:
        return
    followed = [one for one in record.treatments if _reaches(one, fracture)]
    if not all(_was_cut_short(one) for one in followed):
        return
    rule = recall_rules()["fracture_treatment"]
    detail = {"site": fracture.site, "happened": str(fracture.happened)}
    reason, listed = "cut_short" if followed else "untreated", None
    due, said = rule.due_on(fracture.happened.first), record.decision
    if said is not None and _knew_of(said, fracture, followed):
        if said.decided in SETTLING and said.review_on is None:
            return
        reason = "not_started" if said.decided == Decided.START_TREATMENT else reason
        listed, due = said.review_on, _unless_agreed(record, due)
    if fracture.is_fragility is None:
        detail["fragility"] = "not known"
    yield Waiting(
        kind=Kind.FRACTURE,
        reason=reason,
        since=_start_of(fracture.happened.first),
        listed_from=listed,
        due_on=due,
        recall=Recall.FRACTURE,
        rule=rule.code,
        detail=detail,
    )


def _latest(record: Record) -> Fracture | None:
    """Not known whether it was low-trauma is not no; what broke in childhood asks for nothing."""
    return next(
        (one for one in record.fractures if one.is_fragility is not False and one.is_in_adult_life),
        None,
    )


def _reaches(treatment: Treatment, fracture: Fracture) -> bool:
    ended = treatment.ended
    return ended is None or ended.last > fracture.happened.first


def _was_cut_short(treatment: Treatment) -> bool:
    """Whether it was stopped early, and neither as planned nor for another."""
    ended, rule = treatment.ended, rule_for("treatment_review", treatment.agent)
    if ended is None or treatment.why_ended in (WhyEnded.AS_PLANNED, WhyEnded.SWITCHED):
        return False
    return rule is None or ended.last < rule.due_on(treatment.started_on)


def _knew_of(said: Discussion, fracture: Fracture, followed: Iterable[Treatment]) -> bool:
    """Whether the fracture was in the record, and what followed it at its end, when it was said."""
    ends = [one.ended.first for one in followed if one.ended is not None]
    return said.at >= fracture.recorded_at and timezone.localdate(said.at) >= max(
        ends, default=date.min
    )


def _agreed(record: Record) -> Iterator[Waiting]:
    said = record.decision
    if said is not None and said.review_on is not None:
        rule = recall_rules()["review_agreed"]
        # Agreed for that day: it waits from then on, and not from when it was agreed.
        yield _due(rule, said.review_on, Recall.ASSESSMENT, "review_agreed", decided=said.decided)


def _scans(record: Record) -> Iterator[Waiting]:
    own, made, fracture = record.own_guideline, record.assessment, _latest(record)
    if made is not None and own is not None and own["asks_for"]:
        rule = recall_rules()["scan_wanted"]
        asked = timezone.localdate(made.created_at)
        if not any(day > asked for day in record.density_days):
            yield _due(
                rule, _unless_agreed(record, asked), Recall.SCAN, "scan_wanted", name=own["name"]
            )
    if fracture is not None:
        rule, day = recall_rules()["fracture_scan"], fracture.happened.first
        if not any(done >= day for done in record.density_days):
            yield _due(rule, rule.due_on(day), Recall.SCAN, "fracture_scan", site=fracture.site)


def _assessments(record: Record) -> Iterator[Waiting]:
    made, own, fracture = record.assessment, record.own_guideline, _latest(record)
    if made is None:
        return
    if fracture is not None and record.is_news(fracture.recorded_at):
        rule, happened = recall_rules()["fracture_assessment"], fracture.happened
        made_on = timezone.localdate(made.created_at)
        # It was still new when the assessment was made, which did not hear of it.
        is_missed = not made.profile.get(PRIOR) and rule.due_on(happened.last) >= made_on
        if happened.last >= made_on or is_missed:
            due = rule.due_on(happened.first)
            yield _due(rule, due, Recall.ASSESSMENT, "new_fracture", site=fracture.site)
    said = record.discussion
    is_low = own is not None and own["at_least"] is not None and own["level"] == LOW_LEVEL
    if is_low and said is not None and said.review_on is None and not record.is_treated:
        rule = recall_rules()["assessment_again"]
        due = rule.due_on(timezone.localdate(made.created_at))
        yield _due(rule, due, Recall.ASSESSMENT, "low_risk_again")


def _current(record: Record, treatment: Treatment) -> Iterator[Waiting]:
    """The review of a course, and the scan that shows what it does."""
    rule = rule_for("treatment_review", treatment.agent)
    if rule is not None and not _said_since(record, rule.due_on(treatment.started_on) - EARLY):
        due = _unless_agreed(record, rule.due_on(treatment.started_on))
        yield _due(rule, due, Recall.TREATMENT, "treatment_review", agent=treatment.agent)
    rule = recall_rules()["scan_on_treatment"]
    due = rule.due_on(treatment.started_on)
    if not any(day >= due - EARLY for day in record.density_days):
        yield _due(rule, due, Recall.SCAN, "scan_on_treatment", agent=treatment.agent)


def _ended(record: Record, treatment: Treatment) -> Iterator[Waiting]:
    """What a course that ended asks for, unless another one followed."""
    rule = rule_for("assessment_after_stopping", treatment.agent)
    is_last = treatment == record.treatments[0]
    if rule is None or treatment.ended_on is None or record.is_treated or not is_last:
        return
    due = rule.due_on(treatment.ended_on)
    if not rule.months:  # at once: it is about treatment, and not about the estimate
        yield _due(rule, due, Recall.TREATMENT, "stopped_at_once", agent=treatment.agent)
    elif not _assessed_since(record, due - EARLY):
        yield _due(rule, due, Recall.ASSESSMENT, "stopped", agent=treatment.agent)


def _said_since(record: Record, day: date) -> bool:
    return record.decision is not None and timezone.localdate(record.decision.at) >= day


def _assessed_since(record: Record, day: date) -> bool:
    made = record.assessment
    return made is not None and timezone.localdate(made.created_at) >= day


def _unless_agreed(record: Record, due: date) -> date:
    """A later day that was agreed with the patient goes before a rule's."""
    said = record.decision
    return max(due, said.review_on) if said is not None and said.review_on else due


def _due(rule: RecallRule, due: date, recall: Recall, reason: str, **detail: str) -> Waiting:
    return Waiting(
        kind=Kind.FOLLOW_UP,
        reason=reason,
        since=_start_of(due),
        listed_from=due - SOON,
        due_on=due,
        recall=recall,
        rule=rule.code,
        detail=detail,
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())
