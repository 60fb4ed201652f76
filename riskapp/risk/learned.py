"""Engines learned from a cohort: hazards of hip, other major fracture and death -> an estimate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskapp.risk import drawing
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.design_row import ALWAYS_KNOWN, COLUMNS, Floats, known_values, rows
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import (
    Cause,
    Contribution,
    EstimateOptions,
    Explanation,
    Interval,
    Outcome,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.image_features import ImageFeatures
from riskapp.risk.profile import FACTORS, RiskProfile, with_unknown_as_no
from riskapp.risk.remarks import USED_BESIDE_A_ROW, remarks

DEATH = "death"
HAZARDS = (Cause.HIP.value, Cause.OTHER_MAJOR_OSTEOPOROTIC.value, DEATH)
# Draws of what is not known: the standard error of a mean probability is then 4 % of the spread
# of the draws, and the seed is fixed, so one answer changed moves the number by its own effect.
COMPLETIONS = 512
# Draws of the coefficients, and the completions each is paired with, for the interval.
COEFFICIENT_DRAWS, PAIRED_COMPLETIONS = 120, 128
SEED = 20261120


class CauseHazard(Protocol):
    """What is learned about one cause."""

    def log_hazard_ratio(self, rows: Floats) -> Floats: ...

    def contributions(self, rows: Floats) -> Floats: ...


DrawnRatios = Callable[[Floats, int, np.random.Generator], Floats]


@dataclass(frozen=True, kw_only=True)
class LearnedEngine:
    """One learned engine, ready to answer.

    Attributes
    ----------
    columns : tuple of str, length p
        Of the rows that the hazards read.
    hazards : dict of cause ("hip", "other_major_osteoporotic", "death") to CauseHazard
    baseline_per_year : dict of cause to ndarray, shape (10,)
        Baseline hazard in each year of follow-up; constant within the year.
    drawn : dict of cause to callable, or None
        Log hazard ratios (draws, n) under the uncertainty of the parameters; None where the
        engine knows nothing of it, and then no interval over parameters is given.
    seen : dict of column to (lower, upper)
        0.1st to 99.9th percentile among the training people; beyond it a warning is given.
    """

    name: str
    model_id: str
    trained_on: str
    population: str
    age_years: tuple[float, float]
    columns: tuple[str, ...]
    hazards: Mapping[str, CauseHazard]
    baseline_per_year: Mapping[str, Floats]
    image_features: ImageFeatures
    seen: Mapping[str, tuple[float, float]]
    drawn: Mapping[str, DrawnRatios] | None = None

    def estimate(self, profile: RiskProfile, options: EstimateOptions) -> RiskEstimate:
        """Answer about one person.

        Raises
        ------
        OutsideModelRange
            If nobody like this person (age, population) was among those trained on.
        """
        self._refuse_strangers(profile)
        given = profile
        if options.unknown_as_no:
            profile = with_unknown_as_no(profile)
        known = known_values(profile)
        unknown = self._unknown(known)
        completed = self.completed_rows(profile)
        outcomes = self._outcomes(completed, bool(unknown), options)
        return RiskEstimate(
            engine=self.name,
            model_id=self.model_id,
            evidence_set="",  # its hazards are learned; no published calibration answers
            population=profile.population,
            trained_on=self.trained_on,
            outcomes=outcomes,
            explanation=self._explanation(completed, known, unknown) if options.explain else None,
            unknown=self._unknown(known_values(given)),
            warnings=self._warnings(given, options, known),
        )

    def completed_rows(self, profile: RiskProfile) -> Floats:
        """Equally weighted rows, shape (n, p), drawn given what is known; one if all is known."""
        known = known_values(profile)
        if all(name in known for name in self.columns):
            return np.array([[known[name] for name in self.columns]], dtype=np.float64)
        drawn = drawing.completions(profile, COMPLETIONS, SEED)
        rng = np.random.default_rng(SEED)
        return rows(self.image_features.complete(drawn, known, rng), self.columns)

    def probabilities(self, completed: Floats) -> dict[Outcome, Floats]:
        """Cumulative incidence by the end of years 1 to 10, shape (n, 10), of rows (n, p)."""
        return self._cumulative_incidence(
            {cause: self.hazards[cause].log_hazard_ratio(completed) for cause in HAZARDS}
        )

    def _unknown(self, known: Mapping[str, float]) -> tuple[str, ...]:
        return tuple(COLUMNS[name].field for name in self.columns if name not in known)

    def _refuse_strangers(self, profile: RiskProfile) -> None:
        if profile.population != self.population:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people of population {self.population} "
                f"only and cannot speak about {profile.population}."
            )
        youngest, oldest = self.age_years
        if not youngest <= profile.age_years <= oldest:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people aged {youngest:g} to {oldest:g} "
                f"and cannot speak about age {profile.age_years:g}."
            )

    def _cumulative_incidence(self, ratios: Mapping[str, Floats]) -> dict[Outcome, Floats]:
        """Probabilities by the end of each year, shape (..., 10), from ratios of shape (...)."""
        hazard = {
            cause: np.exp(ratio)[..., None] * self.baseline_per_year[cause]
            for cause, ratio in ratios.items()
        }
        hip, death = hazard[Cause.HIP], hazard[DEATH]
        major = hip + hazard[Cause.OTHER_MAJOR_OSTEOPOROTIC]
        return {
            Outcome.MAJOR_OSTEOPOROTIC: cumulative_incidence(major, death, 1.0),
            Outcome.HIP: cumulative_incidence(hip, death, 1.0),
        }

    def _outcomes(
        self,
        completed: Floats,
        any_unknown: bool,
        options: EstimateOptions,
    ) -> dict[Outcome, OutcomeEstimate]:
        drawn = self._drawn_probabilities(completed) if options.interval else None
        outcomes = {}
        for outcome, curve in self.probabilities(completed).items():
            mean = np.clip(curve.mean(axis=0), 0.0, 1.0)
            joint = model = unknown = None
            if options.interval and any_unknown:
                unknown = _interval(curve[:, -1])
            if drawn is not None:
                moved = drawn[outcome].mean(axis=1) - curve[:: _stride(completed), -1].mean()
                joint, model = _interval(drawn[outcome]), _interval(mean[-1] + moved)
            outcomes[outcome] = OutcomeEstimate(
                probability_10y=float(mean[-1]),
                curve=tuple((year, float(p)) for year, p in enumerate(mean, start=1)),
                interval_95=joint,
                interval_95_model=model,
                interval_95_unknown=unknown,
            )
        return outcomes

    def _drawn_probabilities(self, completed: Floats) -> dict[Outcome, Floats] | None:
        """Ten-year probabilities, shape (draws, completions), or None."""
        if self.drawn is None:
            return None
        rng = np.random.default_rng(SEED)
        paired = completed[:: _stride(completed)]
        ratios = {cause: self.drawn[cause](paired, COEFFICIENT_DRAWS, rng) for cause in HAZARDS}
        curves = self._cumulative_incidence(ratios)
        return {outcome: curve[..., -1] for outcome, curve in curves.items()}

    def _explanation(
        self, completed: Floats, known: Mapping[str, float], unknown: tuple[str, ...]
    ) -> Explanation:
        players = [name for name in self.columns if name in known and name not in ALWAYS_KNOWN]
        shares = {
            cause: self.hazards[cause].contributions(completed).mean(axis=0) for cause in Cause
        }
        baseline = {}
        for cause in Cause:
            played = sum(shares[cause][self.columns.index(name)] for name in players)
            present = np.log(self.baseline_per_year[cause][0])
            baseline[cause] = float(present + shares[cause].sum() - played)
        return Explanation(
            baseline=None,
            baseline_log_hazard=baseline,
            baseline_means=_baseline_means(unknown),
            contributions=tuple(
                Contribution(
                    field=COLUMNS[name].field,
                    value=bool(known[name]) if name in FACTORS else known[name],
                    unit=COLUMNS[name].ucum,
                    log_hazard={
                        cause: float(shares[cause][self.columns.index(name)]) for cause in Cause
                    },
                    probability=None,
                    source=self.model_id,
                )
                for name in players
            ),
        )

    def _warnings(
        self, profile: RiskProfile, options: EstimateOptions, known: Mapping[str, float]
    ) -> tuple[str, ...]:
        warnings = []
        if self.trained_on == "simulated":
            warnings.append(
                f"The engine {self.name} was trained on simulated people; "
                "its number is a demonstration, not evidence."
            )
        used = (*(COLUMNS[name].field for name in self.columns), *USED_BESIDE_A_ROW)
        warnings += remarks(profile, options, used, f"the engine {self.name}")
        for name, (lower, upper) in self.seen.items():
            if name in known and not lower <= known[name] <= upper:
                warnings.append(
                    f"{COLUMNS[name].field} is {known[name]:g}; the people that {self.name} was "
                    f"trained on ranged from {lower:.3g} to {upper:.3g}."
                )
        return tuple(warnings)


def _stride(completed: Floats) -> int:
    # Completions carry no order, so every k-th of them is as good a sample as any.
    return max(1, len(completed) // PAIRED_COMPLETIONS)


def _interval(probabilities: Floats) -> Interval:
    lower, upper = np.quantile(probabilities, [0.025, 0.975])
    return Interval(float(np.clip(lower, 0.0, 1.0)), float(np.clip(upper, 0.0, 1.0)))


def _baseline_means(unknown: tuple[str, ...]) -> str:
    folded = f", and what is not known ({', '.join(unknown)}) averaged over" if unknown else ""
    return (
        "Log-hazard in the first year of the people this engine was trained on, moved by this "
        f"person's age and sex{folded}."
    )
