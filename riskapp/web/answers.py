"""Between the assessment form and the actions: what was sent, and what is filled in for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from riskapp.actions.assessing import TYPED, score_for, with_known
from riskapp.actions.choosing import chosen_for
from riskapp.actions.comparing import other_evidence
from riskapp.actions.describing import populations
from riskapp.actions.errors import Refused
from riskapp.actions.scoring import Scored
from riskapp.actions.serving import site_columns
from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.reading import REQUIRED
from riskapp.exchange.scan_choice import NONE, Choice
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import Assessment, Patient, Scan
from riskapp.risk.errors import InvalidProfile, OutsideModelRange, UnknownModel
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.guidelines import usual_for
from riskapp.risk.modifier_words import remarks_by_field
from riskapp.risk.site_columns import SiteColumn
from riskapp.web.presenters import origins
from riskapp.web.presenters.answer import Answer, answer
from riskapp.web.presenters.evidence import USUAL, is_evidence_set
from riskapp.web.presenters.fields import ASKED, ChoiceGroup, label_of
from riskapp.web.presenters.guideline import is_held
from riskapp.web.presenters.population_choices import population_choices
from riskapp.web.presenters.site_fields import OF_SITE


@dataclass(frozen=True, slots=True)
class Reader:
    """What the reader chose for themselves, whoever the person: names of form and session.

    A blank ``guideline`` is the usual one of the population.
    """

    guideline: str
    evidence_set: str


@dataclass(frozen=True, slots=True)
class Prefilled:
    """Answers that nobody has to type, where each comes from, and the scans they rest on.

    ``choice`` holds what scans measured in full; ``answers`` shows it rounded.
    """

    answers: Mapping[str, str]
    origins: Mapping[str, str]
    choice: Choice
    scans: tuple[Scan, ...] = ()
    site: tuple[SiteColumn, ...] = ()  # what the clinic's own models ask beyond our fields
    wanted: Mapping[str, str] = field(default_factory=dict)  # measurement by slot
    evidence_set: str = ""  # of the assessment that they are taken over from

    def unrounded(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What was sent, with a measured value in full where it came back as it was shown.

        By the names of the record: a site's own column is called there as the site calls it.
        """
        full = {name: value for name, value in self.choice.fields.items() if value != ""}
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

    def kept(self, sent: Mapping[str, str]) -> list[Scan]:
        """Scans that the answers still rest on."""
        cleared = self.wishes(sent)
        used = {
            pick.candidate.source.scan
            for pick in self.choice.picks
            if pick.candidate and cleared.get(pick.slot) != NONE
        }
        return [scan for scan in self.scans if str(scan.id) in used]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either an answer, or what must be mended first; never both."""

    answer: Answer | None = None
    needed: Mapping[str, str] = field(default_factory=dict)  # label by field, still blank
    problems: Mapping[str, str] = field(default_factory=dict)  # sentence by field
    sentence: str = ""


def population_names(sex: str | None = None) -> dict[str, str]:
    """Names of the populations that can be chosen; for one sex, where it is answered for."""
    return {one.code: one.name for one in populations() if sex is None or sex in one.sexes}


def choices_of_population(sent: Mapping[str, str], sex: str) -> tuple[ChoiceGroup, ...]:
    return population_choices(populations(), sex, sent.get("population", ""))


def sent_answers(
    sent: Mapping[str, str], patient: Patient, site: Iterable[SiteColumn]
) -> dict[str, str]:
    """The form's fields; sex is the record's and cannot be sent."""
    names = (*ASKED, *(OF_SITE + column.name for column in site))
    return {name: sent[name].strip() for name in names if name in sent} | {"sex": patient.sex}


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
    """Age and what confirmed scans measured; the population only if it was chosen before.

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
        typed = [name for name in ASKED if earlier.provenance.get(name) == TYPED]
        answers |= {name: _as_sent(earlier.profile[name]) for name in typed} | answers
        from_where |= dict.fromkeys(typed, origins.from_assessment(earlier)) | from_where
        answers["population"] = earlier.profile["population"]
        from_where["population"] = origins.from_assessment(earlier)
        own = {OF_SITE + one["name"]: _as_sent(one["value"]) for one in earlier.site_values}
        answers |= own
        from_where |= dict.fromkeys(own, origins.from_assessment(earlier))
    scans = tuple(scan for scan in patient.scans.all() if not scan.is_pending)
    maker = answers.get("dxa_manufacturer", "")
    choice = chosen_for(patient, scans, wanted, answers, maker)
    for name, value in choice.fields.items():
        source = choice.source_of(name)
        if name not in answers and source is not None:
            answers[name] = f"{value:.4g}" if isinstance(value, float) else value
            from_where[name] = origins.from_source(source)
    evidence_set = earlier.evidence_set if earlier else ""
    site = site_columns(patient.organisation_id)
    return Prefilled(answers, from_where, choice, scans, site, dict(wanted or {}), evidence_set)


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
    ).answers


def options(sent: Mapping[str, str], reader: Reader) -> EstimateOptions:
    """How to answer; where no guideline was chosen, by the usual one of the population."""
    return EstimateOptions(
        evidence_set=reader.evidence_set,
        guideline=reader.guideline or usual_for(sent.get("population", "")),
    )


def chosen(sent: Mapping[str, str], remembered: Mapping[str, str], filled: Prefilled) -> Reader:
    """What the form sent, else what an earlier assessment had, else what is remembered."""
    guideline = sent.get("guideline", remembered.get("guideline", ""))
    before = filled.evidence_set or remembered.get("evidence_set", "")
    evidence_set = sent.get("evidence_set", before)
    return Reader(
        guideline=guideline if is_held(guideline) else "",
        evidence_set=evidence_set if is_evidence_set(evidence_set) else USUAL,
    )


def asked_for(
    patient: Patient, sent: Mapping[str, str], filled: Prefilled, reader: Reader
) -> Outcome:
    """Score what the form holds; nothing is stored."""
    try:
        complete = completed(patient, sent, filled)
        asked = options(sent, reader)
        scored = score_for(patient=patient, complete=complete, options=asked)
    except Refused as refusal:
        return Outcome(problems=on_the_form(refusal.by_field, filled.site))
    except InvalidProfile as invalid:
        # A blank that another answer makes necessary has a sentence that says so: a problem.
        blank = {name for name in REQUIRED if not sent.get(name)}
        return Outcome(
            needed={name: label_of(name) for name in invalid.by_field if name in blank},
            problems=on_the_form(
                {name: told for name, told in invalid.by_field.items() if name not in blank},
                filled.site,
            ),
        )
    except (OutsideModelRange, UnknownModel) as outside:
        return Outcome(sentence=str(outside))
    return Outcome(answer=_shaped(scored, asked))


def _shaped(scored: Scored, asked: EstimateOptions) -> Answer:
    estimate: dict[str, Any] = estimate_json(scored.estimates[0])
    profile, others = profile_json(scored.profile), other_evidence(scored.profile, asked)
    return answer(
        estimate,
        profile,
        population_names(),
        scored.warnings,
        others,
        remarks_by_field(scored.profile, asked.evidence_set),
    )
