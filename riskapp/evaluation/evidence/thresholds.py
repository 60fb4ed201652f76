"""The engine against printed thresholds that are probabilities of one kind of woman."""

import csv
from dataclasses import dataclass
from pathlib import Path

from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import RiskProfile, Sex

AS_FRAX = EstimateOptions(explain=False, interval=False, verdicts=False, unknown_as_no=True)
PRINTED_AS = {Outcome.MAJOR_OSTEOPOROTIC: "mof_pct", Outcome.HIP: "hip_pct"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One printed threshold and the engine's probability of the woman that it stands for."""

    table: str
    age_years: float
    prior_fracture: bool
    outcome: Outcome
    printed: float
    answered: float

    @property
    def ratio(self) -> float:
        return self.answered / self.printed


def compare(path: Path) -> list[Threshold]:
    """Women without bone density and with at most a prior fracture, United Kingdom.

    Parameters
    ----------
    path : Path
        CSV with the columns model, age (a number, or a band such as 50-54, which stands for its
        middle), bmi, crf (none or prior_fracture), mof_pct, hip_pct.

    Raises
    ------
    KeyError, ValueError
        If it is another kind of table.
    """
    engine = EvidenceEngine()
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    found = []
    for row in rows:
        age, prior = _age(row["age"]), row["crf"] == "prior_fracture"
        if age > RANGES["age_years"].high:
            continue
        profile = RiskProfile(
            population="gb",
            age_years=age,
            sex=Sex.FEMALE,
            body_mass_index=float(row["bmi"]),
            prior_fragility_fracture=prior,
        )
        answer = engine.estimate(profile, AS_FRAX).outcomes
        found += [
            Threshold(
                table=row["model"],
                age_years=age,
                prior_fracture=prior,
                outcome=outcome,
                printed=float(row[column]) / 100,
                answered=answer[outcome].probability_10y,
            )
            for outcome, column in PRINTED_AS.items()
            if row[column]
        ]
    return found


def _age(printed: str) -> float:
    first, _, last = printed.partition("-")
    return (float(first) + float(last) + 1) / 2 if last else float(first)
