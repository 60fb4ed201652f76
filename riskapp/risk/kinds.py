"""Kinds of people: whose answers are alike but for numbers that nothing is said about.

What is said beside an answer rests on which questions are answered, on some of the answers, and on
which side of a few borders a number lies. People for whom all of that is the same are of one kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, nextafter
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.bone_density import DxaManufacturer
from riskapp.risk.limits import RANGES
from riskapp.risk.modifier_reading import recency_counts_at, stored
from riskapp.risk.modifier_words import ROUNDING
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, Treatment
from riskapp.risk.remarks import RECENT_FRACTURE_MONTHS

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

AGE, WEIGHT, HEIGHT = "age_years", "weight_kg", "height_cm"
BMI, T_SCORE = "body_mass_index", "femoral_neck_t_score"
# What may differ among people of one kind; all else that is asked makes a kind of its own.
NUMBERS = (*RANGES, *FACTORS)
# Risk factors without which something else that is answered does not count, and that is said.
TELLING_FACTORS = ("prior_fragility_fracture", "glucocorticoids")
# Of these something is said only where they do not count, which is without the risk factor.
SILENT_BESIDE = {
    "glucocorticoid_dose_mg_daily": "glucocorticoids",
    "prior_fracture_months_ago": "prior_fragility_fracture",
}
ABOVE_NONE = nextafter(0.0, inf)


@dataclass(frozen=True, slots=True)
class People:
    """n people of some kinds.

    Attributes
    ----------
    kinds : ndarray of int, shape (n,)
        Positions among the kinds.
    columns : mapping of field to ndarray, shape (n,)
        Of ``NUMBERS``, those that somebody answered; NaN where not known, risk factors 1 or 0.
        The body mass index is the one that counts.
    """

    kinds: Positions
    columns: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.kinds)

    def column(self, name: str) -> Floats:
        """One of ``NUMBERS``; NaN where nobody answered it."""
        found = self.columns.get(name)
        return np.full(len(self), np.nan) if found is None else found

    def chosen(self, which: Flags | Positions) -> "People":
        """Some of them."""
        few = {name: values[which] for name, values in self.columns.items()}
        return People(self.kinds[which], few)

    def known_as_no(self, names: Sequence[str]) -> "People":
        """With what is not known of these taken as no."""
        return self.having(**{name: np.nan_to_num(self.column(name)) for name in names})

    def having(self, **columns: Floats) -> "People":
        """With other numbers in some columns."""
        return replace(self, columns={**self.columns, **columns})


@dataclass(frozen=True, slots=True)
class Kind:
    """What people of one kind have in common.

    Attributes
    ----------
    population, sex : str
    made_by : DxaManufacturer or None
        Whose scale bone densities are on.
    counts : frozenset of str
        The fields beside the risk factors that move the hazards (``Modifiers.used``).
    warnings : tuple of str
        As in ``RiskEstimate``.
    either : pair of tuple of str
        By a learned engine: of those whose values together are like those of the people it was
        trained on, and of those whose are not.
    """

    population: str
    sex: str
    made_by: DxaManufacturer | None
    counts: frozenset[str]
    warnings: tuple[str, ...]
    either: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def borders() -> dict[str, tuple[float, ...]]:
    """Values of a number, rising, from each of which on something else is said."""
    ages = {
        one.hip_incidence.from_age_years
        for one in map(population, published.names("populations"))
        if one.hip_incidence is not None
    }
    dose, falls = stored("glucocorticoid-dose"), stored("falls")
    found: dict[str, tuple[float, ...]] = {
        AGE: tuple(sorted(ages)),
        "number_of_prior_fractures": (1, 2),
        "prior_fracture_months_ago": (nextafter(RECENT_FRACTURE_MONTHS, inf),),
        "glucocorticoid_dose_mg_daily": (
            ABOVE_NONE,
            dose["low_below_mg_daily"],
            dose["high_from_mg_daily"],
        ),
    }
    return found if falls["on"] else found | {"falls_last_year": (falls["recurrent_from"],)}


def valid_bodies() -> dict[str, tuple[float, float]]:
    """Measurements that count only from one body mass index to another, kg/m2."""
    table = stored("bone-measurements")["valid_body_mass_index"]
    return {name: (row["from_kg_m2"], row["to_kg_m2"]) for name, row in table.items()}


def beside(bmi_kg_m2: Floats, ends: tuple[float, float]) -> tuple[Flags, Flags]:
    """Whether body mass indexes lie outside two ends, and whether that is sure."""
    low, high = ends
    near = (np.abs(bmi_kg_m2 - low) < ROUNDING) | (np.abs(bmi_kg_m2 - high) < ROUNDING)
    return (bmi_kg_m2 < low) | (bmi_kg_m2 > high), ~near


def told_apart(name: str, answer: Any) -> object:
    """What of an answer that is no number tells kinds apart."""
    if name == "prior_fracture_site":
        return recency_counts_at(answer)
    if name == "osteoporosis_treatment":
        return answer is Treatment.NONE
    return None if name == "postmenopausal" else answer


def grouped(keys: Sequence[Any], of: Positions) -> list[tuple[Any, Positions]]:
    """Positions of those who have the same key.

    Parameters
    ----------
    keys : sequence of hashable
        One of each kind.
    of : ndarray of int, shape (n,)
        Kinds.
    """
    different = {key: at for at, key in enumerate(dict.fromkeys(keys))}
    group = np.array([different[key] for key in keys], dtype=np.intp)[of]
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(different)))
    parts = zip(different, np.split(order, ends[:-1]), strict=True) if different else ()
    return [(key, part) for key, part in parts if len(part)]
