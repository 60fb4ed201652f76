"""Published and collected results of FRAX as cases that a calibration follows."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from riskapp.risk.profile import FACTORS

Factors = frozenset[str]
NOTHING: Factors = frozenset()

# The short names of risk factors in the table of published cases.
PUBLISHED_FACTORS = {
    "none": None,
    "prior_fracture": "prior_fragility_fracture",
    "parental_hip": "parent_hip_fracture",
    "smoking": "current_smoker",
    "glucocorticoid": "glucocorticoids",
    "RA": "rheumatoid_arthritis",
    "alcohol": "alcohol_3_or_more_units_daily",
}
# The columns of the collected profiles. Secondary osteoporosis does nothing once BMD is given.
PROFILE_FACTORS = {
    "previousFracture": "prior_fragility_fracture",
    "parentFracturedHip": "parent_hip_fracture",
    "smoking": "current_smoker",
    "glucocorticoids": "glucocorticoids",
    "rheumatoidArthritis": "rheumatoid_arthritis",
    "alcohol": "alcohol_3_or_more_units_daily",
}
PROFILE_GROUPS = {
    "US (Caucasian)": "us-white",
    "US (Black)": "us-black",
    "US (Hispanic)": "us-hispanic",
    "US (Asian)": "us-asian",
}
CHART_POPULATIONS = {
    "china": "cn",
    "hong kong": "hk",
    "japan": "jp",
    "south korea": "kr",
    "taiwan": "tw",
    "thailand": "th",
}
# The charts count these six; secondary osteoporosis is not among them.
CHART_FACTORS = tuple(name for name in FACTORS if name != "secondary_osteoporosis")

# Where a result was found: decides how closely it is followed.
PUBLISHED, PROFILE, CHART, LATER_RELEASE = "published", "profile", "chart", "later release"
# What the model is not asked to follow more closely than, relative to the printed probability.
SLACK = {PUBLISHED: 0.01, PROFILE: 0.02, CHART: 0.02, LATER_RELEASE: 0.03}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One result of FRAX; probabilities in [0, 1] with half the width of their rounding.

    Attributes
    ----------
    factors : tuple of frozenset of str
        Risk factors present. A chart says only how many: its result is the mean over every
        choice of that many.
    group : str
        Cases that are left out together.
    """

    source: str
    table: str
    population: str
    sex: str
    age_years: float
    bmi_kg_m2: float
    factors: tuple[Factors, ...]
    t_score: float | None
    group: str
    major: float | None
    major_half_width: float
    hip: float | None
    hip_half_width: float

    def printed(self, outcome: str) -> float | None:
        return self.hip if outcome == "hip" else self.major

    @property
    def slack(self) -> float:
        return SLACK[self.source]


def published_cases(path: Path) -> Iterator[Case]:
    """FRAX UK 2008, and from later UK releases what gives the shape up to age 50.

    That is women below 50, and hip fracture at 50, which the tables of 2008 print as "0.2".
    """
    for row in _rows(path):
        later = row["model"].startswith("UK (FRAX v") and row["age"] in ("40", "45")
        if row["model"].startswith("UK (FRAX v4") and row["age"] == "50":
            later, row = True, {**row, "mof_pct": ""}
        if row["model"] != "UK (FRAX 2008)" and not later:
            continue
        factor = PUBLISHED_FACTORS[row["crf"]]
        t_score = float(row["fn_tscore"]) if row["fn_tscore"] else None
        what = str(factor) if t_score is None else f"T {t_score:g}"
        major, major_half = _percent(row["mof_pct"])
        hip, hip_half = _percent(row["hip_pct"])
        source = LATER_RELEASE if later else PUBLISHED
        yield Case(
            source=source,
            table=source if later else ("gb, factor" if t_score is None else "gb, T-score"),
            population="gb",
            sex=row["sex"],
            age_years=float(row["age"]),
            bmi_kg_m2=float(row["bmi"]),
            factors=(NOTHING if factor is None else frozenset({factor}),),
            t_score=t_score,
            group=f"{row['sex']}, {what}",
            major=major,
            major_half_width=major_half,
            hip=hip,
            hip_half_width=hip_half,
        )


def profile_cases(path: Path) -> Iterator[Case]:
    """Results for individual people with BMD; those marked as anomalous are left out."""
    for row in _rows(path):
        if row["anomalous"] == "true":
            continue
        population = PROFILE_GROUPS[row["us_group"]]
        major, major_half = _percent(row["mof_risk"], figures=2)
        hip, hip_half = _percent(row["hip_risk"], figures=2)
        sex = "female" if row["sex_female"] == "1" else "male"
        yield Case(
            source=PROFILE,
            table=f"{population}, profile",
            population=population,
            sex=sex,
            age_years=float(row["age"]),
            bmi_kg_m2=float(row["bmi"]),
            factors=(frozenset(name for key, name in PROFILE_FACTORS.items() if row[key] == "1"),),
            t_score=float(row["t_score"]),
            # The same person was asked about as a member of several groups.
            group=f"person {sex} {row['age']} {row['bmi']} {row['t_score']}",
            major=major,
            major_half_width=major_half,
            hip=hip,
            hip_half_width=hip_half,
        )


def chart_cases(path: Path) -> Iterator[Case]:
    """Charts by number of risk factors: women, body mass index 25.

    Parts of the Hispanic columns of major fracture repeat other columns: they are left out.
    """
    for row in _rows(path):
        population = CHART_POPULATIONS.get(row["population"], row["population"])
        count = int(row["risk_factor_count"])
        hip, hip_half = _percent(100 * float(row["hip_10y"]), figures=2)
        major, major_half = _percent(100 * float(row["major_osteoporotic_10y"]), figures=2)
        yield Case(
            source=CHART,
            table=f"{population}, chart",
            population=population,
            sex=row["sex"],
            age_years=float(row["age_years"]),
            bmi_kg_m2=float(row["body_mass_index"]),
            factors=tuple(frozenset(chosen) for chosen in combinations(CHART_FACTORS, count)),
            t_score=float(row["femoral_neck_t_score"]),
            group=f"chart, {count} factors",
            major=None if population == "us-hispanic" else major,
            major_half_width=major_half,
            hip=hip,
            hip_half_width=hip_half,
        )


def _rows(path: Path) -> Iterable[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _percent(text: str | float, figures: int | None = None) -> tuple[float | None, float]:
    """A printed percentage as a fraction, with half the width of what it was rounded to.

    ``figures``: significant figures where the digits are not kept in the text; FRAX prints one
    decimal at most.
    """
    if text == "":
        return None, 0.0
    if isinstance(text, str) and text.startswith("<"):
        # "<0.1" says between 0 and 0.1: the middle, give or take half.
        limit = float(text[1:]) / 100
        return limit / 2, limit / 2
    value = float(text)
    if figures is None:
        decimals = len(str(text).partition(".")[2])
    else:
        whole = math.floor(math.log10(value)) + 1 if value > 0 else 0
        decimals = min(1, max(0, figures - whole))
    return value / 100, 0.5 * 10.0 ** -(decimals + 2)
