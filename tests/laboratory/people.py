"""A small cohort whose figures can be worked out by hand, and its evaluation."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.laboratory.candidates import evidence_candidates
from riskapp.laboratory.evaluating import evaluate, silent
from riskapp.laboratory.study import Study
from riskapp.risk.bone_density import DxaManufacturer
from riskapp.risk.profile import RiskProfile, Sex
from riskapp.risk.site_columns import SiteColumn

PEOPLE = 240
HOSTILE = "<script>alert('x')</script>"


def small_cohort(*, death: bool = True, column: str = "Grip") -> Cohort:
    """Everybody is followed to ten years or to death, so that shares are plain shares."""
    rng = np.random.default_rng(3)
    age = rng.uniform(60, 88, PEOPLE).round(1)
    t_score = rng.normal(-1.5, 1.0, PEOPLE).round(2)
    female = rng.random(PEOPLE) < 0.7
    smokes = rng.random(PEOPLE) < 0.15
    hazard = 0.02 * np.exp(0.06 * (age - 70) - 0.6 * (t_score + 1.5))
    hip = rng.exponential(1 / hazard)
    died = rng.exponential(1 / (0.03 * np.exp(0.09 * (age - 70))))
    end = np.minimum(died, 10.0)
    known = rng.random(PEOPLE) < 0.8
    profiles = tuple(
        RiskProfile(
            population="gb",
            age_years=float(age[i]),
            sex=Sex.FEMALE if female[i] else Sex.MALE,
            body_mass_index=25.0,
            femoral_neck_t_score=float(t_score[i]),
            dxa_manufacturer=DxaManufacturer.HOLOGIC if i % 2 else None,
            prior_fragility_fracture=False,
            parent_hip_fracture=False,
            current_smoker=bool(smokes[i]) if known[i] else None,
            glucocorticoids=False,
            rheumatoid_arthritis=False,
            secondary_osteoporosis=False,
            alcohol_3_or_more_units_daily=False,
            site_values={"grip": float(20 + i % 7)} if i % 3 else {},
        )
        for i in range(PEOPLE)
    )
    follow_up = {
        "hip": FollowUp(event=hip < end, years=np.minimum(hip, end)),
        "any": FollowUp(event=hip < end, years=np.minimum(hip, end)),
        "death": FollowUp(event=died < 10.0, years=end),
    }
    if not death:
        del follow_up["death"]
    return Cohort(
        profiles=profiles,
        people=np.array([f"p{i}" for i in range(PEOPLE)]),
        follow_up=follow_up,
        site_columns=(SiteColumn(name="grip", label=column, ucum="kg", low=0, high=100),),
        left_out={"age_years": 7, "hip follow-up of no length": 2},
        trained_on="cohort small",
        made_by={},
    )


def evaluated(cohort: Cohort, outcome: str = "hip", name: str = "small.csv") -> dict[str, Any]:
    """Judge the evidence engine on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.csv"
        path.write_text("nothing of it is read", encoding="utf-8")
        study = Study(
            outcome=outcome,
            name=name,
            path=path,
            candidates=evidence_candidates(["gb"], "frax-2008"),
            against="evidence",
            resamples=20,
            seed=1,
            command="evaluate small.csv",
        )
        return evaluate(cohort, study, silent)


@cache
def hip_document() -> dict[str, Any]:
    """Everything that is said of hip fractures."""
    return evaluated(small_cohort())
