"""What the page has to say about what the form holds: an answer, or what must be mended."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from riskapp.actions.assessing import score_for
from riskapp.actions.comparing import other_evidence
from riskapp.actions.deciding import either_way, spine_image
from riskapp.actions.errors import Refused
from riskapp.actions.remembering import Preferences
from riskapp.actions.scoring import Scored
from riskapp.actions.supposing import Person, without_risk_factors
from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.guideline_wording import either_way_wording, spine_image_wording
from riskapp.exchange.reading import REQUIRED, readable
from riskapp.models import Patient
from riskapp.risk.errors import InvalidProfile, OutsideModelRange, UnknownModel
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.modifier_words import remarks_by_field
from riskapp.risk.spine_image import SOURCE
from riskapp.risk.unusual import unusual
from riskapp.web.answers import Prefilled, completed, on_the_form, options, population_names
from riskapp.web.measures import Measure, said
from riskapp.web.presenters.answer import Answer, answer
from riskapp.web.presenters.beside import Beside, beside
from riskapp.web.presenters.fields import label_of
from riskapp.web.presenters.same_age import SameAge, same_age


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either an answer, or what must be mended first; never both."""

    answer: Answer | None = None
    same_age: SameAge | None = None
    needed: Mapping[str, str] = field(default_factory=dict)  # label by field, still blank
    problems: Mapping[str, str] = field(default_factory=dict)  # sentence by field
    sentence: str = ""
    cautions: Mapping[str, str] = field(default_factory=dict)  # of answers to look at again

    @property
    def beside(self) -> dict[str, Beside]:
        return beside(self.answer, self.cautions, self.problems)


def asked_for(
    patient: Patient,
    sent: Mapping[str, str],
    filled: Prefilled,
    reader: Preferences,
    written: Mapping[str, Measure],
) -> Outcome:
    """Score what the form holds; nothing is stored. Problems are told in the units in use."""
    outcome = _scored(patient, sent, filled, reader)
    return replace(
        outcome, problems=said(outcome.problems, written), cautions=unusual(readable(sent))
    )


def _scored(
    patient: Patient, sent: Mapping[str, str], filled: Prefilled, reader: Preferences
) -> Outcome:
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
    return _shaped(scored, asked)


def _shaped(scored: Scored, asked: EstimateOptions) -> Outcome:
    estimate: dict[str, Any] = estimate_json(scored.estimates[0])
    profile, others = profile_json(scored.profile), other_evidence(scored.profile, asked)
    either, image = _deciding(scored, profile, asked)
    told = answer(
        estimate,
        profile,
        population_names(),
        scored.warnings,
        others,
        remarks_by_field(scored.profile, asked.evidence_set),
        either_way=either,
        image=image,
    )
    plainest = without_risk_factors(scored.profile, asked)
    return Outcome(answer=told, same_age=same_age(estimate, profile, plainest))


def _deciding(
    scored: Scored, profile: Mapping[str, Any], asked: EstimateOptions
) -> tuple[str, str]:
    """What would decide, in words: the first open question, and an image of the spine."""
    person = Person(profile, asked)
    either = either_way(person, scored.estimates[0])
    image = spine_image(person, scored.profile, scored.estimates[0])
    return (
        either_way_wording(
            either.field,
            *((then.at_least, then.major, then.hip) for then in (either.if_no, either.if_yes)),
            changes=either.changes,
            still_possible=either.still_possible,
        )
        if either
        else "",
        spine_image_wording(image.reasons, image.category, SOURCE) if image else "",
    )
