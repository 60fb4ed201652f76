"""Unmeasured further columns, and what measured ones say of the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.design_row import Floats
from riskapp.risk.further_columns import NO_FURTHER, FurtherColumns, Quantiles
from riskapp.risk.site_columns import SiteColumn
from riskapp.training.fit_further import fit_further

N = 40_000
FALLS = SiteColumn(name="falls", label="Falls", ucum="1", low=0, high=1, yes_no=True)
TEXTURE = SiteColumn(name="texture", label="Texture", ucum="1", low=0, high=2)
HU = SiteColumn(name="hu", label="Attenuation", ucum="HU", low=-200, high=600)
WIDE = np.array([-6.0, 6.0])
# Texture 0.8 + 0.02 T (SD 0.04), HU 150 + 20 T (SD 30), correlation 0.5; 20 % fell, whoever they
# are; those have half an SD less texture.
FEATURES = FurtherColumns(
    columns=(FALLS, TEXTURE, HU),
    quantiles={
        "texture": Quantiles(0.8 + 0.04 * WIDE, WIDE),
        "hu": Quantiles(150 + 30 * WIDE, WIDE),
    },
    lines=np.array([[np.log(0.25), 0, 0, 0, 0, 0], [0, 0, 0, 0, 0.5, 0], [0, 0, 0, 0, 2 / 3, 0]]),
    beside=np.array([[-0.5], [0.0]]),
    covariance=np.array([[1.0, 0.5], [0.5, 1.0]]),
)


def draws(t_score: Floats) -> dict[str, Floats]:
    return {
        "age_years": np.full(t_score.size, 65.0),
        "female": np.ones(t_score.size),
        "femoral_neck_t_score": t_score,
        "bmi_kg_m2": np.full(t_score.size, 25.0),
    }


def unknown_t(n: int = N) -> dict[str, Floats]:
    return draws(np.random.default_rng(2).normal(-1, 1, n))


def complete(pool: dict[str, Floats], known: dict[str, float], n: int = N) -> dict[str, Floats]:
    return FEATURES.complete(pool, known, n, np.random.default_rng(1))


def test_unmeasured_columns_follow_their_joint_distribution() -> None:
    whole = complete(draws(np.full(N, -2.0)), {})
    assert whole["falls"].mean() == pytest.approx(0.2, abs=0.01)
    assert whole["texture"].mean() == pytest.approx(0.76, abs=0.001)
    assert whole["hu"].std() == pytest.approx(30, rel=0.02)
    fell = whole["falls"] == 1
    assert whole["texture"][fell].mean() == pytest.approx(0.76 - 0.5 * 0.8 * 0.04, abs=0.002)
    among = np.corrcoef(whole["texture"][~fell], whole["hu"][~fell])[0, 1]
    assert among == pytest.approx(0.5, abs=0.02)


def test_a_low_attenuation_makes_a_low_t_score_likely() -> None:
    # T is N(-1, 1) and HU given T is N(150 + 20 T, 30): given 90 HU, T is normal with precision
    # 1 + (20 / 30) ** 2 and mean -1 + (20 / 900) (90 - 130) / precision.
    whole = complete(unknown_t(), {"hu": 90.0})
    precision = 1 + (20 / 30) ** 2
    t_score = whole["femoral_neck_t_score"]
    assert t_score.mean() == pytest.approx(-1 + (20 / 900) * (90 - 130) / precision, abs=0.02)
    assert t_score.std() == pytest.approx(precision**-0.5, abs=0.02)
    assert (whole["hu"] == 90).all()
    told = FEATURES.complete(unknown_t(), {"hu": 90.0}, N, np.random.default_rng(1), told=("hu",))
    assert told["femoral_neck_t_score"].mean() == pytest.approx(-1, abs=0.02)


def test_a_measured_column_also_shifts_those_not_measured() -> None:
    # 30 HU (one SD) above expectation moves the texture by 0.5 SD; low texture speaks of falls.
    high = complete(draws(np.full(N, -2.0)), {"hu": 150 - 40 + 30.0})
    assert high["texture"].mean() == pytest.approx(0.76 + 0.5 * 0.04, abs=0.001)
    low = complete(draws(np.full(N, -2.0)), {"texture": 0.76 - 2 * 0.04})
    assert low["falls"].mean() > 0.3


def test_surprises_are_what_age_sex_t_score_and_index_do_not_say() -> None:
    person = draws(np.array([-2.0])) | {"falls": np.ones(1), "texture": np.array([0.8])}
    person["hu"] = np.array([110.0])
    falls, texture, hu = FEATURES.surprises(person)[0]
    assert falls == pytest.approx(0.8 / 0.4)
    assert texture == pytest.approx(1 / np.sqrt(1 + 0.25 * 0.25))
    assert hu == pytest.approx(0.0)


def test_without_further_columns_the_draws_are_returned_as_they_are() -> None:
    none = NO_FURTHER.complete(unknown_t(), {}, 50, np.random.default_rng(1))
    assert set(none) == set(unknown_t())
    assert NO_FURTHER.surprises(unknown_t(7)).shape == (7, 0)


@given(st.floats(-200, 600), st.none() | st.floats(0, 2), st.sampled_from([None, 0.0, 1.0]))
def test_however_odd_the_measurement_the_draws_stay_whole(
    hu: float, texture: float | None, fell: float | None
) -> None:
    known = {"hu": hu, "texture": texture, "falls": fell}
    given = {name: value for name, value in known.items() if value is not None}
    whole = FEATURES.complete(unknown_t(80), given, 40, np.random.default_rng(3))
    assert all(values.shape == (40,) and np.isfinite(values).all() for values in whole.values())
    assert all((whole[name] == value).all() for name, value in given.items())


def made(n: int, missing: float = 0.2) -> tuple[dict[str, Floats], dict[str, Floats]]:
    rng = np.random.default_rng(5)
    clinical = draws(rng.normal(-1, 1, n)) | {"age_years": rng.uniform(50, 90, n)}
    clinical |= {"female": rng.integers(0, 2, n).astype(float), "bmi_kg_m2": rng.normal(26, 4, n)}
    values = FEATURES.complete(clinical, {}, n, rng)
    values = {name: values[name] for name in ("falls", "texture", "hu")}
    for each in values.values():
        each[rng.random(n) < missing] = np.nan
    return clinical, values


def test_a_fit_finds_the_distribution_again_through_what_is_missing() -> None:
    clinical, values = made(20_000)
    # Drawn rows are resampled, so take the T-scores that belong to them.
    rng = np.random.default_rng(6)
    whole = FEATURES.complete(clinical, {}, 20_000, rng)
    for name in values:
        values[name] = np.where(rng.random(20_000) < 0.2, np.nan, whole[name])
    clinical = {name: whole[name] for name in clinical}
    fitted = fit_further(clinical, (HU, TEXTURE, FALLS), values).columns
    assert fitted.names == ("falls", "hu", "texture")
    again = fitted.complete(draws(np.full(N, -2.0)), {}, N, np.random.default_rng(1))
    assert again["hu"].mean() == pytest.approx(110, abs=1.5)
    assert again["hu"].std() == pytest.approx(30, rel=0.03)
    assert again["falls"].mean() == pytest.approx(0.2, abs=0.015)
    fell = again["falls"] == 1
    difference = again["texture"][fell].mean() - again["texture"][~fell].mean()
    assert difference == pytest.approx(-0.02, abs=0.004)
    among = np.corrcoef(again["texture"][~fell], again["hu"][~fell])[0, 1]
    assert among == pytest.approx(0.5, abs=0.04)


def test_columns_that_say_nothing_of_their_own_are_left_out_with_a_sentence() -> None:
    clinical, values = made(300)
    extra = {
        "same": np.full(300, 3.0),
        "copy": 2 * values["hu"] + 1,
        "age_again": clinical["age_years"] / 12,
        "rare": np.where(np.arange(300) < 5, 1.0, 0.0),
        "blank": np.where(np.arange(300) < 100, 1.5 * np.arange(300), np.nan),
    }
    columns = [SiteColumn(name=n, label=n, ucum="1", low=-1e6, high=1e6) for n in extra]
    columns = [HU, *(c if c.name != "rare" else FALLS for c in columns)]
    fitted = fit_further(clinical, columns, values | extra | {"falls": extra["rare"]})
    assert fitted.columns.names == ("hu",)
    assert "same in everybody" in fitted.left_out["same"]
    assert "nothing beyond hu" in fitted.left_out["copy"]
    assert "nothing beyond age" in fitted.left_out["age_again"]
    assert "all but 5" in fitted.left_out["falls"]
    assert "known in 33%" in fitted.left_out["blank"]


@pytest.mark.parametrize(("unknown", "joins"), [(0.45, True), (0.55, False)])
def test_a_column_joins_by_how_many_know_it_whatever_else_they_lack(
    unknown: float, joins: bool
) -> None:
    clinical, values = made(1_000, missing=0.0)
    rng = np.random.default_rng(9)
    for name in ("femoral_neck_t_score", "bmi_kg_m2"):
        clinical[name][rng.permutation(1_000)[:400]] = np.nan
    blank = rng.permutation(1_000)[: int(1_000 * unknown)]
    hu = values["hu"].copy()
    hu[blank] = np.nan
    assert (fit_further(clinical, (HU,), {"hu": hu}).columns.names == ("hu",)) == joins


def test_few_people_with_many_columns_still_give_a_distribution() -> None:
    rng = np.random.default_rng(8)
    clinical, _ = made(150)
    clinical["femoral_neck_t_score"][:140] = np.nan  # nobody to speak of has a T-score
    columns = [SiteColumn(name=f"x{i}", label="x", ucum="1", low=-9, high=9) for i in range(40)]
    values = {c.name: rng.normal(size=150) for c in columns}
    fitted = fit_further(clinical, columns, values).columns
    assert len(fitted.names) == 40
    whole = fitted.complete(unknown_t(200), {"x3": 1.0}, 100, rng)
    assert all(np.isfinite(each).all() for each in whole.values())
