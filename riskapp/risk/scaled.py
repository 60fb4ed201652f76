"""A learned log hazard ratio times a factor, as recalibration has it where it was too wide."""

from dataclasses import dataclass

from riskapp.risk.design_row import Floats
from riskapp.risk.learned_model import CauseHazard


@dataclass(frozen=True, slots=True)
class ScaledHazard:
    """Another hazard times ``slope``: 0 leaves the evidence alone, 1 changes nothing."""

    whole: CauseHazard
    slope: float

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        return self.slope * self.whole.log_hazard_ratio(rows)

    def contributions(self, rows: Floats) -> Floats:
        return self.slope * self.whole.contributions(rows)
