"""What guidelines say: a profile and its probabilities in, each guideline's own category out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.bone_density import Site, as_printed
from riskapp.risk.comparisons import Truths, truths, truths_but
from riskapp.risk.guideline_data import (
    HIP_PERCENT,
    KINDS,
    MAJOR_PERCENT,
    T_SCORES,
    Guideline,
    common_term,
    guideline,
    listed,
)
from riskapp.risk.helpful import Decide
from riskapp.risk.profile import FIELD_NAMES, RiskProfile, Treatment
from riskapp.risk.reached import Reached
from riskapp.risk.rules import Facts
from riskapp.risk.verdict import Verdict
from riskapp.risk.verdict_forms import (
    Told,
    asked_of_many,
    category_of,
    form_of,
    limits_at,
)

Array = npt.NDArray[np.float64]

# Read first where nobody chose and no guideline of the population's own country is held.
CLASSIFICATION = "who-1994"
BOTH_PERCENT = (MAJOR_PERCENT, HIP_PERCENT)
ON_TREATMENT = (
    "On osteoporosis treatment: this category is that of a person who takes none, and says nothing "
    "on whether to go on with it."
)
TREATMENT_UNKNOWN = (
    "Osteoporosis treatment is not known: this category is that of a person who takes none."
)
TAKEN_AS_PAST = (
    "Answered as before the menopause: at this age every woman is taken to be past it here."
)


def usual_for(population: str) -> str:
    """The code of the guideline that is read first where nobody chose another.

    That of the population's own country, as its data file names it; else the classification, as
    thresholds of other countries are nobody's usual ones.
    """
    if population not in published.names("populations"):
        return CLASSIFICATION
    return str(published.read(f"populations/{population}").get("usual_guideline", CLASSIFICATION))


def facts_of(profile: RiskProfile, major: float, hip: float) -> dict[str, Any]:
    """What rules may ask about: fields in contract names, T-scores however given, percentages."""
    facts: dict[str, Any] = {name: getattr(profile, name) for name in FIELD_NAMES}
    facts |= {name: _printed_t_score(profile, site) for name, site in T_SCORES.items()}
    facts["body_mass_index"] = profile.bmi_kg_m2
    return facts | _percent(major, hip)


def _printed_t_score(profile: RiskProfile, site: Site) -> float | None:
    """The T-score that a report shows: as it was printed, else from BMD to the same decimal."""
    printed: float | None = getattr(profile, f"{site}_t_score")
    if printed is not None:
        return printed
    implied = profile.t_score(site)
    return None if implied is None else as_printed(implied)


def verdicts(
    profile: RiskProfile,
    major: float,
    hip: float,
    first: str | None = None,
    evidence_set: str | None = None,
) -> tuple[Verdict, ...]:
    """What every guideline says; the reader's own first, then the population's usual one.

    Parameters
    ----------
    profile : RiskProfile
    major, hip : float
        10-year probabilities from published epidemiology, fractions in [0, 1].
    first : str or None
        Code of the reader's own guideline.
    evidence_set : str or None
        Where the probabilities come from: a note says so where they do not follow FRAX's.

    Raises
    ------
    UnknownGuideline
        If ``first`` is none.
    """
    facts = facts_of(profile, major, hip)
    usual = usual_for(profile.population)
    order = dict.fromkeys((first or usual, usual))
    rest = (one for one in _by_kind() if one.code not in order)
    came_out = truths(facts)
    few = (*map(guideline, order), *rest)
    return tuple([judge(one, facts, came_out, evidence_set) for one in few])


@cache
def _by_kind() -> tuple[Guideline, ...]:
    return tuple(sorted(listed(), key=lambda one: (KINDS.index(one.kind), one.code)))


def first_verdict(profile: RiskProfile, major: float, hip: float, first: str | None) -> Verdict:
    """What the guideline that is read first says; less work than all, where one is enough."""
    return judge(guideline(_read_first(profile, first)), facts_of(profile, major, hip))


def _read_first(profile: RiskProfile, first: str | None) -> str:
    return first or usual_for(profile.population)


def with_doubt(
    told: Iterable[Verdict], profile: RiskProfile, ends: Sequence[tuple[float, float]]
) -> tuple[Verdict, ...]:
    """Verdicts with the categories that the ends of the intervals would give.

    Parameters
    ----------
    told : iterable of Verdict
    profile : RiskProfile
    ends : sequence of (major, hip)
        Lower ends of the two 95 % intervals, then upper ends.
    """
    facts = facts_of(profile, *ends[0])
    came_out = truths(facts)
    at_ends = [truths_but(came_out, facts | _percent(*end), BOTH_PERCENT) for end in ends]
    return tuple([_within(one, at_ends) for one in told])


def _within(told: Verdict, at_ends: Iterable[Truths]) -> Verdict:
    if told.at_least is None or not guideline(told.guideline).has_thresholds:
        return told
    others = (category_of(told.guideline, came_out) for came_out in at_ends)
    within = dict.fromkeys(other for other in others if other and other != told.at_least)
    # What nothing changes keeps its form, which is written already.
    return replace(told, within_interval=tuple(within)) if within else told


def _percent(major: float, hip: float) -> dict[str, float]:
    return {MAJOR_PERCENT: 100 * major, HIP_PERCENT: 100 * hip}


def decider(one: Guideline, profile: RiskProfile) -> Decide:
    """The guideline as a question: what would it decide of each, were some more answers known?

    What is known already stays.
    """
    facts = facts_of(profile, 0, 0)
    unknown = {name for name, value in facts.items() if value is None}
    decided = asked_of_many(one.code, facts)

    def decide(more: Mapping[str, Told], major: Array, hip: Array) -> list[Reached]:
        new = {name: values for name, values in more.items() if name in unknown}
        return decided({**new, MAJOR_PERCENT: 100 * major, HIP_PERCENT: 100 * hip})

    return decide


def judge(
    one: Guideline,
    facts: Facts,
    came_out: Truths | None = None,
    evidence_set: str | None = None,
) -> Verdict:
    """One guideline's answer about the facts of one person.

    Parameters
    ----------
    came_out : tuple or None
        ``truths`` of the facts, where they were asked for before.
    evidence_set : str or None
        As ``verdicts`` has it.
    """
    came_out = truths(facts) if came_out is None else came_out
    form = form_of(one.code, came_out, _notes(one, facts), evidence_set)
    numbers = _numbers(form.named, one, facts) if form.named else {}
    return form.filled(numbers)


def _notes(one: Guideline, facts: Facts) -> tuple[str, ...]:
    found = []
    if one.meant_for is not None:
        code, words = one.meant_for
        population = facts["population"]
        if population != code and not population.startswith(f"{code}-"):
            found.append(
                f"Its thresholds are meant for FRAX of {words}; the population of this "
                f"estimate is {_in_words(population)}."
            )
    if one.kind != "screening" and facts["postmenopausal"] is False:
        if common_term("past_menopause").judge(facts).truth:
            found.append(TAKEN_AS_PAST)
    treatment = facts["osteoporosis_treatment"]
    if one.kind == "treatment" and treatment is None:
        found.append(TREATMENT_UNKNOWN)
    elif one.kind == "treatment" and treatment != Treatment.NONE:
        found.append(ON_TREATMENT)
    return tuple(found)


@lru_cache(maxsize=256)
def _in_words(code: str) -> str:
    """A population's name as it stands within a sentence."""
    if code not in published.names("populations"):
        return f"population {code}"
    return str(published.read(f"populations/{code}")["name"])


def _numbers(names: Iterable[str], one: Guideline, facts: Facts) -> dict[str, str]:
    """Numbers in print; a probability carries enough digits to differ from limits."""
    limits = limits_at(one.code, facts["age_years"])
    shown = {}
    for name in names:
        value = limits.get(name, facts.get(name))
        if name in (MAJOR_PERCENT, HIP_PERCENT):
            shown[name] = _apart(facts[name], limits.values())
        else:
            shown[name] = _number(value) if isinstance(value, float | int) else str(value)
    return shown


def _apart(value: float, limits: Collection[float]) -> str:
    for decimals in (1, 2, 3):
        text = f"{value:.{decimals}f}"
        if all((float(text) >= limit) == (value >= limit) for limit in limits):
            return text
    return f"{value:.4f}"


def _number(value: float) -> str:
    return f"{round(value, 2):g}".replace("-", "\u2212")
