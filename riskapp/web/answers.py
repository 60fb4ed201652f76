"""Between the assessment form and the actions: what was sent, and what is filled in for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.utils import timezone

from imaging.wording import MINUS
from riskapp.actions.choosing import chosen_for, looked_at
from riskapp.actions.completing_answers import TYPED, Heard, heard_of, with_known
from riskapp.actions.describing import populations
from riskapp.actions.importing_record import imported_answers
from riskapp.actions.recorded_answers import recorded_answers, told_since
from riskapp.actions.remembering import Preferences
from riskapp.actions.serving import site_columns
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.numbers import quantity_without_unit
from riskapp.exchange.scan_choice import NONE, Choice
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import Assessment, Patient, Scan
from riskapp.risk import evidence_sets
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.guidelines import usual_for
from riskapp.risk.site_columns import SiteColumn
from riskapp.web import measures
from riskapp.web.presenters import origins
from riskapp.web.presenters.evidence import USUAL, is_evidence_set
from riskapp.web.presenters.fields import ASKED, ChoiceGroup
from riskapp.web.presenters.guideline import is_held
from riskapp.web.presenters.population_choices import population_choices
from riskapp.web.presenters.site_fields import OF_SITE


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Answers that nobody has to type, where each comes from, and the scans they rest on.

    ``choice`` and ``told`` hold what scans measured and other systems told in full; ``answers``
    shows it rounded.
    """

    answers: Mapping[str, str]
    origins: Mapping[str, str]
    choice: Choice
    recorded: frozenset[str] = frozenset()  # fields that the record and other systems fill
    told: Mapping[str, object] = field(default_factory=dict)
    scans: tuple[Scan, ...] = ()
    site: tuple[SiteColumn, ...] = ()  # what the clinic's own models ask beyond our fields
    wanted: Mapping[str, str] = field(default_factory=dict)  # measurement by slot
    evidence_set: str = ""  # of the assessment that they are taken over from
    heard: Heard | None = None  # what they were filled from
    reader: Preferences | None = None  # what the reader chose before

    def unrounded(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What was sent, with a measured or told value in full where it came back as shown.

        By the names of the record: a site's own column is called there as the site calls it.
        """
        measured = {name: value for name, value in self.choice.fields.items() if value != ""}
        full = {**self.told, **measured}
        return {
            name.removeprefix(OF_SITE): str(full[name])
            if name in full and text == self.answers.get(name)
            else text
            for name, text in sent.items()
        }

    def wishes(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What each slot is to take: a value that was cleared is not known again."""
        cleared = {
            pick.slot: NONE
            for pick in self.choice.picks
            if pick.candidate and not any(sent.get(name) for name in SLOTS[pick.slot].fields)
        }
        return {**self.wanted, **cleared}

    def left_blank(self, sent: Mapping[str, str]) -> set[str]:
        """What the record's events filled in and somebody set to not known."""
        return {name for name in self.recorded if sent.get(name) == ""}

    def kept(self, sent: Mapping[str, str]) -> list[Scan]:
        """Scans that the answers still rest on."""
        cleared = self.wishes(sent)
        used = {
            pick.candidate.source.scan
            for pick in self.choice.picks
            if pick.candidate and cleared.get(pick.slot) != NONE
        }
        return [scan for scan in self.scans if str(scan.id) in used]


def population_names(sex: str | None = None) -> dict[str, str]:
    """Names of the populations that can be chosen; for one sex, where it is answered for."""
    found = evidence_sets.choosable()
    return {one.code: one.name for one in found if sex is None or sex in one.sexes}


def choices_of_population(sent: Mapping[str, str], sex: str) -> tuple[ChoiceGroup, ...]:
    return population_choices(populations(), sex, sent.get("population", ""))


def sent_answers(
    sent: Mapping[str, str], patient: Patient, site: Iterable[SiteColumn]
) -> dict[str, str]:
    """The form's fields in the contract's units; sex is the record's and cannot be sent."""
    names = (*ASKED, *(OF_SITE + column.name for column in site))
    given = {name: sent[name].strip() for name in names if name in sent}
    in_contract = {name: one.answer for name, one in measures.sent(sent, {}).items()}
    return given | in_contract | {"sex": patient.sex}


def on_the_form(problems: Mapping[str, str], site: Iterable[SiteColumn]) -> dict[str, str]:
    """Sentences by the form's names, in which a site's own columns stand apart."""
    own = {column.name for column in site}
    return {OF_SITE + name if name in own else name: told for name, told in problems.items()}


def prefilled(
    patient: Patient,
    population: str,
    earlier: Assessment | None = None,
    wanted: Mapping[str, str] | None = None,
) -> Prefilled:
    """Age, what confirmed scans measured and what the record holds of fractures and treatments.

    The population only if it was chosen before.

    What was typed for an ``earlier`` assessment is taken over; its age and scans are not, because
    they may have changed since. ``wanted`` names the measurement that a slot is to take.

    Raises
    ------
    Refused
        If a measurement that is wanted cannot be used.
    """
    today = timezone.localdate()
    answers = {"age_years": str(patient.age_years_on(today)), "sex": patient.sex}
    from_where = {"age_years": origins.BIRTH_DATE}
    if population in population_names(patient.sex):
        answers["population"] = population
        from_where["population"] = origins.LAST_CHOICE
    if earlier is not None:
        old = told_since(patient, earlier.created_at) | _imported_since(patient, earlier)
        typed = [
            name for name in ASKED if earlier.provenance.get(name) == TYPED and name not in old
        ]
        answers |= {name: _as_sent(earlier.profile[name]) for name in typed} | answers
        from_where |= dict.fromkeys(typed, origins.from_assessment(earlier)) | from_where
        answers["population"] = earlier.profile["population"]
        from_where["population"] = origins.from_assessment(earlier)
        own = {OF_SITE + one["name"]: _as_sent(one["value"]) for one in earlier.site_values}
        answers |= own
        from_where |= dict.fromkeys(own, origins.from_assessment(earlier))
    scans = looked_at(patient)
    heard = heard_of(patient, scans)
    recorded = recorded_answers(patient=patient, given=answers, offered=heard.recorded)
    for name, value in recorded.answers.items():
        if name not in answers:
            answers[name] = _as_sent(value)
            from_where[name] = origins.from_event(recorded.events[name])
    maker = answers.get("dxa_manufacturer", "")
    choice = chosen_for(patient, heard.sources, wanted, answers, maker)
    for name, value in choice.fields.items():
        source = choice.source_of(name)
        if name not in answers and source is not None:
            answers[name] = _as_written(name, value)
            from_where[name] = origins.from_source(source)
    told = imported_answers(patient=patient, given=answers, standing=heard.imported)
    for name, value in told.answers.items():
        answers[name] = _as_written(name, value) if isinstance(value, float) else _as_sent(value)
        from_where[name] = origins.from_import(told.records[name], name)
    evidence_set = earlier.evidence_set if earlier else ""
    site = site_columns(patient.organisation_id)
    return Prefilled(
        answers=answers,
        origins=from_where,
        choice=choice,
        recorded=frozenset({*recorded.answers, *told.answers}),
        told={name: value for name, value in told.answers.items() if isinstance(value, float)},
        scans=scans,
        site=site,
        wanted=dict(wanted or {}),
        evidence_set=evidence_set,
        heard=heard,
    )


def _imported_since(patient: Patient, earlier: Assessment) -> frozenset[str]:
    """Fields about which another system has told something since."""
    told = imported_answers(patient=patient, given={}).records
    return frozenset(
        name for name, record in told.items() if record.received_at > earlier.created_at
    )


def _as_written(name: str, value: float | str) -> str:
    """A measurement as every page writes it, with the minus sign of a keyboard."""
    if isinstance(value, str):
        return value
    return quantity_without_unit(value, FIELDS[name].unit).replace(MINUS, "-")


def _as_sent(value: object) -> str:
    """A stored value as the form would have sent it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def applied_wishes(sent: Mapping[str, str]) -> dict[str, str]:
    """The measurements that the form was made with; blank for the newest suitable ones."""
    return {slot: wish for slot in SLOTS if (wish := sent.get(f"was-{slot}", ""))}


def new_wishes(sent: Mapping[str, str]) -> dict[str, str]:
    """The measurements that are picked on the form now."""
    return {slot: wish for slot in SLOTS if (wish := sent.get(f"use-{slot}", ""))}


def rechosen(sent: Mapping[str, str], before: Prefilled, after: Prefilled) -> dict[str, str]:
    """What was sent, with what scans had filled in replaced by what they fill in now."""
    typed = {
        name: text
        for name, text in sent.items()
        if name not in before.choice.fields or text != before.answers.get(name)
    }
    measured = {name: after.answers[name] for name in after.choice.fields if name in after.answers}
    return measured | {name: text for name, text in typed.items() if text or name not in measured}


def completed(patient: Patient, sent: Mapping[str, str], filled: Prefilled) -> dict[str, object]:
    """What the form holds, completed as saving would complete it."""
    return with_known(
        patient=patient,
        answers=filled.unrounded(sent),
        scans=filled.scans,
        measurements=filled.wishes(sent),
        left_blank=filled.left_blank(sent),
        heard=filled.heard,
    ).answers


def options(sent: Mapping[str, str], reader: Preferences) -> EstimateOptions:
    """How to answer; where no guideline was chosen, by the usual one of the population."""
    return EstimateOptions(
        evidence_set=reader.evidence_set,
        guideline=reader.guideline or usual_for(sent.get("population", "")),
    )


def chosen(sent: Mapping[str, str], remembered: Preferences, filled: Prefilled) -> Preferences:
    """What the form sent, else what an earlier assessment had, else what is remembered."""
    guideline = sent.get("guideline", remembered.guideline)
    evidence_set = sent.get("evidence_set", filled.evidence_set or remembered.evidence_set)
    return replace(
        remembered,
        guideline=guideline if is_held(guideline) else "",
        evidence_set=evidence_set if is_evidence_set(evidence_set) else USUAL,
        units=measures.wanted_units(sent, remembered.units),
    )
