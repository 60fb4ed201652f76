"""Golden estimates: what an engine answered about made-up people when it was looked at last.

They are kept with what they vouch for, the shipped ones in ``golden/`` and a site's own with its
registered model, so that a damaged file, another library or another machine shows before a
patient is answered about.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from riskapp.risk import evidence_sets, published
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import Engine, EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile, Sex

# The largest difference of a probability that passes: a thousandth of the last digit that is shown
# anywhere. Two processors differ by about 1e-15, and a wrong table by more than 1e-4.
TOLERANCE = 1e-6
# Ends of intervals come from draws and a factorisation, which libraries may order otherwise.
TOLERANCE_OF_INTERVALS = 1e-4

# Made up: one person of whom all that FRAX asks is known, and one of whom little is.
KNOWN: Mapping[str, Any] = {
    "age_years": 72.0,
    "body_mass_index": 24.0,
    "femoral_neck_t_score": -2.2,
    "prior_fragility_fracture": True,
    "parent_hip_fracture": False,
    "current_smoker": True,
    "glucocorticoids": False,
    "rheumatoid_arthritis": False,
    "secondary_osteoporosis": False,
    "alcohol_3_or_more_units_daily": False,
}
LITTLE: Mapping[str, Any] = {
    "age_years": 58.0,
    "body_mass_index": 31.0,
    "prior_fragility_fracture": False,
    "glucocorticoids": True,
}
# What acts beside the inputs of FRAX: each has a table of its own.
FURTHER: Mapping[str, Any] = {
    **KNOWN,
    "falls_last_year": 3,
    "type_2_diabetes_years": 6.0,
    "glucocorticoids": True,
    "glucocorticoid_dose_mg_daily": 10.0,
    "prior_fracture_months_ago": 8.0,
    "lumbar_spine_t_score": -3.0,
    "trabecular_bone_score": 1.18,
    "l1_attenuation_hu": 95.0,
}


def golden(engine: Engine, files_sha256: str) -> dict[str, Any]:
    """What ``engine`` answers now, to be held against what it answers later.

    Parameters
    ----------
    files_sha256 : str
        Of the files that it answers from: a model's manifest; empty for published evidence.
    """
    return {
        "engine": engine.name,
        "model_id": engine.model_id,
        "evidence_set": engine.evidence_set,
        "files_sha256": files_sha256,
        "published_sha256": published.sha256_of_all(),
        "answers": [
            {"person": person, "interval": bounded, **_answer(engine, person, bounded)}
            for person, bounded in _asked(engine)
        ],
    }


def difference(engine: Engine, kept: Mapping[str, Any]) -> str:
    """Where ``engine`` answers otherwise than it did, in a sentence; empty where it does not."""
    for number, before in enumerate(kept["answers"], start=1):
        now = _answer(engine, before["person"], before["interval"])
        for outcome in Outcome:
            told = f"golden estimate {number} ({_who(before['person'])}, {outcome.value})"
            if not _alike(now[outcome.value], before[outcome.value]):
                return (
                    f"{told} should be {_written(before[outcome.value])} and is "
                    f"{_written(now[outcome.value])}"
                )
    return ""


def _asked(engine: Engine) -> Iterator[tuple[dict[str, Any], bool]]:
    """Whom to ask about, and whether with the interval, which costs ten times as much.

    Somebody of whom little is known is answered about by all tables of a population.
    """
    first = True
    for code in _populations(engine):
        for sex in population(code).sexes:
            whose = {"population": code, "sex": sex}
            yield {**whose, **LITTLE}, first
            if first:
                yield {**whose, **KNOWN}, False
                yield {**whose, **FURTHER}, False
            first = False


def _populations(engine: Engine) -> Iterable[str]:
    if isinstance(engine, LearnedEngine):
        return engine.populations
    return evidence_sets.answered(engine.evidence_set)


def _answer(engine: Engine, person: Mapping[str, Any], bounded: bool) -> dict[str, Any]:
    """Each outcome's probability, with both ends of its interval if asked; None if refused."""
    profile = RiskProfile(**{**person, "sex": Sex(person["sex"])})
    options = EstimateOptions(
        evidence_set=engine.evidence_set or "frax-2008", interval=bounded, explain=False,
        verdicts=False,
    )  # fmt: skip
    try:
        found = engine.estimate(profile, options)
    except OutsideModelRange:
        return dict.fromkeys((outcome.value for outcome in Outcome), None)
    return {outcome.value: _numbers(found, outcome) for outcome in Outcome}


def _numbers(found: RiskEstimate, outcome: Outcome) -> list[float]:
    one = found.outcomes[outcome]
    ends = [one.interval_95.lower, one.interval_95.upper] if one.interval_95 else []
    return [one.probability_10y, *ends]


def _alike(now: list[float] | None, before: list[float] | None) -> bool:
    if now is None or before is None or len(now) != len(before):
        return now is before
    within = (TOLERANCE, TOLERANCE_OF_INTERVALS, TOLERANCE_OF_INTERVALS)
    # Written so that what is no number fails.
    return all(abs(a - b) <= most for a, b, most in zip(now, before, within, strict=False))


def _who(person: Mapping[str, Any]) -> str:
    return f"{person['population']}, {person['sex']}, {person['age_years']:g}"


def _written(numbers: list[float] | None) -> str:
    return "refused" if numbers is None else " ".join(f"{each:.7f}" for each in numbers)
