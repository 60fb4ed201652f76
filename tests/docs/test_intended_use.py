"""docs/intended-use.md says what the code does: ages, populations, engines, density, treatment."""

import re
from pathlib import Path

from riskapp.modelstore import ENGINES, SHIPPED, load
from riskapp.risk import evidence_sets
from riskapp.risk.limits import DXA_CURRENT_FOR_YEARS, RANGES

PAGE = (Path(__file__).parents[2] / "docs" / "intended-use.md").read_text(encoding="utf-8")
LIMITS = {
    cells[0]: cells[1:]
    for line in PAGE.partition("## Whom an estimate is for")[2].splitlines()
    if line.startswith("| ") and (cells := [cell.strip() for cell in line.strip("|").split(" | ")])
}


def test_ages_are_those_of_the_code() -> None:
    limit = RANGES["age_years"]
    assert LIMITS["age"][0] == f"{limit.low:g} to {limit.high:g} years"
    assert f"Anybody under {limit.low:g} or over {limit.high:g} years." in PAGE


def test_populations_are_those_of_the_code() -> None:
    offered = evidence_sets.choosable()
    assert LIMITS["populations"][0] == "; ".join(one.name for one in offered)
    of_women = [one.name for one in offered if one.sexes == ("female",)]
    assert LIMITS["women only"][0] == "; ".join(of_women)
    assert all(one.sexes in (("female",), ("female", "male")) for one in offered)


def test_engines_are_those_of_the_code_and_simulated_ones_are_said_to_be() -> None:
    answering, others = LIMITS["answered by"]
    assert answering == "evidence"
    assert set(re.findall(r"\w+", others.partition(" ship ")[0])) - {"and"} == set(SHIPPED)
    assert {answering, *SHIPPED} == set(ENGINES)
    assert {load(model_id).trained_on for model_id in SHIPPED.values()} == {"simulated"}


def test_the_age_of_a_density_is_that_of_the_code() -> None:
    assert LIMITS["bone density"][0] == f"at most {DXA_CURRENT_FOR_YEARS:g} years old"


def test_who_is_treated_is_warned_of_and_not_refused() -> None:
    assert LIMITS["treatment"][0] == "people who take no medicine for osteoporosis"
