"""Populations: data files with sources; what is not there is refused."""

import numpy as np
import pytest

from riskapp.risk import published
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.populations import listed, population
from riskapp.risk.profile import FACTORS


def test_deaths_of_the_united_kingdom_equal_the_published_rates() -> None:
    # World Population Prospects 2024, United Kingdom 2000-2005: women 70-74, men 80-84.
    gb = population("gb")
    women = gb.log_death_hazard("female", np.array([72.5]))
    men = gb.log_death_hazard("male", np.array([82.5]))
    assert np.exp(women) == pytest.approx([0.02187755])
    assert np.exp(men) == pytest.approx([0.09895764])


def test_every_population_names_sources_and_what_is_borrowed() -> None:
    for one in listed():
        assert one.sources
        assert one.borrowed
        for sex in ("female", "male"):
            for factor in FACTORS:
                assert 0 < one.people.prevalence(factor, sex, 40) < 0.5
                assert 0 < one.people.prevalence(factor, sex, 90) < 0.5


@pytest.mark.parametrize("code", ["", "GB", "ee", "us", "../people/nhanes-2017-2018"])
def test_what_is_not_listed_is_refused(code: str) -> None:
    with pytest.raises(InvalidProfile, match="gb"):
        population(code)


def test_the_readme_lists_every_data_file_with_its_hash() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    for folder in ("evidence", "people", "populations"):
        for name in published.names(folder):
            assert f"{folder}/{name}.json" in readme
            assert published.sha256(f"{folder}/{name}") in readme, name


def test_risk_factors_used_below_the_ages_that_they_were_counted_at_are_said_to_be() -> None:
    (borrowed,) = population("gb").borrowed
    assert "aged 50 and over" in borrowed
    assert "from age 40 to 50" in borrowed
