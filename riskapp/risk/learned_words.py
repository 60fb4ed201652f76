"""What a learned engine says beside its number: reasons, what it did not know, warnings."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from riskapp.risk import learned_probability, predicting
from riskapp.risk.anchor import CAUSES, EVIDENCE_SET
from riskapp.risk.design_row import ALWAYS_KNOWN, COLUMNS, Floats, known_values
from riskapp.risk.estimate import (
    Cause,
    Contribution,
    EstimateOptions,
    Explanation,
    Outcome,
)
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.learned_model import LearnedModel
from riskapp.risk.learned_person import Person
from riskapp.risk.learned_probability import learned_shares
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.remarks import USED_BESIDE_A_ROW, remarks


def field_of(name: str) -> str:
    """The contract's name of a column; a site's column has its own."""
    return COLUMNS[name].field if name in COLUMNS else name


def unknown(engine: LearnedModel, profile: RiskProfile) -> tuple[str, ...]:
    """What was averaged over: of the evidence's inputs and of the further columns."""
    known = known_values(profile)
    return tuple(field_of(name) for name in engine.columns if name not in known)


def explanation(
    engine: LearnedModel,
    person: Person,
    options: EstimateOptions,
    shown: Mapping[Outcome, float],
) -> Explanation:
    """Contributions: the evidence's plus what was learned, in log-hazard and in probability.

    Age, sex and what is not known are in the baseline.
    """
    known = known_values(person.profile)
    players = [name for name in engine.columns if name in known and name not in ALWAYS_KNOWN]
    parts = _parts(engine, person)
    learned = {cause: each.mean(axis=0) for cause, each in parts.items()}
    _, evidence = engine.hazards_of([person])
    shares = learned_shares(engine, evidence, parts, players)
    if engine.anchored:
        published = predicting.explained(person.given, EVIDENCE_SET, options.unknown_as_no)
    else:
        published = Explanation(
            baseline=None,
            baseline_log_hazard=dict.fromkeys(Cause, 0.0),
            baseline_means="",
            contributions=(),
        )
    by_field = {each.field: each for each in published.contributions}
    baseline = {}
    for cause in Cause:
        played = sum(learned[cause][engine.columns.index(name)] for name in players)
        level = np.log(engine.level_per_year[cause][0])
        rest = float(level + learned[cause].sum() - played)
        baseline[cause] = published.baseline_log_hazard[cause] + rest
    for name in players:
        added = {c: float(learned[c][engine.columns.index(name)]) for c in Cause}
        if any(added.values()) or not engine.anchored or name not in COLUMNS:
            field = field_of(name)
            before = by_field.get(field)
            by_field[field] = _added(before, name, known[name], added, shares[name], engine)
    contributions = tuple(by_field.values())
    return Explanation(
        baseline=learned_probability.baseline(shown, contributions),
        baseline_log_hazard=baseline,
        baseline_means=_baseline_means(engine, unknown(engine, person.profile)),
        contributions=contributions,
    )


def warnings(
    engine: LearnedModel, profile: RiskProfile, options: EstimateOptions
) -> tuple[str, ...]:
    """What has to be said beside the number."""
    found = []
    if engine.trained_on == "simulated":
        found.append(
            f"The engine {engine.name} was trained on simulated people; "
            "its number is a demonstration, not evidence."
        )
    answered_by = f"the engine {engine.name}"
    further = [field_of(name) for name in engine.columns]
    if engine.anchored:
        code = profile.population
        found += predicting.warnings(
            profile,
            options,
            population(code),
            evidence_set(EVIDENCE_SET, code),
            answered_by,
            further,
        )
    else:
        found += remarks(profile, options, (*further, *USED_BESIDE_A_ROW), answered_by)
    return tuple(found)


def _parts(engine: LearnedModel, person: Person) -> dict[str, Floats]:
    """Parts of f of every completion, by column and what remains, shape (n, p + 1)."""
    rows = engine.within_seen(person.rows)
    return {
        cause: engine.hazards[cause].contributions(rows)
        if cause in engine.hazards
        else np.zeros((len(rows), len(engine.columns) + 1))
        for cause in CAUSES
    }


def _added(
    published: Contribution | None,
    name: str,
    value: float,
    added: dict[Cause, float],
    share: Mapping[Outcome, float],
    engine: LearnedModel,
) -> Contribution:
    """A contribution of the evidence with what was learned about the same field."""
    if published is None:
        column = next((c for c in engine.further.columns if c.name == name), None)
        return Contribution(
            field=field_of(name),
            value=bool(value) if name in FACTORS else value,
            unit=COLUMNS[name].ucum if column is None else column.ucum,
            log_hazard=added,
            probability=share,
            source=engine.model_id,
            label="" if column is None or name in COLUMNS else column.label,
        )
    return replace(
        published,
        log_hazard={c: published.log_hazard[c] + added[c] for c in Cause},
        probability={o: (published.probability or {}).get(o, 0.0) + share[o] for o in Outcome},
        source=f"{published.source}; {engine.model_id}",
    )


def _baseline_means(engine: LearnedModel, averaged: tuple[str, ...]) -> str:
    folded = f", and what is not known ({', '.join(averaged)}) averaged over" if averaged else ""
    if engine.anchored:
        return (
            "Mean over people of the same age and sex in this population, nothing else known, "
            "moved to the level of those this engine was trained on and by what it learned of age "
            f"and sex{folded}."
        )
    return f"People this engine was trained on, moved by this person’s age and sex{folded}."
