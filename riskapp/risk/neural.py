"""A small network's log hazard ratio, in plain arrays: torch fits it, answering does without.

The network is a straight line and a few bends (hyperbolic tangents) on top; several, fitted from
different starts, are averaged, beside a sum of terms where there is one. Its contributions are
path integrals of its slopes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from riskapp.risk.cox import CoxHazard
from riskapp.risk.design_row import ALWAYS_KNOWN, Floats

# Nodes of the path integral: a bend is then integrated to 1e-6 of the log-hazard and better.
NODES = 16
ARRAYS = ("line", "turn", "start", "height")
# Arrays of so many rows at every node stay small.
ROWS_AT_A_TIME = 2048


@dataclass(frozen=True)
class Member:
    """One network of d inputs and h bends: ``u @ line + (tanh(u @ turn + start) - tanh(start)) @
    height``, which is 0 where every input is.

    Attributes
    ----------
    line : ndarray, shape (d,)
    turn : ndarray, shape (d, h)
    start, height : ndarray, shape (h,)
    """

    line: Floats
    turn: Floats
    start: Floats
    height: Floats

    def value(self, inputs: Floats) -> Floats:
        """Shape (n,), of inputs of shape (n, d)."""
        bent = np.tanh(inputs @ self.turn + self.start) - np.tanh(self.start)
        return np.asarray(inputs @ self.line + bent @ self.height)

    def gradient(self, inputs: Floats) -> Floats:
        """By input, shape (n, d)."""
        bent = np.tanh(inputs @ self.turn + self.start)
        return np.asarray(self.line + ((1 - bent**2) * self.height) @ self.turn.T)


@dataclass(frozen=True)
class Inputs:
    """What the network reads of a row: columns less their usual values, in standard deviations.

    Attributes
    ----------
    columns : tuple of str, length p
        Of the rows.
    chosen : tuple of int, length d
        Positions of the columns that are read.
    usual : ndarray, shape (d, 4)
        Mean of each at an age and sex, as a line in one, decades above 70, female and the product
        of the two; of age and sex themselves the mean of all.
    spread : ndarray, shape (d,)
    """

    columns: tuple[str, ...]
    chosen: tuple[int, ...]
    usual: Floats
    spread: Floats

    def values(self, rows: Floats) -> Floats:
        """Shape (n, d), of rows of shape (n, p)."""
        return (rows[:, list(self.chosen)] - self.terms(rows) @ self.usual.T) / self.spread

    def terms(self, rows: Floats) -> Floats:
        """What a usual value depends on, shape (n, 4)."""
        decades = (rows[:, self.columns.index("age_years")] - 70) / 10
        female = rows[:, self.columns.index("female")]
        return np.column_stack([np.ones_like(decades), decades, female, decades * female])


@dataclass(frozen=True)
class NeuralHazard:
    """Log hazard ratio of one cause: the mean of several networks, beside a sum of terms.

    Attributes
    ----------
    reads : callable
        Rows of shape (n, p) -> what the inputs are made of, column by column.
    slope : float
        What the networks' mean is multiplied by, so that people they never saw get the spread of
        risk that came true.
    constant : float
        Taken off, so that on average over the training people's hazard nothing is added.
    beside : CoxHazard, optional
        What the networks were fitted on top of.
    """

    inputs: Inputs
    members: tuple[Member, ...]
    reads: Callable[[Floats], Floats]
    slope: float = 1.0
    constant: float = 0.0
    beside: CoxHazard | None = None

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio, shape (n,), of rows of shape (n, p)."""
        inputs = self.inputs.values(self.reads(rows))
        mean = np.mean([member.value(inputs) for member in self.members], axis=0)
        own = np.asarray(self.slope * mean - self.constant)
        return own if self.beside is None else own + self.beside.log_hazard_ratio(rows)

    def contributions(self, rows: Floats) -> Floats:
        """Aumann-Shapley values of the log hazard ratio, shape (n, p + 1).

        Each row comes from a person of the same age and sex who is usual in everything else, along
        a straight line; each column gets what the slope in its direction adds up to (integrated
        gradients: Sundararajan 2017, ICML 34:3319; Aumann and Shapley 1974, Values of Non-Atomic
        Games). The last column is what such a usual person has; each row sums to the log hazard
        ratio. The terms beside are measured from the same person, and added.
        """
        shares = np.zeros((len(rows), rows.shape[1] + 1))
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            part = slice(start, start + ROWS_AT_A_TIME)
            shares[part, :-1] = self._along_the_line(rows[part])
        if self.beside is not None:
            shares += self.beside.contributions(rows)
            shares[:, -1] = 0.0
        shares[:, -1] = self.log_hazard_ratio(rows) - shares.sum(axis=1)
        return shares

    def _along_the_line(self, rows: Floats) -> Floats:
        inputs = self.inputs.values(self.reads(rows))
        moving = np.array([self.inputs.columns[i] not in ALWAYS_KNOWN for i in self.inputs.chosen])
        still = np.where(moving, 0.0, inputs)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        slopes = np.zeros_like(inputs)
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            at = still + node * (inputs - still)
            slopes += weight * np.mean([member.gradient(at) for member in self.members], axis=0)
        shares = np.zeros(rows.shape)
        shares[:, list(self.inputs.chosen)] = self.slope * slopes * (inputs - still)
        return shares


def neural_hazard(
    blob: bytes,
    columns: tuple[str, ...],
    reads: Callable[[Floats], Floats],
    slope: float,
    constant: float,
) -> NeuralHazard:
    """Read one cause's networks from the bytes of a safetensors file."""
    from safetensors.numpy import load

    arrays = load(blob)
    inputs = Inputs(
        columns, tuple(int(i) for i in arrays["chosen"]), arrays["usual"], arrays["spread"]
    )
    members = tuple(
        Member(**{name: arrays[f"{number}.{name}"] for name in ARRAYS})
        for number in range(sum(name.endswith(".line") for name in arrays))
    )
    return NeuralHazard(inputs, members, reads, slope, constant)


def as_bytes(hazard: NeuralHazard) -> bytes:
    """Weights and what the inputs are measured by, as a safetensors file."""
    from safetensors.numpy import save

    arrays = {
        "usual": hazard.inputs.usual,
        "spread": hazard.inputs.spread,
        "chosen": np.array(hazard.inputs.chosen),
    }
    for number, member in enumerate(hazard.members):
        arrays |= {f"{number}.{name}": getattr(member, name) for name in ARRAYS}
    return bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))
