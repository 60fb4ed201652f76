"""Made-up cohorts: quick to make, with hazards that rise with age and fall with bone density."""

from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_from

END = 12.0


def made_up(people: int = 1500, seed: int = 1) -> pd.DataFrame:
    """People with a time for each outcome; a wrist fracture does not end the wait for a hip one."""
    rng = np.random.default_rng(seed)
    age = np.round(rng.uniform(55, 89, people), 1)
    t = np.round(-1.0 - 0.04 * (age - 70) + rng.normal(0, 1, people), 2)
    end = np.round(np.minimum(rng.uniform(4, 16, people), END), 3)

    def due(per_year: float, by_age: float, by_t: float) -> Any:
        rate = per_year * np.exp(by_age * (age - 70) - by_t * (t + 1))
        return np.round(rng.exponential(1 / rate), 3) + 0.001

    died = due(0.02, 0.09, 0.0)
    stop = np.minimum(end, died)
    hip, other, wrist = due(0.004, 0.08, 0.9), due(0.012, 0.03, 0.4), due(0.01, 0.01, 0.3)
    when = {
        "hip": hip,
        "major": np.minimum(hip, other),
        "any": np.minimum(np.minimum(hip, other), wrist),
        "death": died,
    }
    follow_up: dict[str, Any] = {}
    for outcome, at in when.items():
        follow_up[f"{outcome}_event"] = at <= (end if outcome == "death" else stop)
        follow_up[f"{outcome}_time_years"] = np.minimum(at, stop)
    return pd.DataFrame(
        {
            "id": [f"p{number}" for number in range(people)],
            "population": "gb",
            "age_years": age,
            "sex": np.where(rng.random(people) < 0.6, "female", "male"),
            "body_mass_index": np.round(rng.normal(26, 4, people).clip(15, 45), 1),
            "femoral_neck_t_score": t,
            "prior_fragility_fracture": rng.random(people) < 0.2,
            "strength": np.round(30 - 0.4 * (age - 70) + 2 * t + rng.normal(0, 8, people), 1),
            **follow_up,
        }
    )


STRENGTH = {"name": "strength", "unit": "kg", "low": -50, "high": 150}


def read(table: pd.DataFrame, *columns: str, **told: Any) -> Cohort:
    """Read a table of which some columns are declared."""
    declared = [STRENGTH, *({"name": name} for name in columns)]
    schema = schema_from({"columns": declared, **told}, "made-up.json")
    return cohort_from(table, name="made-up", schema=schema)


PEOPLE = made_up(400)


def changed(row: int = 7, **cells: Any) -> pd.DataFrame:
    """``PEOPLE``, of whom one has other cells."""
    table = PEOPLE.copy()
    for name, value in cells.items():
        table[name] = table[name].astype(object) if name in table else None
        table.loc[row, name] = value
    return table
