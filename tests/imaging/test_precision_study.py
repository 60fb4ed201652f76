"""A site's own precision: pooled spread, its confidence limit, and which region it stands for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.precision import Precision
from imaging.densitometry.precision_study import precision_for, studies_of, study_of


def test_a_known_spread_is_found() -> None:
    random = np.random.default_rng(3)
    twice = [(mean + random.normal(0, 0.01, 2)).tolist() for mean in random.uniform(0.6, 1.2, 3000)]
    assert study_of(twice).sd == pytest.approx(0.01, rel=0.05)
    assert study_of([[1.0, 1.0]] * 30).sd == 0.0
    study = study_of([[1.0, 1.02]] * 30)
    assert study.sd == pytest.approx(0.02 / math.sqrt(2))
    assert study.least_significant == pytest.approx(2.77 * 0.02 / math.sqrt(2))


def test_thirty_degrees_of_freedom_set_the_limit_that_is_published() -> None:
    # Glueer 1995: with 30 degrees of freedom the upper 95 % limit is 1.27 precision errors, with
    # 14 (one measurement more of 14 people) 1.46; chi-squared tables: 18.493 and 6.571.
    thrice = study_of([[1.00, 1.01, 1.02]] * 15)
    assert (thrice.people, thrice.degrees) == (15, 30)
    assert thrice.upper_sd / thrice.sd == pytest.approx(math.sqrt(30 / 18.493), rel=1e-4)
    assert thrice.upper_least_significant == pytest.approx(1.2737 * thrice.least_significant, 1e-3)
    assert thrice.cv == pytest.approx(0.01 / 1.01)


@pytest.mark.parametrize(
    ("repeated", "words"),
    [
        ([[1.0, 1.01]] * 29, "15 people"),
        ([[1.0, 1.01, 1.02]] * 14, "15 people"),
        ([[1.0, 1.01]] * 40 + [[1.0]], "15 people"),
        ([[1.0, 0.0]] * 30, "above nought"),
        ([[1.0, math.nan]] * 30, "above nought"),
    ],
)
def test_what_is_no_study_is_a_sentence(repeated: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        study_of(repeated)


@given(st.floats(0.01, 100))
def test_the_spread_has_the_unit_of_the_values(scale: float) -> None:
    repeated = [[1.0 + 0.001 * at, 1.01] for at in range(30)]
    scaled = [[scale * value for value in values] for values in repeated]
    assert study_of(scaled).sd == pytest.approx(scale * study_of(repeated).sd)
    assert study_of(scaled).cv == pytest.approx(study_of(repeated).cv)


def test_rows_are_sorted_by_region_and_person() -> None:
    rows = [(str(at), "L1-L4", 1.0 + 0.01 * k) for k in range(2) for at in range(30)]
    found = studies_of([*rows, ("1", "total_hip", 0.8), ("1", "total_hip", 0.81)])
    study = found["L1-L4"]
    assert not isinstance(study, str)
    assert study.people == 30
    assert "15 people" in str(found["total_hip"])


OWN = {
    "L1-L4": Precision("spines", sd=0.010),
    "total_hip_left": Precision("hips", sd=0.008),
    "total_hip_right": Precision("other hips", sd=0.009),
}


@pytest.mark.parametrize(
    ("region", "sd"),
    [
        ("L1-L4", 0.010),
        ("L1-L3", 0.0107),
        ("L2,L4", 0.0124),
        ("total_hip_left", 0.008),
        ("total_hip_mean", 0.009),
        ("femoral_neck_left", None),
        ("L2", None),
    ],
)
def test_a_study_stands_for_its_own_bone(region: str, sd: float | None) -> None:
    found = precision_for(region, OWN)
    assert (None if found is None else found.sd) == (None if sd is None else pytest.approx(sd))
