"""Effects worked out from published ratios show those ratios again."""

import json
import math
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from riskapp.risk import published
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.populations import population
from riskapp.training.evidence.derive_evidence import CategoryRatio, category_ratios, mean_ratios
from riskapp.training.evidence.derived_page import derived_page

STALE = "frax-2008 or a counterpart changed: run manage.py derive_evidence, then evidence_page"
GB = population("gb")
META, FRAX = (evidence_set(name, "gb").parameters for name in ("meta-2025", "frax-2008"))


@pytest.mark.parametrize(
    ("factor", "hip", "major"),
    [
        # Kanis 2023, Osteoporos Int 34:2027; McCloskey 2025, Osteoporos Int 36:1725: without BMD.
        ("prior_fragility_fracture", 1.82, 1.83),
        ("parent_hip_fracture", 1.37, 1.19),
    ],
)
def test_the_published_ratios_are_shown_without_bone_density(
    factor: str, hip: float, major: float
) -> None:
    assert mean_ratios(factor, GB, META, FRAX) == pytest.approx((hip, major), rel=2e-3), STALE


def test_bone_density_explains_a_third_of_a_prior_fracture() -> None:
    # Kanis 2023: 33 % of the effect on hip fracture; 17 % of that on osteoporotic fractures.
    given = META["hip.prior_fragility_fracture"]
    assert 1 - given / math.log(1.82) == pytest.approx(0.33, abs=0.001)
    # What a survey measures: -0.24 (-0.40 to -0.08).
    assert -0.40 < META["t_score.prior_fragility_fracture"] < -0.08


def test_body_mass_index_agrees_with_every_published_interval() -> None:
    rows = published.read("evidence/meta-2025-counterparts")["body_mass_index"]
    ratios = [CategoryRatio(**row) for row in rows]
    for row, answer in zip(ratios, category_ratios(ratios, GB, META), strict=True):
        assert row.lower < answer < row.upper, (row, STALE)


def test_the_recipe_makes_the_stored_effects_again(tmp_path: Path) -> None:
    output = tmp_path / "meta.json"
    call_command("derive_evidence", evidence_version=1, output=output, stdout=StringIO())
    made = json.loads(output.read_text(encoding="utf-8"))
    kept = published.read("evidence/meta-2025")
    assert made["effects"] == pytest.approx(kept["effects"], abs=1e-4), STALE
    assert {**made, "effects": 0, "version": 0} == {**kept, "effects": 0, "version": 0}


def test_the_page_is_that_of_the_data_files() -> None:
    kept = Path(__file__).parents[2] / "docs" / "evidence-meta-2025.md"
    assert kept.read_text(encoding="utf-8") == derived_page("meta-2025"), STALE
