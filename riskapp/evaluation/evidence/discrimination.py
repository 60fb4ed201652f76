"""How well the evidence engine ranks people who were followed until they fractured."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import course
from riskapp.risk.bone_density import DxaManufacturer
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import RiskProfile, Sex

Array = npt.NDArray[np.float64]

HORIZON_YEARS = 10.0
POINT = EstimateOptions(explain=False, interval=False, verdicts=False)
# For "any fracture" the probability of a major one stands in: the engine gives no other.
OUTCOMES = {"hip": Outcome.HIP, "any": Outcome.MAJOR_OSTEOPOROTIC}


@dataclass(frozen=True, slots=True)
class Discrimination:
    """Harrell's C of one summary for one kind of fracture."""

    fracture: str
    summary: str
    people: int
    events: int
    c: float


def cohort_concordance(path: Path, population: str) -> list[Discrimination]:
    """A cohort with age, sex, body mass index and femoral-neck density; nothing is fitted to it.

    Columns: age, sex, bmi, fn_bmd (GE Lunar, g/cm2), and for hip and any: ``_event``,
    ``_time_y``. People without density or body mass index are left out; all else is not known.

    Raises
    ------
    KeyError
        If a column is absent.
    """
    table = pd.read_csv(path).dropna(subset=["fn_bmd", "bmi"])
    profiles = [
        RiskProfile(
            population=population,
            age_years=min(float(row["age"]), RANGES["age_years"].high),
            sex=Sex(row["sex"]),
            body_mass_index=float(row["bmi"]),
            femoral_neck_bmd_g_cm2=float(row["fn_bmd"]),
            dxa_manufacturer=DxaManufacturer.GE_LUNAR,
        )
        for row in table.to_dict("records")
    ]
    curves = _curves(profiles)
    found = []
    for fracture, outcome in OUTCOMES.items():
        years = table[f"{fracture}_time_y"].to_numpy(dtype=np.float64)
        event = table[f"{fracture}_event"].to_numpy() == 1
        in_ten, in_one = curves[outcome][:, -1], curves[outcome][:, 0]
        for summary, predicted, horizon in (
            ("10-year probability", in_ten, np.inf),
            ("10-year probability, follow-up cut at 10 years", in_ten, HORIZON_YEARS),
            ("1-year probability", in_one, np.inf),
        ):
            counted = int((event & (years <= horizon)).sum())
            seen = course(FollowUp(event=event, years=years))
            c = harrell(predicted, seen, horizon).c
            found.append(Discrimination(fracture, summary, len(table), counted, c))
    return found


def one_year_concordance(path: Path, population: str) -> Discrimination:
    """Women of whom it is known whether they fractured within a year, without bone density.

    Columns, separated by tabs: AGE, BMI, PRIORFRAC, MOMFRAC, SMOKE, FRACTURE. A mother without a
    hip fracture leaves the father's unknown.

    Raises
    ------
    KeyError
        If a column is absent.
    """
    table = pd.read_csv(path, sep="\t")
    profiles = [
        RiskProfile(
            population=population,
            age_years=float(row["AGE"]),
            sex=Sex.FEMALE,
            body_mass_index=float(row["BMI"]),
            prior_fragility_fracture=bool(row["PRIORFRAC"]),
            parent_hip_fracture=True if row["MOMFRAC"] else None,
            current_smoker=bool(row["SMOKE"]),
        )
        for row in table.to_dict("records")
    ]
    fractured = table["FRACTURE"].to_numpy() == 1
    predicted = _curves(profiles)[Outcome.MAJOR_OSTEOPOROTIC][:, -1]
    c = harrell(predicted, course(FollowUp(event=fractured, years=np.ones(len(table))))).c
    return Discrimination("any", "10-year probability", len(table), int(fractured.sum()), c)


def _curves(profiles: list[RiskProfile]) -> dict[Outcome, Array]:
    """Probabilities within 1 to 10 years, shape (people, years)."""
    engine = EvidenceEngine()
    answers = [engine.estimate(profile, POINT).outcomes for profile in profiles]
    return {
        outcome: np.array([[p for _, p in answer[outcome].curve] for answer in answers])
        for outcome in Outcome
    }
