"""One patient at a glance: where they stand, both charts, the story and the treatments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from riskapp.actions.density_over_time import Course
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.models import Assessment, Discussion, Fracture, Patient, Treatment
from riskapp.web.presenters.density_chart import DensityChart, density_chart, shown
from riskapp.web.presenters.guideline import Guideline, guidelines_view
from riskapp.web.presenters.risk_chart import RiskChart, estimated, risk_chart
from riskapp.web.presenters.timeline import SHOWN, Event, timeline
from riskapp.web.presenters.years import Beside, bars, marks, middle, years_of


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

    def without_estimates(self) -> "PatientPage":
        """The same for who works on scans and reads no estimates."""
        events = tuple(one for one in self.events if one.kind != "assessment")
        return replace(self, standing=None, risk=None, events=events)


def patient_page(patient: Patient, courses: Sequence[Course], show: str = "") -> PatientPage:
    """``patient`` as ``actions.finding.whole_patient`` gives it; ``show`` is of ``SHOWN``."""
    show = show if show in SHOWN else ""
    told, drawn = estimated(patient.assessments.all()), shown(courses)
    days = [one.on for one in told] + [point.on for one in drawn for point in one.points]
    fractures = [one for one in patient.fractures.all() if one.stands]
    treatments = tuple(one for one in patient.treatments.all() if one.stands)
    today = timezone.localdate()
    years = years_of([*days, today], [middle(one.happened) for one in fractures])
    beside = Beside(marks(years, fractures), bars(years, treatments, today))
    confirmed = [one for one in timeline(patient, "scans") if one.is_confirmed_scan]
    return PatientPage(
        standing=_standing(patient),
        risk=risk_chart(told, years, beside),
        density=density_chart(drawn, years, beside),
        events=timeline(patient, show),
        switch=tuple(Shown(code, text, code == show) for code, text in SHOWN.items()),
        treatments=treatments,
        struck_fractures=tuple(one for one in patient.fractures.all() if not one.stands),
        struck_treatments=tuple(one for one in patient.treatments.all() if not one.stands),
        can_be_compared=len(confirmed) > 1,
    )


def _standing(patient: Patient) -> Standing | None:
    answered = [one for one in patient.assessments.all() if evidence_of(one)]
    latest = max(answered, key=lambda one: one.created_at, default=None)
    if latest is None:
        return None
    guidelines = guidelines_view(evidence_of(latest) or {})
    return Standing(
        assessment=latest,
        guideline=guidelines.own if guidelines else None,
        corrected=not_this_person(latest),
        discussion=next((one for one in latest.discussions.all() if one.stands), None),
    )
