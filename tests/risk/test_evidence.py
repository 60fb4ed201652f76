"""The evidence engine: published cells, what must hold for everyone, and who is refused."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.errors import UnknownModel
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS

ENGINE = EvidenceEngine()
POINT = EstimateOptions(explain=False, interval=False)
AS_FRAX = EstimateOptions(explain=False, interval=False, unknown_as_no=True)
WHO = {"population": "gb", "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}
COMPLETE = (
    WHO
    | dict.fromkeys(FACTORS, False)
    | {
        "body_mass_index": 25,
        "femoral_neck_t_score": -2.5,
    }
)
HIP, MAJOR = Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC


def estimate(answers: dict[str, object], options: EstimateOptions = POINT) -> RiskEstimate:
    return ENGINE.estimate(read_profile(answers).profile, options)


def probability(
    answers: dict[str, object], options: EstimateOptions = POINT
) -> tuple[float, float]:
    found = estimate(answers, options).outcomes
    return found[MAJOR].probability_10y, found[HIP].probability_10y


# Kanis 2008, Osteoporos Int 19:385-397, doi:10.1007/s00198-007-0543-5: some cells of Table 2 (no
# BMD) and Table 3 (no risk factor), body mass index 25: age, sex, answers, major %, hip %.
PUBLISHED = [
    (50, "female", {}, 3.5, 0.2),
    (80, "female", {}, 17, 7.0),
    (80, "male", {}, 7.2, 3.4),
    (70, "female", {"parent_hip_fracture": True}, 17, 5.0),
    (80, "male", {"parent_hip_fracture": True}, 15, 11),
    (60, "female", {"prior_fragility_fracture": True}, 12, 2.1),
    (70, "male", {"glucocorticoids": True}, 8.5, 2.4),
    (80, "female", {"current_smoker": True}, 19, 9.5),
    (60, "female", {"femoral_neck_t_score": -4}, 23.0, 13.5),
    (90, "male", {"femoral_neck_t_score": 1}, 3.1, 1.2),
    (70, "female", {"femoral_neck_t_score": -2}, 11.5, 2.4),
]


@pytest.mark.parametrize(("age", "sex", "answers", "major", "hip"), PUBLISHED)
def test_published_cells_are_followed(
    age: int, sex: str, answers: dict[str, object], major: float, hip: float
) -> None:
    who = {"population": "gb", "age_years": age, "sex": sex, "body_mass_index": 25, **answers}
    found_major, found_hip = probability(who, AS_FRAX)
    assert 100 * found_major == pytest.approx(major, rel=0.06, abs=0.05)
    # The worst cell of both tables is 9 % off: a parental hip fracture in men of 80.
    assert 100 * found_hip == pytest.approx(hip, rel=0.09, abs=0.06)


def test_the_sum_on_the_grid_equals_the_hazards_of_the_design_row() -> None:
    row = {name: np.zeros(1) for name in Factors.__dataclass_fields__} | {
        "age_years": np.array([70.0]),
        "female": np.ones(1),
        "bmi_kg_m2": np.array([25.0]),
        "femoral_neck_t_score": np.array([-2.5]),
        "glucocorticoids": np.ones(1),
    }
    found = hazards(Factors(**row), population("gb"), evidence_set("frax-2008", "gb").parameters)
    either = found.hip + found.other_major_osteoporotic
    expected = cumulative_incidence(either, found.death, STEP_YEARS)[0]
    answer = estimate(COMPLETE | {"glucocorticoids": True}).outcomes[MAJOR]
    assert answer.probability_10y == pytest.approx(expected[-1], abs=1e-12)
    assert answer.curve[2] == (3, pytest.approx(expected[5], abs=1e-12))


def test_secondary_osteoporosis_counts_only_without_bone_density() -> None:
    yes = {"secondary_osteoporosis": True}
    assert probability(COMPLETE | yes) == probability(COMPLETE)
    blind = {name: value for name, value in COMPLETE.items() if name != "femoral_neck_t_score"}
    assert probability(blind | yes)[0] > probability(blind)[0]


def test_not_known_is_not_no() -> None:
    assert probability(WHO)[0] > probability(WHO, AS_FRAX)[0]


def test_a_bmd_and_its_t_score_give_one_answer() -> None:
    measured = {"femoral_neck_bmd_g_cm2": 0.558, "dxa_manufacturer": "hologic"}
    assert probability(WHO | measured) == pytest.approx(
        probability(WHO | {"femoral_neck_t_score": -2.5}), abs=1e-12
    )


def test_unused_inputs_are_named_and_change_nothing() -> None:
    extra = {"lumbar_texture_score": 0.2, "hip_axis_length_mm": 100}
    answer = estimate(WHO | extra)
    assert answer.outcomes == estimate(WHO).outcomes
    hip, texture = answer.warnings
    assert hip.startswith("Hip axis length is given but not used: ")
    assert texture.startswith("Lumbar texture score is given but not used: ")


@pytest.mark.parametrize(
    ("treatment", "warned"),
    [
        ("none", []),
        ("denosumab", ["On osteoporosis treatment"]),
        (None, ["Osteoporosis treatment is not known"]),
    ],
)
def test_people_on_treatment_are_warned_and_not_known_is_not_none(
    treatment: str | None, warned: list[str]
) -> None:
    warnings = estimate(WHO | {"osteoporosis_treatment": treatment}).warnings
    assert [warning.partition(":")[0] for warning in warnings] == warned


@pytest.mark.parametrize(("years", "warned"), [(4.99, 0), (5.01, 1)])
def test_an_old_scan_is_used_with_a_warning(years: float, warned: int) -> None:
    day = datetime.now(UTC).date() - timedelta(days=365.25 * years)
    scanned = {"femoral_neck_t_score": -1.0, "dxa_date": day.isoformat()}
    assert len(estimate(WHO | scanned).warnings) == warned


@pytest.mark.parametrize(
    "half",
    [{"weight_kg": 60}, {"number_of_prior_fractures": 2}, {"glucocorticoid_dose_mg_daily": 5}],
)
def test_half_answers_are_pointed_out(half: dict[str, object]) -> None:
    said = " ".join(estimate(WHO | half).warnings)
    assert "does not count" in said or "not counted" in said or "gives no body mass index" in said


def test_the_convention_says_what_it_assumed() -> None:
    answer = estimate(WHO, AS_FRAX)
    assert "taken as no" in answer.warnings[0]
    assert "Body mass index" in answer.warnings[1]
    assert "current_smoker" in answer.unknown


def test_what_is_not_built_is_refused() -> None:
    with pytest.raises(UnknownModel, match="frax-2008"):
        EvidenceEngine("meta-1999")
    with pytest.raises(UnknownModel, match="meta-2025"):
        estimate(WHO, EstimateOptions(evidence_set="meta-2025"))


def test_the_engine_names_itself() -> None:
    answer = estimate(WHO)
    assert (answer.engine, answer.trained_on) == ("evidence", "published")
    assert answer.model_id == ENGINE.model_id
    assert re.fullmatch(r"evidence-frax-2008-\d+-[0-9a-f]{8}", answer.model_id)
    assert (answer.evidence_set, answer.population) == ("frax-2008", "gb")


def test_with_known_density_a_cause_of_low_density_acts_through_the_unknown_alone() -> None:
    def probability(**answers: object) -> float:
        person = {
            "population": "gb",
            "age_years": 72,
            "sex": "female",
            "femoral_neck_t_score": -2.5,
        }
        profile = read_profile(person | answers).profile
        options = EstimateOptions(explain=False, interval=False)
        found = EvidenceEngine().estimate(profile, options)
        return found.outcomes[Outcome.MAJOR_OSTEOPOROTIC].probability_10y

    others = dict.fromkeys(FACTORS, False) | {"body_mass_index": 24}
    assert probability(**others | {"secondary_osteoporosis": True}) == pytest.approx(
        probability(**others), abs=1e-9
    )
    explained_away = probability(secondary_osteoporosis=False) - probability(
        secondary_osteoporosis=True
    )
    assert 0 < explained_away < 0.002
