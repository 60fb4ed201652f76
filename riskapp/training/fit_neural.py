"""Cause-specific hazards by a small network on top of a Cox regression beside the evidence.

The likelihood is that of events counted over what evidence and regression expect, constant in time
(a piecewise exponential network: Kvamme and Borgan 2021, Lifetime Data Anal 27:710,
doi:10.1007/s10985-021-09532-6, here with one piece and the evidence's shape in time). A normal
prior on every weight draws the network to 0, which is the regression; how strongly, people decide
who were left out. Every input passes a gate, whose weight is held like the others: a product of
weights held so is 0 for most inputs and free for a few (Hoff 2017, Comput Stat Data Anal 115:186,
doi:10.1016/j.csda.2017.06.007; recalled, to be confirmed), where weights held alone would let every
input of chance in before one can bend. torch is imported when a network is fitted, and nowhere
else.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from riskapp.risk.cox import Basis, CoxHazard
from riskapp.risk.design_row import ALWAYS_KNOWN, Floats
from riskapp.risk.neural import Inputs, Member, NeuralHazard, as_bytes
from riskapp.training import fit_cox
from riskapp.training.choosing import cautious, constant, likely, out_of_fold
from riskapp.training.completing import Completed
from riskapp.training.demanded import DEMANDED, against, directions_of
from riskapp.training.fit_cox import beside, f_of
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.level import slope

# Precision of the prior on each weight, in events: HELD is the evidence itself.
HELD = 1e6
RECIPE: dict[str, Any] = {
    "anchored": True,
    "beside": fit_cox.RECIPE,
    "folds": 5,
    "decay": [HELD, 40.0, 24.0, 16.0, 11.0, 7.0, 5.0],
    # From how many events on each is offered.
    "offered_from": [0, 20, 20, 40, 60, 100, 200],
    # With fewer events a network can tell nobody from anybody: f is 0.
    "least_events": 20,
    "bends": 10,
    # Of the optimiser, at the first decay and at each that follows.
    "first_steps": 60,
    "steps": 25,
    # Not every start finds what is there: so many are tried while choosing, the best is taken.
    "starts": 2,
    # In the end of more starts the best few are averaged.
    "last_starts": 5,
    "networks": 2,
}
# The decay at which every network begins, weaker than any that is offered: one that is held from
# the start never leaves 0, and one that is rich loses what does not pay.
FIRST_DECAY = 0.3
# Precision of where bends lie: about as far from the usual as people are.
START_PRECISION = 1.0
# Steps that the quasi-Newton method remembers.
HISTORY = 20
MOST_LOG_RATIO = 20.0
# Of the weights before the first step: every input has a part, and bends are within the people.
FIRST_SD, FIRST_GATE, FIRST_HEIGHT_SD, FIRST_LINE_SD = 1.0, 0.5, 1.0, 0.03


def fit_neural(people: Completed, cause: str, recipe: dict[str, Any], seed: int) -> LearnedCause:
    """Fit one cause."""
    if people.taught.follow_up[cause].event.sum() < recipe["least_events"]:
        return LearnedCause(hazard=None, unseen=np.zeros(len(people.rows)), chosen={"networks": 0})
    seeds = range(seed, seed + recipe["last_starts"])
    decays = offered(recipe, int(people.taught.follow_up[cause].event.sum()))
    held: tuple[str, ...] = () if recipe["anchored"] else tuple(DEMANDED)

    def fit(some: Completed, rows: Floats) -> Floats:
        below = beside(some, cause, recipe)
        bare = _networks(some, cause, held, recipe, decays[1:], seeds[: recipe["starts"]], 1, below)
        said = [(f_of(below, some.rows), f_of(below, rows))]
        said += [(each.log_hazard_ratio(some.rows), each.log_hazard_ratio(rows)) for each in bare]
        return np.column_stack([others - constant(some, cause, own) for own, others in said])

    ratios, scores = out_of_fold(people, cause, fit, recipe["folds"], seed, len(decays))
    shares = likely(cautious(scores))
    pick = int(np.argmax(shares))
    under = beside(people, cause, recipe)
    below = {} if under is None else {"beside": under.stored()}
    if pick == 0:
        learned = under if under is not None and under.coefficients.any() else None
        return LearnedCause(
            hazard=learned, unseen=ratios[:, 0], stored=below, chosen={"networks": 0}
        )
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected
    line, added = ratios[:, 0], ratios[:, pick] - ratios[:, 0]
    # As much of it as came true, and as sure as it is that any of it is.
    true = min(1.0, slope(event, expected * np.exp(line), added, people.weights))
    factor = true * float(1 - shares[0])

    def whole() -> NeuralHazard:
        number = recipe["networks"]
        (networks,) = _networks(people, cause, held, recipe, [decays[pick]], seeds, number, under)
        bare = replace(networks, slope=factor)
        level = constant(people, cause, bare.log_hazard_ratio(people.rows))
        return replace(bare, constant=level)

    hazard = whole()
    while broken := set(against(hazard, people, cause)) - set(held):
        held = (*held, *sorted(broken))
        hazard = whole()
    name = f"{cause}.safetensors"
    return LearnedCause(
        hazard=hazard,
        unseen=line + factor * added,
        stored={"weights": name, "slope": factor, "constant": hazard.constant, **below},
        blobs={name: as_bytes(hazard)},
        chosen={"networks": recipe["networks"], "decay": decays[pick], "slope": round(factor, 3)},
    )


def offered(recipe: Mapping[str, Any], events: int) -> list[float]:
    """How strongly weights may be held where there are so many events; none of it comes first."""
    both = zip(recipe["decay"], recipe["offered_from"], strict=True)
    return [decay for decay, least in both if events >= least]


def reads_of(people: Completed) -> Callable[[Floats], Floats]:
    """Further columns as what they say beyond the rest."""
    return Basis(people.columns, (), people.further).surprising


def inputs_of(people: Completed) -> Inputs:
    """Columns that enough people know, less their means at age and sex."""
    chosen = tuple(people.columns.index(name) for name in people.learnable)
    bare = Inputs(people.columns, chosen, np.zeros((len(chosen), 4)), np.ones(len(chosen)))
    read = reads_of(people)(people.rows)
    x, values = bare.terms(read), read[:, list(chosen)]
    weighted = x * people.weights[:, None]
    # A cohort of one sex has no line for the other: the shortest of all that fit.
    lines = np.linalg.lstsq(weighted.T @ x, weighted.T @ values, rcond=None)[0].T
    usual = np.asarray(lines, dtype=np.float64)
    for position, name in enumerate(people.learnable):
        if name in ALWAYS_KNOWN:
            usual[position] = [np.average(values[:, position], weights=people.weights), 0, 0, 0]
    away = values - x @ usual.T
    spread = np.sqrt(people.weights @ away**2 / people.weights.sum())
    # What does not vary among these people teaches nothing and must not be enlarged.
    return Inputs(people.columns, chosen, usual, np.where(spread > 1e-6, spread, np.inf))


def _networks(
    people: Completed,
    cause: str,
    held: Collection[str],
    recipe: Mapping[str, Any],
    decays: Sequence[float],
    seeds: Sequence[int],
    best: int,
    under: CoxHazard | None,
) -> list[NeuralHazard]:
    """For each of these decays, in the recipe's order: the likeliest few of several starts."""
    inputs = inputs_of(people)
    reads = reads_of(people)
    read = inputs.values(reads(people.rows))
    all_directions = np.array(directions_of(people, cause, held))
    directions = all_directions[list(inputs.chosen)].astype(np.float64)
    event = people.taught.follow_up[cause].event[people.owners]
    expected = people.weights * people.exposures[cause].expected
    expected = expected * np.exp(f_of(under, people.rows))
    happened = people.weights * event
    due = expected * happened.sum() / expected.sum()
    # Each goes through all the weaker ones, offered or not: what is found does not depend on them.
    way = [decay for decay in recipe["decay"][:0:-1] if decays and decay <= decays[0]]
    with one_thread():
        found = [_settled(read, happened, due, directions, recipe, way, seed) for seed in seeds]
    told = []
    for decay in decays:
        ordered = sorted((each[decay] for each in found), key=lambda one: one[0])
        members = tuple(member for _, member in ordered[:best])
        told.append(NeuralHazard(inputs, members, reads, beside=under))
    return told


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one: sums so short are faster so, and the same on every machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _settled(
    read: Floats,
    happened: Floats,
    due: Floats,
    directions: Floats,
    recipe: Mapping[str, Any],
    way: Sequence[float],
    seed: int,
) -> dict[float, tuple[float, Member]]:
    """Fit one network by a quasi-Newton method, at rising decays, each from where the last ended.

    With each comes what it loses: likelihood and prior together, less the better.

    Parameters
    ----------
    read : ndarray, shape (N, d)
    directions : ndarray, shape (d,)
        Of the inputs.
    way : sequence of float
        Rising decays.
    """
    import torch

    random = np.random.default_rng(seed)
    bends, width = recipe["bends"], read.shape[1]
    first = {
        "gate": np.full(width, FIRST_GATE),
        "line": random.normal(0, FIRST_LINE_SD, width),
        "turn": random.normal(0, FIRST_SD, (width, bends)),
        "start": random.normal(0, FIRST_SD, bends),
        "height": random.normal(0, FIRST_HEIGHT_SD, bends),
    }
    weights = {name: torch.tensor(value, requires_grad=True) for name, value in first.items()}
    u, d, e = torch.tensor(read), torch.tensor(happened), torch.tensor(due)
    sign = torch.tensor(directions)
    is_held = sign != 0
    # Beside the level that the engine takes from people left out.
    level = torch.zeros((), dtype=u.dtype, requires_grad=True)

    def shaped() -> dict[str, Any]:
        """Weights under which f goes as demanded: held inputs turn every bend their own way."""
        gate, height = weights["gate"].abs(), weights["height"]
        line, turn = gate * weights["line"], gate[:, None] * weights["turn"]
        return {
            "line": torch.where(is_held, sign * line.abs(), line),
            "turn": torch.where(is_held[:, None], sign[:, None] * height.sign() * turn.abs(), turn),
            "start": weights["start"],
            "height": height,
        }

    def settle(decay: float, steps: int) -> float:
        optimiser = torch.optim.LBFGS(
            [*weights.values(), level],
            max_iter=steps,
            history_size=HISTORY,
            line_search_fn="strong_wolfe",
        )

        def loss() -> Any:
            optimiser.zero_grad()
            w = shaped()
            bent = torch.tanh(u @ w["turn"] + w["start"]) - torch.tanh(w["start"])
            # A trial step far off must not be infinitely wrong.
            f = (u @ w["line"] + bent @ w["height"] + level).clamp(max=MOST_LOG_RATIO)
            prior = sum(
                (START_PRECISION if name == "start" else decay) * (weight**2).sum()
                for name, weight in weights.items()
            )
            lost = (e * torch.exp(f) - d * f).sum() + prior / 2
            lost.backward()
            return lost

        optimiser.step(loss)  # type: ignore[no-untyped-call]
        return float(loss().detach())

    found = {}
    settle(FIRST_DECAY, recipe["first_steps"])
    for decay in way:
        lost = settle(decay, recipe["steps"])
        with torch.no_grad():
            arrays = {name: weight.numpy().copy() for name, weight in shaped().items()}
        found[decay] = lost, Member(**arrays)
    return found
