"""From what is known about a person to an estimate: the one function that chains the rest."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import CLINICAL_COLUMNS
from riskapp.risk.estimate import (
    HORIZONS_YEARS,
    EstimateOptions,
    HelpfulInput,
    Outcome,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.explanation import explain
from riskapp.risk.guideline_data import guideline
from riskapp.risk.guidelines import decider, verdicts
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.modifier_words import modifier_remarks, off_by_convention
from riskapp.risk.modifiers import NONE, Modifiers
from riskapp.risk.populations import Population
from riskapp.risk.profile import RiskProfile, with_unknown_as_no
from riskapp.risk.remarks import USED_BESIDE_A_ROW, remarks
from riskapp.risk.summation import incidence, lean_on_prevalence, mean
from riskapp.risk.uncertainty import Spread, spreads

# What an evidence set of 2008 answers from.
USED = (*(column.field for column in CLINICAL_COLUMNS), *USED_BESIDE_A_ROW)


def estimate(
    profile: RiskProfile,
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    model_id: str,
) -> RiskEstimate:
    """Answer about one person: p = E[p(all inputs) | what is known], interval and reasons."""
    modifiers = NONE if options.unknown_as_no else known_modifiers(profile)
    answered = with_unknown_as_no(profile) if options.unknown_as_no else profile
    known = replace(known_inputs(answered), modifiers=modifiers)
    layout = grid(known, people, evidence.parameters, full=False)
    values = incidence(known, people, evidence.parameters, layout)
    curves = mean(values, layout)
    by_outcome = {Outcome.MAJOR_OSTEOPOROTIC: curves[1], Outcome.HIP: curves[0]}
    point = {outcome: float(curve[-1]) for outcome, curve in by_outcome.items()}
    found: dict[Outcome, Spread] = {}
    helpful: tuple[HelpfulInput, ...] = ()
    if options.interval:
        decide = None
        if options.guideline is not None:
            decide = decider(guideline(options.guideline), profile)
        leanings = lean_on_prevalence(values[:, -1], layout, known)
        found, helpful = spreads(known, people, evidence, point, decide, leanings)
    return RiskEstimate(
        engine="evidence",
        model_id=model_id,
        evidence_set=evidence.name,
        population=people.code,
        trained_on="published",
        outcomes={
            outcome: _outcome(curve, found.get(outcome)) for outcome, curve in by_outcome.items()
        },
        explanation=explain(known, people, evidence) if options.explain else None,
        unknown=known_inputs(profile).unknown,
        warnings=_warnings(profile, options, modifiers, evidence),
        would_help_most=helpful,
        guidelines=verdicts(
            profile,
            point[Outcome.MAJOR_OSTEOPOROTIC],
            point[Outcome.HIP],
            first=options.guideline,
        ),
    )


def _warnings(
    profile: RiskProfile, options: EstimateOptions, modifiers: Modifiers, evidence: EvidenceSet
) -> tuple[str, ...]:
    if options.unknown_as_no:
        off = off_by_convention(profile)
        told = dict.fromkeys(off, f"Off in this convention: {', '.join(off)}.")
    else:
        told = modifier_remarks(profile, modifiers)
    said = remarks(profile, options, (*USED, *told), f"evidence set {evidence.name}")
    unique = dict.fromkeys(sentence for sentence in told.values() if sentence)
    return (*said, *unique, *evidence.remarks)


def _outcome(curve: npt.NDArray[np.float64], spread: Spread | None) -> OutcomeEstimate:
    return OutcomeEstimate(
        probability_10y=float(curve[-1]),
        curve=tuple((year, float(p)) for year, p in zip(HORIZONS_YEARS, curve, strict=True)),
        interval_95=None if spread is None else spread.joint,
        interval_95_model=None if spread is None else spread.model,
        interval_95_unknown=None if spread is None else spread.unknown,
    )
