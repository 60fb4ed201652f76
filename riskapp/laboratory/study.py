"""What is judged and how: an outcome, engines, and how much is resampled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riskapp.laboratory.asking import Candidate
from riskapp.laboratory.development import Plan
from riskapp.risk.estimate import Outcome

# Which probability of an engine ranks people for each outcome of a cohort.
RANKED_BY = {
    "hip": (Outcome.HIP, "probability of a hip fracture"),
    "major_osteoporotic": (
        Outcome.MAJOR_OSTEOPOROTIC,
        "probability of a major osteoporotic fracture",
    ),
    "any": (Outcome.MAJOR_OSTEOPOROTIC, "probability of a major osteoporotic fracture"),
}
# Outcomes whose probability an engine gives; of any fracture none does.
LEVEL_COMPARABLE = ("hip", "major_osteoporotic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is judged, and how.

    Attributes
    ----------
    outcome : str
        "hip", "major_osteoporotic" or "any".
    name : str
        Of the cohort, for readers.
    against : str
        Key of the candidate that the others are held against.
    plan : Plan or None
        Of development; None for external validation alone.
    """

    outcome: str
    name: str
    path: Path
    candidates: Sequence[Candidate]
    against: str
    resamples: int
    seed: int
    command: str
    plan: Plan | None = None
