"""Where a population's bases come from: calibrated, matched to incidence, or mixed from others."""

from enum import StrEnum
from functools import cache

import numpy as np

from riskapp.risk import published
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import BASE_KNOTS_YEARS, Parameters
from riskapp.risk.matching import CAUSES, Targets, matched, means_at_knots, published_targets
from riskapp.risk.populations import Population, population

# Between these ages the death factors of a mixture's parts are averaged.
DEATH_MIXED_AT_YEARS = (50, 60, 70, 80, 90)


class Made(StrEnum):
    """How the bases of one population were made in one evidence set."""

    CALIBRATED = "calibrated"
    MATCHED = "matched to published hip fracture incidence"
    MIXTURE = "mixture of other populations"
    FOLLOWING = "matched to another evidence set"


def how_made(name: str, code: str) -> Made | None:
    """None where an evidence set cannot answer for a population."""
    stored = published.read(f"evidence/{name}")
    if code in stored["baselines"]:
        return Made.CALIBRATED
    if follows := stored.get("bases_follow"):
        return Made.FOLLOWING if how_made(follows, code) else None
    people = population(code)
    if people.mixture is not None:
        return Made.MIXTURE if all(how_made(name, part) for part in people.mixture.of) else None
    if people.hip_incidence is not None:
        return Made.MATCHED if how_made(name, people.hip_incidence.other_major_from) else None
    return None


def in_words(name: str, code: str) -> str:
    """How the bases were made, as shown beside a population; empty where there are none."""
    people = population(code)
    match how_made(name, code):
        case Made.CALIBRATED:
            return "calibrated to published and collected results of FRAX"
        case Made.FOLLOWING:
            follows = published.read(f"evidence/{name}")["bases_follow"]
            return f"matched: on average as many fractures as {follows} has"
        case Made.MIXTURE if people.mixture is not None:
            return f"mixture of {', '.join(people.mixture.of)} by their shares of each age"
        case Made.MATCHED if people.hip_incidence is not None:
            return (
                "matched to published hip fracture incidence; other major fractures rise with age "
                f"as in {people.hip_incidence.other_major_from}"
            )
        case _:
            return ""


@cache
def bases(name: str, code: str) -> Parameters:
    """Bases of fractures and of death; the population must be one that can be answered for."""
    stored = published.read(f"evidence/{name}")
    people = population(code)
    match how_made(name, code):
        case Made.CALIBRATED:
            found: Parameters = stored["baselines"][code]
        case Made.FOLLOWING:
            followed = bases(stored["bases_follow"], code)
            targets = means_at_knots(people, {**effects(stored["bases_follow"]), **followed})
            death = {key: value for key, value in followed.items() if ".death." in key}
            found = {**matched(people, {**effects(name), **death}, targets), **death}
        case Made.MIXTURE:
            found = _mixed(name, people)
        case Made.MATCHED:
            found = _as_published(name, people)
        case None:
            raise LookupError(f"{name} has no bases for {code}")
    return found


def _as_published(name: str, people: Population) -> dict[str, float]:
    assert people.hip_incidence is not None
    lender = people.hip_incidence.other_major_from
    lent = bases(name, lender)
    own = effects(name)
    targets = published_targets(people, _lent_means(name, lender))
    # How far deaths without risk factors lie below all deaths is lent with the pattern.
    death = {f"base.death.{sex}": lent[f"base.death.{sex}"] for sex in people.sexes}
    return {**matched(people, {**own, **death}, targets), **death}


@cache
def _lent_means(name: str, lender: str) -> Targets:
    """Mean hazards of a population whose pattern several others borrow."""
    return means_at_knots(population(lender), {**effects(name), **bases(name, lender)})


def _mixed(name: str, people: Population) -> dict[str, float]:
    """Log of the share-weighted mean of the parts' hazards, for equal answers."""
    assert people.mixture is not None
    parts = {code: bases(name, code) for code in people.mixture.of}
    found = {}
    for sex in people.sexes:
        shares = {age: people.mixture.shares_at(sex, age) for age in BASE_KNOTS_YEARS}
        for age in BASE_KNOTS_YEARS:
            for cause in CAUSES:
                key = f"base.{cause}.{sex}.{age}"
                hazards = [np.exp(part[key]) for part in parts.values()]
                found[key] = float(np.log(shares[age] @ hazards))
        key = f"base.death.{sex}"
        deaths = [np.exp(part[key]) for part in parts.values()]
        mean = np.mean([shares[age] @ deaths for age in DEATH_MIXED_AT_YEARS])
        found[key] = float(np.log(mean))
    return found
