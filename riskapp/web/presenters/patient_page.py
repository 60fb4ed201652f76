"""One patient at a glance: where they stand, both charts, the story and the treatments.

Of a long record the story is told page by page and the latest days are drawn: to open and draw
hundreds of assessments takes long, and nobody tells so many marks apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils import timezone

from riskapp.actions.density_over_time import Course
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.models import Assessment, Discussion, Fracture, Patient, Treatment
from riskapp.web.presenters.density_chart import DensityChart, density_chart, shown
from riskapp.web.presenters.guideline import Guideline, guidelines_view
from riskapp.web.presenters.lists import link
from riskapp.web.presenters.risk_chart import Estimated, RiskChart, by_day, estimated, risk_chart
from riskapp.web.presenters.timeline import SHOWN, Event, opened, timeline
from riskapp.web.presenters.years import Beside, bars, marks, middle, years_of

PER_PAGE, MOST_DRAWN = 40, 40
STORY = "#events-heading"
Read = Callable[[Iterable[UUID]], Mapping[UUID, Assessment]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest answer: the reader's own guideline, and whether it was talked over."""

    assessment: Assessment
    guideline: Guideline | None
    corrected: str  # what the record says otherwise since; blank where nothing
    discussion: Discussion | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One choice of the switch above the story."""

    code: str
    text: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class PatientPage:
    """What the page shows below its heading."""

    standing: Standing | None
    risk: RiskChart | None
    density: DensityChart | None
    events: tuple[Event, ...]
    story: "Page[Event]"  # those events among all of them
    earlier: str
    later: str
    switch: tuple[Shown, ...]
    treatments: tuple[Treatment, ...]
    struck_fractures: tuple[Fracture, ...]
    struck_treatments: tuple[Treatment, ...]
    can_be_compared: bool

    @property
    def is_on_treatment(self) -> bool:
        return any(one.is_current for one in self.treatments)

    @property
    def has_charts(self) -> bool:
        return self.risk is not None or self.density is not None

    @property
    def struck_out(self) -> int:
        return len(self.struck_fractures) + len(self.struck_treatments)


def patient_page(
    patient: Patient,
    courses: Sequence[Course],
    read: Read | None,
    asked: Mapping[str, str],
) -> PatientPage:
    """What is known of one patient.

    Parameters
    ----------
    patient : Patient
        As ``actions.finding.whole_patient`` gives it.
    read : callable
        What gives some assessments whole by their ids; None for who reads no estimates.
    asked : mapping
        ``show``, a key of ``SHOWN``, and the number of a ``page`` of the story.
    """
    show = asked.get("show", "") if asked.get("show") in SHOWN else ""
    made = patient.assessments.all() if read else ()
    days, story = by_day(made), timeline(patient, made, show)
    page = Paginator(story, PER_PAGE).get_page(asked.get("page"))
    drawn_days = [one.pk for one in days.values()][-MOST_DRAWN:]
    on_page = [one.about.pk for one in page if isinstance(one.about, Assessment)]
    whole = read({*drawn_days, *on_page}) if read else {}
    told, drawn = estimated(whole[id] for id in drawn_days if id in whole), shown(courses)
    on = [one.on for one in told] + [point.on for one in drawn for point in one.points]
    fractures = [one for one in patient.fractures.all() if one.stands]
    treatments = tuple(one for one in patient.treatments.all() if one.stands)
    today = timezone.localdate()
    years = years_of([*on, today], [middle(one.happened) for one in fractures])
    beside = Beside(marks(years, fractures), bars(years, treatments, today))
    confirmed = [one for one in timeline(patient, show="scans") if one.is_confirmed_scan]
    return PatientPage(
        standing=_standing(told),
        risk=risk_chart(told, years, beside, len(days) - len(drawn_days)),
        density=density_chart(drawn, years, beside),
        events=opened(page, whole),
        story=page,
        earlier=link({"show": show}, page=str(page.number - 1)) + STORY,
        later=link({"show": show}, page=str(page.number + 1)) + STORY,
        switch=tuple(Shown(code, text, code == show) for code, text in SHOWN.items()),
        treatments=treatments,
        struck_fractures=tuple(one for one in patient.fractures.all() if not one.stands),
        struck_treatments=tuple(one for one in patient.treatments.all() if not one.stands),
        can_be_compared=len(confirmed) > 1,
    )


def _standing(told: Sequence[Estimated]) -> Standing | None:
    if not told:
        return None
    latest = told[-1].assessment
    guidelines = guidelines_view(evidence_of(latest) or {})
    return Standing(
        assessment=latest,
        guideline=guidelines.own if guidelines else None,
        corrected=not_this_person(latest),
        discussion=next((one for one in latest.discussions.all() if one.stands), None),
    )
