"""What courses of medicines say of glucocorticoids and of treatment."""

from collections.abc import Sequence
from datetime import date

from riskapp.exchange.fhir.doses import AS_STRONG_AS_5_MG, as_prednisolone
from riskapp.exchange.fhir.gathering import Gathering, Told
from riskapp.exchange.fhir.limits import (
    ACTS_FOR_MONTHS,
    GLUCOCORTICOID_MG,
    GLUCOCORTICOID_MONTHS,
    ONE_COURSE_GAP_DAYS,
)
from riskapp.exchange.fhir.medicines import Course
from riskapp.exchange.fhir.quantities import Unusable, plausible
from riskapp.risk.limits import RANGES, shown

DAYS_PER_MONTH = 365.25 / 12
STEROIDS = ("glucocorticoids", "glucocorticoid_dose_mg_daily", "glucocorticoid_duration_months")
TREATED = ("osteoporosis_treatment", "osteoporosis_treatment_years")


def choose_courses(gathering: Gathering) -> None:
    courses: list[Course] = sorted(gathering.courses, key=lambda one: one.order())
    _choose_glucocorticoids(gathering, [one for one in courses if one.is_glucocorticoid])
    _choose_treatment(gathering, [one for one in courses if one.named("treatment_")])


def _choose_glucocorticoids(gathering: Gathering, courses: Sequence[Course]) -> None:
    """Yes where one is taken now, or where those of the past were enough; never no."""
    if not courses:
        return
    now = [one for one in courses if one.is_now]
    months = _months(courses, gathering.today)
    if now:
        used = now[-1]
    else:
        used = courses[-1]
        dose = _equivalent(used)
        is_short = _longest(courses, gathering.today) <= GLUCOCORTICOID_MONTHS
        if is_short or dose is None or dose < GLUCOCORTICOID_MG:
            for one in courses:
                gathering.pass_over(
                    one.resource,
                    f"{one.said} is not taken now, and over {GLUCOCORTICOID_MONTHS} months at "
                    f"{GLUCOCORTICOID_MG} mg prednisolone daily are not on record",
                    "glucocorticoids",
                )
            return
    for told in gathering.take(*STEROIDS):
        gathering.drop(told, f"{used.resource} is a medicine on record")
    when = used.start
    words = f"{used.said}, {'taken now' if now else 'taken in the past'}"
    gathering.choose(Told("glucocorticoids", True, used.resource, when, used.key, words))
    for one in courses:
        if one is not used:
            gathering.pass_over(
                one.resource, f"{used.resource} tells it already", "glucocorticoids"
            )
    _tell_dose(gathering, used)
    if months is not None:
        _tell_number(
            gathering, used, "glucocorticoid_duration_months", months, "all courses that are dated"
        )


def _equivalent(course: Course) -> float | None:
    agent = course.named("agent_")
    if course.dose is None or course.dose.mg_daily is None or agent not in AS_STRONG_AS_5_MG:
        return None
    return as_prednisolone(agent, course.dose.mg_daily)


def _tell_dose(gathering: Gathering, used: Course) -> None:
    dose = _equivalent(used)
    if dose is None or used.dose is None or used.dose.mg_daily is None:
        why = used.dose.why_not if used.dose and used.dose.why_not else "its substance is not told"
        gathering.pass_over(used.resource, why, "glucocorticoid_dose_mg_daily")
        return
    agent = used.named("agent_")
    words = f"{used.said}: {shown(used.dose.mg_daily)} mg a day"
    words += f" ({used.dose.assumed})" if used.dose.assumed else ""
    if agent not in ("prednisolone", "prednisone"):
        words += (
            f"; {shown(AS_STRONG_AS_5_MG[agent])} mg count as 5 mg prednisolone (BNF, recalled)"
        )
    _tell_number(gathering, used, "glucocorticoid_dose_mg_daily", dose, words)


def _months(courses: Sequence[Course], today: date) -> float | None:
    """Months with a glucocorticoid, overlaps once; None where no course is dated at both ends."""
    spans = _spans(courses, today)
    return _as_months(_days(spans)) if spans else None


def _longest(courses: Sequence[Course], today: date) -> float:
    """Months of the longest time without a long gap: short courses far apart are not one."""
    stretches: list[list[tuple[date, date]]] = []
    reached = date.min
    for start, end in _spans(courses, today):
        if not stretches or (start - reached).days > ONE_COURSE_GAP_DAYS:
            stretches.append([])
        stretches[-1].append((start, end))
        reached = max(reached, end)
    return _as_months(max(map(_days, stretches), default=0))


def _spans(courses: Sequence[Course], today: date) -> list[tuple[date, date]]:
    return sorted(
        (one.start.day.first, min(one.end.day.last, today) if one.end else today)
        for one in courses
        if not one.is_single and one.begins and one.start is not None and (one.end or one.is_now)
    )


def _days(spans: Sequence[tuple[date, date]]) -> int:
    days, reached = 0, date.min
    for start, end in spans:
        if end > reached:
            days += (end - max(start, reached)).days
            reached = end
    return days


def _as_months(days: int) -> float:
    return float(round(days / DAYS_PER_MONTH, 1))


def _choose_treatment(gathering: Gathering, courses: Sequence[Course]) -> None:
    """The drug class taken now, the last begun; what has ended is not told as none."""
    now = []
    for one in courses:
        if one.is_now or _still_acts(one, gathering.today):
            now.append(one)
        else:
            why = f"{one.said} is not taken now, which does not say that nothing else is"
            gathering.pass_over(one.resource, why, "osteoporosis_treatment")
    if not now:
        return
    used = max(now, key=lambda one: (one.start is not None, one.start.order if one.start else ()))
    for told in gathering.take(*TREATED):
        gathering.drop(told, f"{used.resource} is a medicine on record")
    name = used.named("treatment_")
    gathering.choose(
        Told("osteoporosis_treatment", name, used.resource, used.start, used.key, used.said)
    )
    for one in now:
        if one is not used:
            gathering.pass_over(
                one.resource, f"{used.resource} was begun last", "osteoporosis_treatment"
            )
    starts = [
        one.start for one in courses if one.start and one.begins and one.named("treatment_") == name
    ]
    if not starts:
        why = "when it was begun is not told"
        gathering.pass_over(used.resource, why, "osteoporosis_treatment_years")
        return
    first = min(starts, key=lambda when: when.order)
    years = round(first.months_until(gathering.today) / 12, 1)
    _tell_number(gathering, used, "osteoporosis_treatment_years", years, f"since {first}")


def _still_acts(course: Course, today: date) -> bool:
    """Whether a single dose of what is given rarely still works."""
    months = ACTS_FOR_MONTHS.get(course.named("treatment_"))
    if months is None or not course.is_single or course.start is None:
        return False
    return course.start.months_until(today) <= months


def _tell_number(gathering: Gathering, used: Course, field: str, value: float, words: str) -> None:
    try:
        plausible(field, value)
    except Unusable as reason:
        gathering.pass_over(used.resource, str(reason), field)
        return
    unit = RANGES[field].unit
    gathering.choose(
        Told(field, value, used.resource, used.start, used.key, f"{words} ({shown(value)} {unit})")
    )
