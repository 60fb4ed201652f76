"""What is known beyond the risk factors, and what it adds to the log-hazards.

``modifier_reading`` makes them from a profile and the data files. Not known is the evidence set's
own average, so the effects average out over the values of each: one answer raises the hazard,
another lowers it, and the mean over people stays. Of doses no shares are held, so theirs are as
published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES, BoneMeasurements

Array = npt.NDArray[np.float64]

ARTHRITIS = "rheumatoid_arthritis"
# Known or not apart from the risk factors.
APART = ("bone", "falls", "diabetes")


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known about a risk factor that is present.

    Attributes
    ----------
    values : mapping of field to float
    knots_years : ndarray
        Times from now.
    log_ratios : mapping of cause to ndarray
        Beside the factor's average effect, at the knots: straight between, level beyond.
    sd : float
        Doubt about it, the same at all times.
    moves : bool
        Whether it makes the factor any other than the average one; a medium dose does not.
    """

    values: Mapping[str, float]
    source: str
    knots_years: Array
    log_ratios: Mapping[str, Array]
    sd: float
    moves: bool = field(init=False)

    def __post_init__(self) -> None:
        moves = any(ratios.any() for ratios in self.log_ratios.values())
        object.__setattr__(self, "moves", moves)

    def log_ratio(self, cause: str, steps_years: Array) -> Array:
        return np.asarray(np.interp(steps_years, self.knots_years, self.log_ratios[cause]))


@dataclass(frozen=True, slots=True)
class Falls:
    """Falls in the last year: recurrent or not."""

    falls: int
    log_ratio: float
    per_doubt: float  # what a doubt of 1 about the effect of recurrent falls adds
    sd: float
    source: str


@dataclass(frozen=True, slots=True)
class Diabetes:
    """Type 2 diabetes: as much as rheumatoid arthritis, where that is not present."""

    years: float
    share: float  # of people of this age and sex who have it
    source: str

    @property
    def present(self) -> bool:
        return self.years > 0

    def log_ratio(self, arthritis: Array, effect: Array) -> Array:
        """Beside the average over people with and without diabetes.

        Parameters
        ----------
        arthritis : ndarray, shape (n,)
            1 where rheumatoid arthritis is present.
        effect : ndarray, shape (steps,)
            Its effect on the log-hazard.

        Returns
        -------
        ndarray, shape (n, steps)
        """
        average = np.log1p(self.share * np.expm1(effect))
        return np.asarray(np.multiply.outer(1 - arthritis, self.present * effect - average))


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Everything known of this kind about one person that counts.

    Attributes
    ----------
    details : mapping of risk factor to Detail
        They come and go with their factor.
    """

    details: Mapping[str, Detail] = field(default_factory=dict)
    falls: Falls | None = None
    diabetes: Diabetes | None = None
    bone: BoneMeasurements | None = None

    @property
    def players(self) -> tuple[str, ...]:
        """Those that can be known or not apart from the risk factors."""
        return tuple(name for name in APART if getattr(self, name) is not None)

    @property
    def described(self) -> frozenset[str]:
        """Risk factors that are not as they are on average, by what is told of them."""
        return frozenset(name for name, detail in self.details.items() if detail.moves)

    @property
    def moved(self) -> tuple[str, ...]:
        """Risk factors beside which something moves the hazards of fractures."""
        described = (name for name, detail in self.details.items() if detail.moves)
        return (*described, *((ARTHRITIS,) if self.diabetes else ()))

    def only(self, players: Sequence[str]) -> "Modifiers":
        """With these players and the details."""
        return Modifiers(
            details=self.details,
            falls=self.falls if "falls" in players else None,
            diabetes=self.diabetes if "diabetes" in players else None,
            bone=self.bone if "bone" in players else None,
        )

    @property
    def used(self) -> tuple[str, ...]:
        """The fields that count, in no order."""
        found = [name for detail in self.details.values() for name in detail.values]
        if self.falls:
            found.append("falls_last_year")
        if self.diabetes:
            found.append("type_2_diabetes_years")
        return (*found, *(self.bone.values if self.bone else ()))

    def beside_factor(
        self, cause: str, factor: str, present: Array, described: Array, effect: Array, steps: Array
    ) -> Array:
        """What goes with one risk factor's answer, shape (n, steps).

        Parameters
        ----------
        present, described : ndarray, shape (n,)
            1 where the factor is present, and where it is present as described.
        effect : ndarray, shape (steps,)
            Of the factor on the log-hazard.
        steps : ndarray, shape (steps,)
            Years from now.
        """
        added = np.zeros((len(present), len(effect)))
        if factor in self.details and cause in FRACTURES:
            beside = self.details[factor].log_ratio(cause, steps)
            # What is known about a risk factor never makes it protect.
            beside = np.maximum(beside, -np.maximum(effect, 0.0))
            added += np.multiply.outer(described, beside)
        if factor == ARTHRITIS and self.diabetes and cause in FRACTURES:
            added += self.diabetes.log_ratio(present, effect)
        return added

    def everywhere(self, cause: str, t_score: Array) -> Array:
        """What goes with the femoral-neck T-score or with nothing, in the shape of ``t_score``."""
        added = np.zeros_like(t_score)
        if cause not in FRACTURES:
            return added
        if self.falls:
            added = added + self.falls.log_ratio
        return added + self.bone.shifts[cause].at(t_score) if self.bone else added


NONE = Modifiers()
