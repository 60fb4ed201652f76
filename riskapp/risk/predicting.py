"""From what is known about a person to an estimate: the one function that chains the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import CLINICAL_COLUMNS
from riskapp.risk.estimate import (
    HORIZONS_YEARS,
    EstimateOptions,
    Explanation,
    Outcome,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.evidence_sets import EvidenceSet, evidence_set
from riskapp.risk.explanation import explain
from riskapp.risk.guideline_data import guideline
from riskapp.risk.guidelines import decider, verdicts, with_doubt
from riskapp.risk.hazard_terms import Published
from riskapp.risk.many import design_rows, incidence_of_many
from riskapp.risk.missing import Known, grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers, switched_off
from riskapp.risk.modifier_words import modifier_remarks, off_by_convention
from riskapp.risk.modifiers import NONE
from riskapp.risk.one_complete import incidence_of_one, is_complete
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import RiskProfile, with_unknown_as_no
from riskapp.risk.remarks import USED_BESIDE_A_ROW, remarks
from riskapp.risk.summation import lean_by_factors, mean_incidence
from riskapp.risk.uncertainty import Spread, spreads
from riskapp.risk.verdict import Verdict

Array = npt.NDArray[np.float64]

# What an evidence set of 2008 answers from.
USED = (*(column.field for column in CLINICAL_COLUMNS), *USED_BESIDE_A_ROW)
# As many as a web server's process answers at a time; the next one takes the oldest one's place.
EXPLAINED_AT_A_TIME = 4


def estimate(
    profile: RiskProfile,
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    model_id: str,
    known: Known | None = None,
) -> RiskEstimate:
    """Answer about one person: p = E[p(all inputs) | what is known], interval and reasons.

    Parameters
    ----------
    known : Known, optional
        ``inputs_counted``, where it was asked before.
    """
    known = known or inputs_counted(profile, options)
    if is_complete(known):
        curves = incidence_of_one(known, Published(people, evidence.parameters))
        # Beside a T-score, how common causes of low density are moves nothing.
        leanings = {name: np.zeros(len(curves)) for name in known.unknown}
    else:
        layout = grid(known, people, evidence.parameters, full=False)
        curves, parts = mean_incidence(known, people, evidence.parameters, layout)
        leanings = lean_by_factors(parts, layout, known) if options.interval else {}
    answer = _point(profile, options, people, evidence, model_id, known, curves)
    if options.interval:
        decide = None
        if options.guideline is not None:
            decide = decider(guideline(options.guideline), counted(profile, options))
        point = {outcome: one.probability_10y for outcome, one in answer.outcomes.items()}
        found, helpful = spreads(known, people, evidence, point, decide, leanings)
        bounded = {
            outcome: _bounded(one, found[outcome]) for outcome, one in answer.outcomes.items()
        }
        ends = [_ends(bounded, end) for end in ("lower", "upper")]
        answer = replace(
            answer,
            outcomes=bounded,
            would_help_most=helpful,
            guidelines=with_doubt(answer.guidelines, counted(profile, options), ends),
        )
    if options.explain:
        explanation = explained(profile, evidence.name, options.unknown_as_no)
        answer = replace(answer, explanation=explanation)
    return answer


@lru_cache(maxsize=EXPLAINED_AT_A_TIME)
def explained(profile: RiskProfile, evidence_set_name: str, unknown_as_no: bool) -> Explanation:
    """Why the evidence answers as it does; once for all engines that explain themselves by it.

    Learned engines start from these reasons, and they take longer than all else in an answer.
    """
    options = EstimateOptions(evidence_set=evidence_set_name, unknown_as_no=unknown_as_no)
    evidence = evidence_set(evidence_set_name, profile.population)
    return explain(inputs_counted(profile, options), population(profile.population), evidence)


def can_be_one_of_many(
    profile: RiskProfile, options: EstimateOptions, known: Known | None = None
) -> bool:
    """Whether no sum over the unknown is needed: all that acts is known, and nothing beyond."""
    if options.interval or options.explain:
        return False
    known = known or inputs_counted(profile, options)
    return is_complete(known) and known.modifiers == NONE


def estimate_complete(
    profiles: Sequence[RiskProfile],
    known: Sequence[Known],
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    model_id: str,
) -> list[RiskEstimate]:
    """Answers about many complete profiles at once, without interval or reasons."""
    if len(known) == 1:
        curves = incidence_of_one(known[0], Published(people, evidence.parameters))[..., None]
    else:
        curves = incidence_of_many(design_rows(known), people, evidence.parameters)
    return [
        _point(profile, options, people, evidence, model_id, counts, curves[:, :, index])
        for index, (profile, counts) in enumerate(zip(profiles, known, strict=True))
    ]


def counted(profile: RiskProfile, options: EstimateOptions) -> RiskProfile:
    """The answers as the number and the verdicts on it count them."""
    return with_unknown_as_no(profile) if options.unknown_as_no else profile


def inputs_counted(profile: RiskProfile, options: EstimateOptions) -> Known:
    """What of a profile the number counts."""
    if options.unknown_as_no:
        return known_inputs(counted(profile, options))
    return replace(known_inputs(profile), modifiers=known_modifiers(profile, options.evidence_set))


def _point(
    profile: RiskProfile,
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    model_id: str,
    known: Known,
    curves: Array,
) -> RiskEstimate:
    """The answer without interval and reasons; ``curves`` has shape (2, years), hip first."""
    hip, major = (_outcome(curve) for curve in curves)
    judged: tuple[Verdict, ...] = ()
    if options.verdicts:
        judged = verdicts(
            counted(profile, options),
            major.probability_10y,
            hip.probability_10y,
            first=options.guideline,
            evidence_set=evidence.name,
        )
    return RiskEstimate(
        engine="evidence",
        model_id=model_id,
        evidence_set=evidence.name,
        population=evidence.population,
        trained_on="published",
        outcomes={Outcome.MAJOR_OSTEOPOROTIC: major, Outcome.HIP: hip},
        unknown=(known_inputs(profile) if options.unknown_as_no else known).unknown,
        warnings=warnings(
            profile, options, people, evidence, f"evidence set {evidence.name}", known=known
        ),
        guidelines=judged,
    )


def warnings(
    profile: RiskProfile,
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    answered_by: str,
    further: Sequence[str] = (),
    known: Known | None = None,
) -> tuple[str, ...]:
    """What has to be said beside a number that rests on the evidence.

    Parameters
    ----------
    answered_by : str
        What answers, in words.
    further : sequence of str
        Fields that it uses beyond those of the evidence.
    known : Known, optional
        ``inputs_counted``, where it was asked before.
    """
    off = switched_off() if further else {}
    if options.unknown_as_no:
        not_counted = off_by_convention(profile, evidence.name)
        told = dict.fromkeys(not_counted, f"Off in this convention: {', '.join(not_counted)}.")
    else:
        counts = known or inputs_counted(profile, replace(options, evidence_set=evidence.name))
        told = modifier_remarks(profile, counts.modifiers)
        # What the evidence leaves aside may be what the answering engine has learned from.
        told = {name: said for name, said in told.items() if not (name in further and name in off)}
    said = remarks(profile, options, (*USED, *told, *further), answered_by)
    unique = dict.fromkeys(sentence for sentence in told.values() if sentence)
    return (*said, *unique, *evidence.remarks, *people.remarks_at(profile.age_years))


def _outcome(curve: Array) -> OutcomeEstimate:
    told = curve.tolist()
    return OutcomeEstimate(
        probability_10y=told[-1], curve=tuple(zip(HORIZONS_YEARS, told, strict=True))
    )


def _ends(bounded: Mapping[Outcome, OutcomeEstimate], end: str) -> tuple[float, float]:
    """The lower or the upper ends of the intervals, major first."""
    major, hip = bounded[Outcome.MAJOR_OSTEOPOROTIC], bounded[Outcome.HIP]
    return getattr(major.interval_95, end), getattr(hip.interval_95, end)


def _bounded(one: OutcomeEstimate, spread: Spread) -> OutcomeEstimate:
    return replace(
        one,
        interval_95=spread.joint,
        interval_95_model=spread.model,
        interval_95_unknown=spread.unknown,
    )
