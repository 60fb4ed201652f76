"""Cause-specific hazards by a small network on top of a Cox regression beside the evidence.

The likelihood is that of events counted over what evidence and regression expect, constant in time
(a piecewise exponential network: Kvamme and Borgan 2021, Lifetime Data Anal 27:710,
doi:10.1007/s10985-021-09532-6, here with one piece and the evidence's shape in time). A normal
prior on every weight draws the network to 0, which is the regression; how strongly, people decide
who were left out, and without many events no weak prior is offered to them. torch is imported when
a network is fitted, and nowhere else.
"""

from collections.abc import Callable, Collection, Mapping
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
    "folds": 3,
    "decay": [HELD, 1000.0, 300.0, 100.0, 30.0],
    # Least product of decay and events. In simulated cohorts of 400 to 1,200 people in which the
    # evidence is right, two of its effects are wrong or a site column matters, 30 to 72 events lost
    # up to 0.0127 of the area to a network of less. With this, with the standard error that
    # ``cautious`` takes off and with no slope above 1, the most was 0.0017 and the mean 0.00003.
    "decay_by_events": 12_000.0,
    # With fewer events a network can tell nobody from anybody: f is 0.
    "least_events": 20,
    "bends": 12,
    "steps": 40,
    # Networks that are averaged in the end; while choosing one is enough.
    "networks": 5,
}
# Of the weights before the first step: small, so that the network begins as nearly nothing.
FIRST_SD = 0.3


def fit_neural(people: Completed, cause: str, recipe: dict[str, Any], seed: int) -> LearnedCause:
    """Fit one cause."""
    if people.taught.follow_up[cause].event.sum() < recipe["least_events"]:
        return LearnedCause(hazard=None, unseen=np.zeros(len(people.rows)), chosen={"networks": 0})
    decays = offered(recipe, int(people.taught.follow_up[cause].event.sum()))
    held: tuple[str, ...] = () if recipe["anchored"] else tuple(DEMANDED)

    def fit(some: Completed, rows: Floats) -> Floats:
        below = beside(some, cause, recipe)
        bare = [_network(some, cause, held, recipe, decay, [seed], below) for decay in decays[1:]]
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
    seeds = list(range(seed, seed + recipe["networks"]))

    def whole() -> NeuralHazard:
        networks = _network(people, cause, held, recipe, decays[pick], seeds, under)
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
        chosen={"networks": len(seeds), "decay": decays[pick], "slope": round(factor, 3)},
    )


def offered(recipe: Mapping[str, Any], events: int) -> list[float]:
    """How strongly weights may be held where there are so many events; none of it comes first."""
    least = recipe["decay_by_events"] / max(1, events)
    return [decay for decay in recipe["decay"] if decay >= min(HELD, least)]


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


def _network(
    people: Completed,
    cause: str,
    held: Collection[str],
    recipe: Mapping[str, Any],
    decay: float,
    seeds: list[int],
    under: CoxHazard | None,
) -> NeuralHazard:
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
    members = tuple(_member(read, happened, due, directions, recipe, decay, seed) for seed in seeds)
    return NeuralHazard(inputs, members, reads, beside=under)


def _member(
    read: Floats,
    happened: Floats,
    due: Floats,
    directions: Floats,
    recipe: Mapping[str, Any],
    decay: float,
    seed: int,
) -> Member:
    """Fit one network by a quasi-Newton method; ``directions`` are those of its inputs."""
    import torch

    random = np.random.default_rng(seed)
    bends, width = recipe["bends"], read.shape[1]
    first = {
        "line": random.normal(0, FIRST_SD / 10, width),
        "turn": random.normal(0, FIRST_SD, (width, bends)),
        "start": random.normal(0, FIRST_SD, bends),
        "height": random.normal(0, FIRST_SD, bends),
    }
    weights = {name: torch.tensor(value, requires_grad=True) for name, value in first.items()}
    u, d, e = torch.tensor(read), torch.tensor(happened), torch.tensor(due)
    sign = torch.tensor(directions)
    # Beside the level that the engine takes from people left out.
    level = torch.zeros((), dtype=u.dtype, requires_grad=True)

    def shaped() -> dict[str, Any]:
        """Weights under which f goes as demanded: held inputs turn every bend their own way."""
        line, turn, height = weights["line"], weights["turn"], weights["height"]
        is_held = sign != 0
        return {
            "line": torch.where(is_held, sign * line.abs(), line),
            "turn": torch.where(is_held[:, None], sign[:, None] * height.sign() * turn.abs(), turn),
            "start": weights["start"],
            "height": height,
        }

    optimiser = torch.optim.LBFGS(
        [*weights.values(), level], max_iter=recipe["steps"], line_search_fn="strong_wolfe"
    )

    def loss() -> Any:
        optimiser.zero_grad()
        w = shaped()
        bent = torch.tanh(u @ w["turn"] + w["start"]) - torch.tanh(w["start"])
        f = u @ w["line"] + bent @ w["height"] + level
        prior = sum((weight**2).sum() for weight in weights.values())
        lost = (e * torch.exp(f) - d * f).sum() + decay / 2 * prior
        lost.backward()
        return lost

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return Member(**{name: weight.numpy().copy() for name, weight in shaped().items()})
