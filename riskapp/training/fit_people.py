"""How the people of a cohort differ from the published ones, from what is known of them.

What is known of a person is held against its published mean given the rest that is known (a blank
body mass index or factor counts as is usual), and a line and a spread are fitted to what is left.
So a T-score that is measured rather in thin people, or in those with a risk factor, says nothing
wrong of those without one: they are known by what the blank may depend on.

The published distribution counts as much as some number of people who lie along it; how many, the
cohort says: the marginal likelihoods of a few numbers and of "nothing differs at all", which has
half of the belief beforehand, weigh what each of them finds (a g-prior, averaged; Zellner 1986;
Liang and others 2008, J Am Stat Assoc 103:410, doi:10.1198/016214507000001337).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln

from riskapp.risk.design_row import Floats
from riskapp.risk.drawing import DISTRIBUTION_OF
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import mean_t_score
from riskapp.risk.missing import Known
from riskapp.risk.populations import ByAge, population
from riskapp.risk.profile import FACTORS
from riskapp.risk.site_people import Departure, SitePeople, bmi_term, line_terms
from riskapp.training.fit_further import KNOWN_SHARE, LEAST_KNOWN, LEAST_OF_EACH

# As many people as the published distribution may count for.
PUBLISHED_AS_MANY = (10.0, 30.0, 100.0, 300.0, 1000.0)
BELIEF_IN_NOTHING = 0.5
# No clinic's people are alike or unlike beyond these; a file that says so holds something else.
SPREADS = (0.5, 2.0)
MOST_LOG_ODDS = 4.0
NEWTON_STEPS = 50
# Below these nothing is said on the card.
TOLD_T, TOLD_SHARE, TOLD_LOG_ODDS = 0.1, 0.05, 0.25
TENTH_MORE = float(np.log(1.1))


@dataclass(frozen=True)
class FittedPeople:
    """How they differ, and where that is worth a sentence, the sentences."""

    people: SitePeople
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Group:
    """People of one population and sex: positions, and what is published of them, (n,) each."""

    chosen: np.ndarray[tuple[int], np.dtype[np.intp]]
    code: str
    sex: str


def fit_people(codes: Sequence[str], known: Sequence[Known]) -> FittedPeople:
    """Estimate it; where too few know something, that stays as published.

    Parameters
    ----------
    codes : sequence of str, length n
        Of the people's populations.
    known : sequence of Known, length n
    """
    age = np.array([one.age_years for one in known])
    line = line_terms(age, np.array([float(one.sex == "female") for one in known]))
    log_bmi = np.log([np.nan if one.bmi_kg_m2 is None else one.bmi_kg_m2 for one in known])
    t_score = np.array([np.nan if one.t_score is None else one.t_score for one in known])
    answers = {name: _answers(known, name) for name in FACTORS}
    groups = _groups(codes, known)
    usual, usual_sd, log_odds = _published(groups, age)
    index = _departure(line, _if_usual(log_bmi - usual), usual_sd)
    # Where few people have a body mass index, the line of the T-score does not read it.
    reads = np.isfinite(log_bmi).mean() >= KNOWN_SHARE
    taken = log_bmi if reads else np.where(np.isfinite(log_bmi), log_bmi, usual)
    present = {
        name: np.where(np.isfinite(each), each, expit(log_odds[name]))
        for name, each in answers.items()
    }
    away = _if_usual(t_score) - _mean_t(groups, age, taken, present)
    with_bmi = bmi_term(taken) if reads else np.zeros_like(taken)
    bone = _departure(np.column_stack([line, with_bmi]), away, np.ones_like(away))
    odds = {name: _more_often(log_odds[name], answers[name]) for name in FACTORS}
    people = SitePeople(
        t_score=bone,
        log_bmi=index,
        log_odds=tuple(odds.values()),
        ages_years=(float(age.min()), float(age.max())),
    )
    middle = np.append(line.mean(axis=0), np.nanmean(bmi_term(taken)) if reads else 0.0)
    return FittedPeople(people, (*_bone_in_words(bone, middle), *_rest_in_words(people, middle)))


def _if_usual(values: Floats) -> Floats:
    """Values that enough people have; else none of them."""
    enough = np.isfinite(values).mean() >= KNOWN_SHARE
    return values if enough else np.full_like(values, np.nan)


def _answers(known: Sequence[Known], name: str) -> Floats:
    """1 yes, 0 no, NaN not known."""
    return np.array([one.factors[name] for one in known], dtype=np.float64)


def _groups(codes: Sequence[str], known: Sequence[Known]) -> list[_Group]:
    whose = [(code, one.sex) for code, one in zip(codes, known, strict=True)]
    both = np.array([f"{code} {sex}" for code, sex in whose])
    return [
        _Group(np.flatnonzero(both == f"{code} {sex}"), code, sex)
        for code, sex in sorted(set(whose))
    ]


def _published(groups: Sequence[_Group], age: Floats) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Mean and SD of log body mass index, and log-odds of the factors, (n,) each."""
    mean, sd = np.zeros((2, len(age)))
    log_odds = {name: np.zeros(len(age)) for name in FACTORS}
    for group in groups:
        people, years = population(group.code).people, age[group.chosen]
        mean[group.chosen] = _at(people.mean_log_bmi[group.sex], years)
        sd[group.chosen] = people.sd_log_bmi[group.sex]
        for name in FACTORS:
            log_odds[name][group.chosen] = _at(people.log_odds[name, group.sex], years)
    return mean, sd, log_odds


def _at(line: ByAge, years: Floats) -> Floats:
    return np.asarray(line.at_65 + line.per_decade * (years - 65) / 10)


def _mean_t(
    groups: Sequence[_Group], age: Floats, log_bmi: Floats, present: Mapping[str, Floats]
) -> Floats:
    found, parameters = np.zeros(len(age)), effects(DISTRIBUTION_OF)
    for group in groups:
        few = group.chosen
        factors = {name: each[few] for name, each in present.items()}
        found[few] = mean_t_score(parameters, group.sex, age[few], np.exp(log_bmi[few]), factors)
    return found


def _departure(terms: Floats, away: Floats, sd: Floats) -> Departure:
    """Line and spread of what lies ``away`` from published means, blanks NaN.

    For each number of people that the published may count for, line and variance have their
    conjugate prior, normal and inverse gamma.
    """
    known = np.isfinite(away)
    if known.sum() < LEAST_KNOWN:
        return Departure((0.0,) * terms.shape[1])
    n, y = int(known.sum()), away[known] / sd[known]
    x = terms[known] / sd[known][:, None]
    found, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    on_line = float(((x @ found) ** 2).sum())
    beside = float(((y - x @ found) ** 2).sum())
    as_many = np.array(PUBLISHED_AS_MANY)
    kept = n / (n + as_many)
    squares = beside + (1 - kept) * on_line
    logs = gammaln((as_many + n) / 2) - gammaln(as_many / 2) + as_many / 2 * np.log(as_many)
    logs += rank / 2 * np.log(1 - kept) - (as_many + n) / 2 * np.log(as_many + squares)
    nothing = -n / 2 * np.log(2) - (beside + on_line) / 2
    shares = _shares(logs - nothing)
    variances = (as_many + squares) / (as_many + n - 2)
    variance = float(shares @ variances + (1 - shares.sum()))
    spread = float(np.clip(np.sqrt(variance), *SPREADS))
    return Departure(tuple((found * (shares @ kept)).tolist()), spread)


def _more_often(log_odds: Floats, answers: Floats) -> float:
    """What the log-odds of a factor are higher by."""
    known = np.isfinite(answers)
    yes, n = float(answers[known].sum()), int(known.sum())
    if known.mean() < KNOWN_SHARE or min(yes, n - yes) < LEAST_OF_EACH:
        return 0.0
    published, answered = log_odds[known], answers[known]
    found = 0.0
    for _ in range(NEWTON_STEPS):
        p = expit(published + found)
        step = float((yes - p.sum()) / (p * (1 - p)).sum())
        # No further at once than a straight line is worth believing.
        found = float(np.clip(found + np.clip(step, -1.0, 1.0), -MOST_LOG_ODDS, MOST_LOG_ODDS))
    gained = _likelihood(published + found, answered) - _likelihood(published, answered)
    as_many = np.array(PUBLISHED_AS_MANY)
    kept = n / (n + as_many)
    return found * float(_shares(np.log(1 - kept) / 2 + kept * gained) @ kept)


def _likelihood(log_odds: Floats, answers: Floats) -> float:
    return float((answers * log_odds - np.logaddexp(0.0, log_odds)).sum())


def _shares(log_ratios: Floats) -> Floats:
    """Belief in each number of people, by its marginal likelihood over that of nothing."""
    beliefs = np.append(
        log_ratios + np.log((1 - BELIEF_IN_NOTHING) / len(log_ratios)), np.log(BELIEF_IN_NOTHING)
    )
    shares = np.exp(beliefs - beliefs.max())
    return np.asarray((shares / shares.sum())[:-1])


def _bone_in_words(bone: Departure, middle: Floats) -> list[str]:
    """Where the T-scores lie, in the mean of these people."""
    away, found = float(middle @ bone.line), []
    if abs(away) >= TOLD_T:
        found.append(f"lie {abs(away):.1f} {'higher' if away > 0 else 'lower'}")
    if abs(bone.spread - 1) >= TOLD_SHARE:
        found.append(f"spread {bone.spread:.2f} times as far")
    steeper = bone.line[-1] * TENTH_MORE
    if abs(steeper) >= TOLD_T / 5:
        more = "more" if steeper > 0 else "less"
        found.append(f"rise by {abs(steeper):.2f} {more} with a tenth more of body mass index")
    if not found:
        return []
    return [
        f"Given age, sex, body mass index and risk factors, femoral-neck T-scores of these people "
        f"{' and '.join(found)} than published; a blank one is averaged over people like these."
    ]


def _rest_in_words(people: SitePeople, middle: Floats) -> list[str]:
    """Body mass index and factors."""
    found = []
    times = float(np.exp(middle[:-1] @ people.log_bmi.line))
    if abs(times - 1) >= TOLD_SHARE / 2:
        found.append(f"body mass index {times:.2f} times as high")
    if abs(people.log_bmi.spread - 1) >= TOLD_SHARE:
        found.append(f"its spread {people.log_bmi.spread:.2f} times as wide")
    found += [
        f"odds of {name} {np.exp(more):.2g} times"
        for name, more in zip(FACTORS, people.log_odds, strict=True)
        if abs(more) >= TOLD_LOG_ODDS
    ]
    if not found:
        return []
    return [
        f"Beside the published people of their age and sex: {', '.join(found)}; what is blank is "
        "averaged over people like these."
    ]
