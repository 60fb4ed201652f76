"""A population answers from its published hip fractures alone; adding one is one data file."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import bases, evidence_sets, populations, published
from riskapp.risk.bases import Made, how_made
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import BASE_KNOTS_YEARS
from riskapp.risk.matching import mean_log_hazards
from riskapp.risk.populations import HipIncidence, population
from riskapp.risk.profile import FACTORS

POINT = EstimateOptions(explain=False, interval=False)
SEXES = ("female", "male")


def answered(
    code: str, sex: str, age: float, evidence_set: str = "frax-2008", **more: object
) -> dict[str, float]:
    who = {"population": code, "age_years": age, "sex": sex, **more}
    options = replace(POINT, evidence_set=evidence_set)
    found = EvidenceEngine(evidence_set).estimate(read_profile(who).profile, options).outcomes
    return {
        "hip_1y": found[Outcome.HIP].curve[0][1],
        "hip": found[Outcome.HIP].probability_10y,
        "major": found[Outcome.MAJOR_OSTEOPOROTIC].probability_10y,
    }


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("age", BASE_KNOTS_YEARS)
def test_the_mean_hip_hazard_is_the_published_incidence(sex: str, age: int) -> None:
    estonia = population("ee")
    assert estonia.hip_incidence is not None
    parameters = evidence_set("frax-2008", "ee").parameters
    hip, other = mean_log_hazards(estonia, parameters, sex, age)
    expected = estonia.hip_incidence.log_rate(sex, np.array([float(age)]))[0]
    assert hip == pytest.approx(expected, abs=1e-9)
    # Other major fractures rise with age as in the United Kingdom; the level is one for each sex.
    kingdom = evidence_set("frax-2008", "gb").parameters
    lent = {at: mean_log_hazards(population("gb"), kingdom, sex, at) for at in BASE_KNOTS_YEARS}
    own = estonia.hip_incidence.log_rate(sex, np.array([60.0, 70.0, 80.0, 90.0]))
    level = np.mean(own - [lent[at][0] for at in (60, 70, 80, 90)])
    assert other == pytest.approx(lent[age][1] + level, abs=1e-9)


MATCHED = [
    (name, code, sex)
    for name in evidence_sets.listed()
    for code in evidence_sets.answered(name)
    if population(code).hip_incidence is not None
    for sex in population(code).sexes
]


@pytest.mark.parametrize(("name", "code", "sex"), MATCHED)
def test_major_fractures_do_not_fall_with_age_and_stay_near_those_of_the_lender(
    name: str, code: str, sex: str
) -> None:
    by_age = [answered(code, sex, age, evidence_set=name)["major"] for age in range(40, 76, 5)]
    assert np.all(np.diff(by_age) >= 0)
    # Estonian men of 40 once had 15.6 % where British men have 3.4 %.
    lent = [answered("gb", sex, age, evidence_set=name)["major"] for age in range(40, 76, 5)]
    assert np.max(np.array(by_age) / lent) < 1.5


@pytest.mark.parametrize(("age", "said"), [(49.9, True), (50, False)])
def test_an_age_below_the_published_bands_is_told(age: float, said: bool) -> None:
    for options in (POINT, EstimateOptions()):
        profile = read_profile({"population": "ee", "age_years": age, "sex": "male"}).profile
        told = " ".join(EvidenceEngine().estimate(profile, options).warnings)
        assert ("published from age 50 on" in told) is said
        assert ("read the result with care" in told) is said
    at_home = read_profile({"population": "gb", "age_years": age, "sex": "male"}).profile
    assert "published from age" not in " ".join(EvidenceEngine().estimate(at_home, POINT).warnings)


# Hip fractures per 100,000 person-years in Estonia, 2009-2016.
ESTONIA = [
    ("female", 57.5, 41.7),
    ("female", 72.5, 217.8),
    ("female", 82.5, 862.2),
    ("male", 57.5, 85.6),
    ("male", 72.5, 226.4),
    ("male", 82.5, 553.0),
]


@pytest.mark.parametrize(("sex", "age", "published_rate"), ESTONIA)
def test_people_of_known_age_and_sex_break_a_hip_within_a_year_as_often_as_published(
    sex: str, age: float, published_rate: float
) -> None:
    # Between the knots the base runs straight and the published rates do not quite.
    assert answered("ee", sex, age)["hip_1y"] == pytest.approx(published_rate / 1e5, rel=0.1)


def test_rates_below_the_first_band_follow_its_trend_and_agree_with_an_earlier_count() -> None:
    # Juerisson and others, ACR meeting 2013, abstract 104: 9 and 16 per 100,000 at 40 to 49.
    incidence = population("ee").hip_incidence
    assert incidence is not None
    for sex, counted in (("female", 9e-5), ("male", 16e-5)):
        found = np.exp(incidence.log_rate(sex, np.array([45.0])))[0]
        assert counted < found < 2 * counted


def test_what_is_carried_on_neither_falls_with_age_nor_doubles_too_fast() -> None:
    wild = HipIncidence(
        ages_years=np.array([52.5, 57.5, 62.5, 67.5]),
        log_per_year={"female": np.log([1e-5, 8e-5, 9e-5, 5e-5])},
        other_major_from="gb",
    )
    rates = np.exp(wild.log_rate("female", np.array([47.5, 52.5, 60.0, 67.5, 97.5])))
    assert rates == pytest.approx([0.5e-5, 1e-5, np.sqrt(72) * 1e-5, 5e-5, 5e-5])


def test_bases_follow_their_evidence_set_and_say_how_they_were_made() -> None:
    assert how_made("frax-2008", "gb") is Made.CALIBRATED
    assert how_made("frax-2008", "ee") is Made.MATCHED


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The published files in a folder of one's own, where a country can be added."""
    held = (published.read, populations.population, bases.bases, evidence_set)
    shutil.copytree(published.HERE, tmp_path / "published")
    monkeypatch.setattr(published, "HERE", tmp_path / "published")
    for cached in held:
        cached.cache_clear()
    yield tmp_path / "published"
    for cached in held:
        cached.cache_clear()


def test_a_country_is_added_with_one_file_as_the_recipe_says(copied: Path) -> None:
    assert "zz" not in [one.code for one in evidence_sets.choosable()]
    rates = {"female": [20.0, 90.0, 400.0, 1800.0], "male": [25.0, 70.0, 210.0, 900.0]}
    country = published.read("populations/ee") | {
        "code": "zz",
        "name": "Made-up land",
        "hip_incidence_per_100k": {
            "source": "made up for a test",
            "mark": "assumption",
            "other_major_by_the_pattern_of": "gb",
            "ages_mid_band": [55.0, 65.0, 75.0, 87.5],
            **rates,
        },
    }
    path = copied / "populations" / "zz.json"
    path.write_text(json.dumps(country), encoding="utf-8")
    assert "zz" in [one.code for one in evidence_sets.choosable()]
    for sex in SEXES:
        # Bases are matched at 70 and 80: the effect of a parental hip fracture rises between them.
        assert answered("zz", sex, 75.0)["hip_1y"] == pytest.approx(rates[sex][2] / 1e5, rel=0.15)
        assert answered("zz", sex, 75.0)["hip"] < answered("zz", sex, 75.0)["major"]


def test_a_country_without_fractures_is_held_but_not_offered(copied: Path) -> None:
    country = dict(published.read("populations/ee"), code="zz")
    del country["hip_incidence_per_100k"]
    (copied / "populations" / "zz.json").write_text(json.dumps(country), encoding="utf-8")
    assert "zz" not in [one.code for one in evidence_sets.choosable()]
    with pytest.raises(OutsideModelRange, match="not calibrated for population 'zz'"):
        evidence_set("frax-2008", "zz")


GROUPS = ("us-asian", "us-black", "us-hispanic", "us-white")


def test_the_mixture_waits_for_all_its_parts(with_bases: Callable[..., None]) -> None:
    with_bases(*GROUPS[:3])
    missing = "us-white" not in published.read("evidence/frax-2008")["baselines"]
    assert how_made("frax-2008", "us") is (None if missing else Made.MIXTURE)
    with_bases(*GROUPS)
    assert how_made("frax-2008", "us") is Made.MIXTURE


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("age", [45, 60, 75, 90])
@pytest.mark.parametrize("t_score", [-3.5, -1.0])
def test_the_united_states_lie_between_their_groups_near_the_mean(
    sex: str, age: int, t_score: float, with_bases: Callable[..., None]
) -> None:
    with_bases(*GROUPS, spread=(0.5, 0.43, 0.54, 1.0))
    known = dict.fromkeys(FACTORS, False) | {
        "body_mass_index": 27,
        "femoral_neck_t_score": t_score,
    }
    mixture = population("us").mixture
    assert mixture is not None
    shares = mixture.shares_at(sex, age + 5)
    assert shares.sum() == pytest.approx(1)
    found = answered("us", sex, age, **known)
    for outcome in ("hip", "major"):
        parts = np.array([answered(code, sex, age, **known)[outcome] for code in mixture.of])
        assert parts.min() < found[outcome] < parts.max()
        # A mean of hazards is not a mean of probabilities, and shares change with age.
        assert found[outcome] == pytest.approx(shares @ parts, rel=0.03)
