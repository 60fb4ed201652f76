"""How often, of two people, the one who has the event first had the higher prediction."""

from dataclasses import dataclass, replace

import numpy as np

from riskapp.evaluation.course import CannotJudge, Course, Flags, Floats, Places, checked
from riskapp.evaluation.observed import Z_95, followed, own_share
from riskapp.evaluation.pairs import Pairs, compare_pairs


@dataclass(frozen=True)
class Concordance:
    """Harrell's C with its interval of 95 %.

    Attributes
    ----------
    influence : ndarray, shape (n,)
        What each person adds to C's distance from its truth; their squares add up to the variance.
    """

    c: float
    lower: float
    upper: float
    standard_error: float
    events: int
    comparable: float
    influence: Floats


@dataclass(frozen=True)
class Difference:
    """A figure of one prediction less that of another on the same people, with 95 %."""

    value: float
    lower: float
    upper: float
    standard_error: float


def harrell(predicted: Floats, seen: Course, horizon_years: float = np.inf) -> Concordance:
    """Harrell's C; whoever died without the event stays on as one who never has it.

    Two people can be compared if one had the event, by the horizon, and the other had it later or
    was still without it then; of two events at one time neither is first, and of an event and a
    loss at one time the event is. Equal predictions count half. The variance is the infinitesimal
    jackknife, for predictions that were not fitted to these people.

    Parameters
    ----------
    predicted : ndarray, shape (n,)
        The higher, the sooner.
    horizon_years : float
        Events after it count as not yet happened.

    Raises
    ------
    CannotJudge
        If no two people can be compared, or a prediction is not a number.

    References
    ----------
    Harrell FE and others, 1982. JAMA 247:2543-2546, doi:10.1001/jama.1982.03320430047030.
    Wolbers M and others, 2009. Epidemiology 20:555, doi:10.1097/EDE.0b013e3181a39056.
    Efron B, 1982. The jackknife, the bootstrap and other resampling plans, chapter 6,
    doi:10.1137/1.9781611970319.
    """
    given = checked(predicted, seen)
    counted = seen.event & (seen.years <= horizon_years)
    ones = np.ones(seen.people)
    pairs = compare_pairs(given, seen, counted, Pairs(alive=ones, dead=ones, partner=ones))
    c = _share(pairs.concordant, pairs.comparable)
    influence = seen.weights * (pairs.own_concordant - c * pairs.own_comparable) / pairs.comparable
    return _with_interval(
        Concordance(c, c, c, 0.0, int(counted.sum()), pairs.comparable, influence), influence
    )


def of_people(found: Concordance, people: Places) -> Concordance:
    """The same with an interval that counts rows of one person as one.

    Parameters
    ----------
    people : ndarray of int, shape (n,)
        The number of the person that each row is about.
    """
    return _with_interval(found, _per_person(found.influence, people))


def _with_interval(found: Concordance, influence: Floats) -> Concordance:
    error = float(np.sqrt((influence**2).sum()))
    lower, upper = max(0.0, found.c - Z_95 * error), min(1.0, found.c + Z_95 * error)
    return replace(found, lower=lower, upper=upper, standard_error=error)


def uno(predicted: Floats, seen: Course, horizon_years: float = np.inf) -> float:
    """Uno's C: pairs count for those that were lost before they could be compared.

    Without deaths recorded, events before the horizon count and one exactly then does not, by
    Uno's definition. With them one exactly then counts, and a person who died before the other's
    event counts by the probability of having been followed to the death (Wolbers 2014).

    Raises
    ------
    CannotJudge
        If no two people can be compared, or everybody was lost before an event that counts.

    References
    ----------
    Uno H and others, 2011. Stat Med 30:1105-1117, doi:10.1002/sim.4154.
    Wolbers M and others, 2014. Biostatistics 15:526-539, doi:10.1093/biostatistics/kxt059.
    """
    given = checked(predicted, seen)
    early: Flags = seen.years < horizon_years
    at_last = (seen.years == horizon_years) & seen.competing
    counted: Flags = seen.event & (early | at_last)
    share = followed(seen)
    own = own_share(seen, share)
    if (own[counted] <= 0).any():
        raise CannotJudge("Everybody was lost at the time of an event; choose an earlier horizon.")
    safe = np.where(own > 0, own, 1.0)
    then = share.at_own(seen, just_before=False)
    with_alive = np.where(then > 0, then, safe)
    weigh = Pairs(
        alive=1 / (safe * (with_alive if seen.competing else safe)), dead=1 / safe, partner=1 / safe
    )
    pairs = compare_pairs(given, seen, counted, weigh)
    return _share(pairs.concordant, pairs.comparable)


def difference(first: Concordance, second: Concordance, people: Places | None = None) -> Difference:
    """C of the first less C of the second, both of the same rows in the same order.

    Paired: what both predictions do with a person is taken off before squaring.

    Parameters
    ----------
    people : ndarray of int, shape (n,), optional
        The number of the person that each row is about, where some have more than one.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL, 1988. Biometrics 44:837-845, doi:10.2307/2531595;
    Kang L and others, 2015. Stat Med 34:685-703, doi:10.1002/sim.6370, for censored data.
    """
    if first.influence.shape != second.influence.shape:
        raise CannotJudge("The two figures are of different people.")
    apart = first.influence - second.influence
    if people is not None:
        apart = _per_person(apart, people)
    value, error = first.c - second.c, float(np.sqrt((apart**2).sum()))
    return Difference(value, value - Z_95 * error, value + Z_95 * error, error)


def _per_person(influence: Floats, people: Places) -> Floats:
    return np.asarray(np.bincount(people, influence), dtype=np.float64)


def _share(concordant: float, comparable: float) -> float:
    if comparable <= 0:
        raise CannotJudge("No two people can be compared: nobody had the event before another.")
    return concordant / comparable
