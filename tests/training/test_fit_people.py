"""How a cohort's people differ from the published: found where they do, and nothing where not."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.risk.design_row import Floats
from riskapp.risk.drawing import draw
from riskapp.risk.missing import Known
from riskapp.risk.profile import FACTORS
from riskapp.risk.site_people import AS_PUBLISHED, Departure, SitePeople, line_terms
from riskapp.training.fit_further import LEAST_KNOWN
from riskapp.training.fit_people import fit_people

# Thinner bone that follows the body mass index more strongly, as of people who were referred.
REFERRED = SitePeople(
    t_score=Departure((-0.8, 0.1, 0.0, 1.2), 0.85),
    log_bmi=Departure((0.1, 0.0, 0.05), 1.2),
    log_odds=(0.7, 0.0, -0.5, 0.0, 0.0, 0.0, 0.0),
    ages_years=(50.0, 90.0),
)
NOBODY = dict.fromkeys(FACTORS)


def people(n: int, like: SitePeople, seed: int = 1) -> list[Known]:
    """Complete people, drawn one by one."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(n):
        age, sex = float(rng.uniform(50, 90)), "female" if rng.random() < 0.6 else "male"
        own = like.unknown("gb", sex, age)
        bare = Known(age_years=age, sex=sex, factors=NOBODY, bmi_kg_m2=None, t_score=None)
        one = draw(bare, own.people, own.parameters, 1, rng, own.t_sd)
        factors = {name: bool(one[name][0]) for name in FACTORS}
        bmi, t_score = float(one["bmi_kg_m2"][0]), float(one["femoral_neck_t_score"][0])
        found.append(replace(bare, factors=factors, bmi_kg_m2=bmi, t_score=t_score))
    return found


def fitted(known: list[Known]) -> SitePeople:
    return fit_people(["gb"] * len(known), known).people


def mean_shift(found: SitePeople, known: list[Known]) -> float:
    age = np.array([one.age_years for one in known])
    female = np.array([float(one.sex == "female") for one in known])
    return float((line_terms(age, female) @ np.array(found.t_score.line[:3])).mean())


def without(known: list[Known], rng: np.random.Generator, chance: Floats) -> list[Known]:
    """T-scores go blank by a chance of each person's own."""
    blank = rng.random(len(known)) < chance
    return [replace(o, t_score=None) if b else o for o, b in zip(known, blank, strict=True)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [150, 1_500])
def test_of_published_people_next_to_nothing_differs(n: int, seed: int) -> None:
    known = people(n, AS_PUBLISHED, seed)
    found = fit_people(["gb"] * n, known)
    assert abs(mean_shift(found.people, known)) < 0.05
    np.testing.assert_allclose(found.people.t_score.line, 0.0, atol=0.12)
    np.testing.assert_allclose(found.people.log_bmi.line, 0.0, atol=0.02)
    np.testing.assert_allclose(found.people.log_odds, 0.0, atol=0.3)
    assert found.people.t_score.spread == pytest.approx(1.0, abs=0.04)
    assert found.notes == ()


def test_people_who_differ_are_found_though_bone_is_measured_rather_in_some() -> None:
    known, rng = people(4_000, REFERRED), np.random.default_rng(2)
    # Measured rather in the thin and in those who broke a bone: what the blank may depend on.
    bmi = np.array([one.bmi_kg_m2 for one in known], dtype=np.float64)
    broke = np.array([one.factors[FACTORS[0]] for one in known], dtype=np.float64)
    holed = without(known, rng, np.clip(0.3 + 0.03 * (bmi - 27) - 0.25 * broke, 0.02, 0.9))
    assert 0.2 < np.mean([one.t_score is None for one in holed]) < 0.45
    found = fit_people(["gb"] * len(holed), holed)
    line = found.people.t_score.line
    assert line[0] == pytest.approx(-0.8, abs=0.06)
    assert line[1:] == pytest.approx((0.1, 0.0, 1.2), abs=0.2)
    assert found.people.t_score.spread == pytest.approx(0.85, abs=0.03)
    assert found.people.log_bmi.line == pytest.approx((0.1, 0.0, 0.05), abs=0.025)
    assert found.people.log_bmi.spread == pytest.approx(1.2, abs=0.05)
    assert found.people.log_odds == pytest.approx(REFERRED.log_odds, abs=0.35)
    bone, rest = found.notes
    # In the mean of these people, who are heavier: their bone is a little denser for it.
    assert "femoral-neck T-scores of these people lie 0.5 lower and spread 0.8" in bone
    assert "averaged over people like these" in bone
    assert "odds of prior_fragility_fracture" in rest


def test_few_people_hardly_move_what_is_published_and_fewer_not_at_all() -> None:
    somewhat = replace(AS_PUBLISHED, t_score=Departure((-0.3, 0.0, 0.0, 0.0)))
    plainly = replace(AS_PUBLISHED, t_score=Departure((-1.2, 0.0, 0.0, 0.0)))
    few = people(LEAST_KNOWN, somewhat)
    assert -0.2 < mean_shift(fitted(few), few) <= 0.0
    assert fitted(few[1:]).t_score == AS_PUBLISHED.t_score
    # What few people plainly say is heard.
    few = people(LEAST_KNOWN, plainly)
    assert -1.4 < mean_shift(fitted(few), few) < -0.8


@pytest.mark.parametrize(("blank", "heard"), [(0.45, True), (0.55, False)])
def test_what_most_people_lack_stays_as_published(blank: float, heard: bool) -> None:
    known = people(600, REFERRED)
    chance = (np.arange(len(known)) < blank * len(known)).astype(np.float64)
    holed = without(known, np.random.default_rng(0), chance)
    assert (fitted(holed).t_score != AS_PUBLISHED.t_score) == heard


def test_a_register_that_only_knows_yes_says_nothing_of_how_common_it_is() -> None:
    known = people(400, AS_PUBLISHED)
    smoked = {name: True if name == "current_smoker" else None for name in FACTORS}
    only_yes = [replace(one, factors=smoked) for one in known]
    assert fitted(only_yes).log_odds == AS_PUBLISHED.log_odds


def test_without_body_mass_indices_bone_is_still_held_against_its_own_age_and_sex() -> None:
    known = [replace(one, bmi_kg_m2=None) for one in people(1_500, REFERRED)]
    found = fitted(known)
    assert found.log_bmi == AS_PUBLISHED.log_bmi
    assert found.t_score.line[-1] == 0.0
    # Heavier people: their bone is denser by what the index would have explained.
    assert -0.8 < mean_shift(found, known) < -0.2


def test_what_women_alone_show_holds_for_most_of_it_in_men_too() -> None:
    known = [one for one in people(2_000, REFERRED) if one.sex == "female"]
    one, _, sex, _ = fitted(known).t_score.line
    assert one + sex / 2 == pytest.approx(-0.8, abs=0.1)
    assert -0.7 < one - sex / 2 < -0.3
