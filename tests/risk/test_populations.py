"""Populations: data files with sources; what is not there is refused."""

from collections.abc import Callable

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import evidence_sets, published
from riskapp.risk.drawing import completions
from riskapp.risk.errors import InvalidProfile, OutsideModelRange
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS

WITH_CHARTS_OF_WOMEN_ONLY = ("cn", "hk", "jp", "kr", "tw", "th")
HELD = [population(code) for code in published.names("populations")]
POINT = EstimateOptions(explain=False, interval=False)


def code_of(one: Population) -> str:
    return one.code


@pytest.mark.parametrize(
    ("code", "sex", "age", "deaths"),
    [
        # World Population Prospects 2024, United Kingdom 2000-2005.
        ("gb", "female", 72.5, 0.02187755),
        ("gb", "male", 82.5, 0.09895764),
        # World Population Prospects 2022, 2005-2010.
        ("cn", "female", 62.5, 0.00874357),
        ("jp", "female", 82.5, 0.03677816),
    ],
)
def test_deaths_equal_the_published_rates(code: str, sex: str, age: float, deaths: float) -> None:
    found = population(code).log_death_hazard(sex, np.array([age]))
    assert np.exp(found) == pytest.approx([deaths])


def test_a_year_in_the_united_states_kills_as_many_as_are_printed() -> None:
    # Social Security Administration, period life table 2006: women of 70 and men of 80.
    white = population("us-white")
    for sex, age, printed in (("female", 70.5, 0.017874), ("male", 80.5, 0.066534)):
        rate = np.exp(white.log_death_hazard(sex, np.array([age])))
        assert 1 - np.exp(-rate) == pytest.approx([printed], abs=1e-6)


@pytest.mark.parametrize("one", HELD, ids=code_of)
def test_every_population_names_sources_and_what_is_borrowed(one: Population) -> None:
    assert one.sources
    assert one.borrowed
    for sex in ("female", "male"):
        for factor in FACTORS:
            assert 0 < one.people.prevalence(factor, sex, 40) < 0.5
            assert 0 < one.people.prevalence(factor, sex, 90) < 0.5


@pytest.mark.parametrize("one", HELD, ids=code_of)
def test_deaths_are_known_at_every_age_and_rise_with_it(one: Population) -> None:
    ages = np.arange(40.0, 100.5, 0.5)
    assert one.death_ages_years[0] <= ages[0]
    assert one.death_ages_years[-1] >= ages[-1]
    for sex in one.sexes:
        deaths = one.log_death_hazard(sex, ages)
        assert (np.diff(deaths) > 0).all()
        assert (np.exp(deaths) < 1).all()


@pytest.mark.parametrize("code", ["", "GB", "eu5", "../people/us"])
def test_what_is_not_there_is_refused(code: str) -> None:
    with pytest.raises(InvalidProfile, match="not available"):
        population(code)
    with pytest.raises(InvalidProfile, match="choose one of: .*gb"):
        evidence_sets.check_population(code)


def test_only_what_an_evidence_set_can_answer_for_is_offered(
    with_bases: Callable[..., None],
) -> None:
    for one in evidence_sets.choosable():
        assert evidence_sets.evidence_set("frax-2008", one.code).parameters
    with_bases("jp")
    assert "jp" in [one.code for one in evidence_sets.choosable()]
    evidence_sets.check_population("jp")


@pytest.mark.parametrize("code", WITH_CHARTS_OF_WOMEN_ONLY)
def test_where_only_women_were_published_women_are_answered_and_men_are_not(
    code: str, with_bases: Callable[..., None]
) -> None:
    with_bases(code)
    who = {"population": code, "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}
    woman, man = (read_profile(who | {"sex": sex}).profile for sex in ("female", "male"))
    assert EvidenceEngine().estimate(woman, POINT).outcomes
    assert len(completions(woman, 3, seed=1)["bmi_kg_m2"]) == 3
    with pytest.raises(OutsideModelRange, match="only female results are published"):
        EvidenceEngine().estimate(man, POINT)
    with pytest.raises(OutsideModelRange, match="no male risk is estimated"):
        completions(man, 3, seed=1)


def test_the_readme_lists_every_data_file_with_its_hash() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    for folder in ("evidence", "modifiers", "people", "populations"):
        for name in published.names(folder):
            assert f"{folder}/{name}.json" in readme
            assert published.sha256(f"{folder}/{name}") in readme, name


@pytest.mark.parametrize("one", HELD, ids=code_of)
def test_risk_factors_used_below_the_ages_that_they_were_counted_at_are_said_to_be(
    one: Population,
) -> None:
    said = " ".join(one.borrowed)
    assert "aged 50 and over" in said
    assert "from age 40 to 50" in said
