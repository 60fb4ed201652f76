"""The site's own columns: asked for by its models, kept with assessments, answered and watched."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions import monitoring, registry, serving, shadowing
from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.scoring import engines_named, score, score_many
from riskapp.actions.stored_answers import recompute
from riskapp.models import Assessment, Patient, RegisteredModel, ShadowScore
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.estimate import EstimateOptions
from tests.model_copies import site_model

QUICK = EstimateOptions(explain=False, interval=False, verdicts=False)
ANN = {"population": "gb", "age_years": 70, "sex": "female"}


@pytest.fixture
def reader(model_folder: Path, statistician: User) -> RegisteredModel:
    site_model(model_folder, "clinic-reach")
    return registry.adopt(by=statistician, model_id="clinic-reach")


@pytest.fixture
def served(
    reader: RegisteredModel, statistician: User, second_statistician: User
) -> RegisteredModel:
    registry.change(by=second_statistician, model=reader, step="approve", why="Good.")
    return registry.change(by=statistician, model=reader, step="serve", why="Good.")


def major(estimate: Any) -> float:
    return float(estimate.outcomes["major_osteoporotic"].probability_10y)


def test_a_column_is_asked_for_while_a_model_that_reads_it_answers(
    reader: RegisteredModel, statistician: User, stranger: User
) -> None:
    here = reader.organisation_id
    assert serving.site_columns(here) == ()
    registry.change(by=statistician, model=reader, step="shadow", why="To see.")
    assert [column.label for column in serving.site_columns(here)] == ["Reach of the arm"]
    assert serving.site_columns(stranger.membership.organisation_id) == ()
    registry.change(by=statistician, model=reader, step="retire", why="Enough.")
    assert serving.site_columns(here) == ()


def test_a_site_value_is_kept_answered_with_and_computed_again(
    served: RegisteredModel, owner: User, patient: Patient
) -> None:
    def asked(**more: object) -> Assessment:
        answers = {"population": "gb", **more}
        return assess(by=owner, patient=patient, answers=answers, engines=["cox"], options=QUICK)

    near, far = asked(reach=95), asked(reach="120")
    assert near.site_values == [
        {"name": "reach", "label": "Reach of the arm", "unit": "kg", "value": 95.0}
    ]
    assert "reach" not in near.profile  # the contract's fields alone
    risks = [
        {one["engine"]: one["outcomes"]["hip"]["probability_10y"] for one in each.estimates}
        for each in (near, far)
    ]
    assert risks[0]["evidence"] == risks[1]["evidence"]
    assert risks[0]["cox"] > 1.2 * risks[1]["cox"]
    assert any("not used by evidence" in said for said in near.estimates[0]["warnings"])
    assert recompute(far) == far.estimates


def test_many_are_scored_as_one_is(served: RegisteredModel) -> None:
    here = served.organisation_id
    engines = engines_named(["evidence", "cox", "xgboost"], "frax-2008", here)
    (many, refused) = score_many(
        [ANN | {"reach": 95}, ANN | {"reach": 1000}],
        engines=engines,
        options=QUICK,
        organisation_id=here,
    )
    one = score(ANN | {"reach": 95}, engines=["cox"], options=QUICK, organisation_id=here)
    assert major(many.by_engine["cox"]) == pytest.approx(major(one.estimates[0]), abs=1e-12)
    assert "Reach of the arm is 1000; expected 60 to 160 kg." in str(refused)
    # Whoever asks by evidence alone may send what the record holds, and is told what became of it.
    alone = score(ANN | {"reach": 95}, options=QUICK, organisation_id=here).estimates[0]
    assert "Given but not used by evidence set frax-2008: reach." in alone.warnings
    with pytest.raises(InvalidProfile, match="no field named 'reach'"):
        score(ANN | {"reach": 95}, options=QUICK)


def test_a_model_in_shadow_and_monitoring_see_what_was_known(
    reader: RegisteredModel, statistician: User, owner: User, patient: Patient
) -> None:
    registry.change(by=statistician, model=reader, step="shadow", why="To see.")
    for reach in (95, 120, None):
        answers = {"population": "gb"} | ({"reach": reach} if reach else {})
        assess(by=owner, patient=patient, answers=answers, options=QUICK)
    assert shadowing.score_shadows()
    near, far, unknown = (
        row.answer["hip"]["probability_10y"]
        for row in ShadowScore.objects.order_by("assessment__created_at")
    )
    assert near > unknown > far
    (seen,) = monitoring.assessed(reader)  # the latest of the one patient
    assert dict(seen.profile.site_values) == {}
    Assessment.objects.order_by("-created_at").first().delete()
    (seen,) = monitoring.assessed(reader)
    assert dict(seen.profile.site_values) == {"reach": 120.0}


def test_two_models_that_mean_different_things_by_one_name_do_not_both_answer(
    served: RegisteredModel, model_folder: Path, statistician: User
) -> None:
    site_model(model_folder, "clinic-reach-cm", ucum="cm")
    other = registry.adopt(by=statistician, model_id="clinic-reach-cm")
    with pytest.raises(Refused, match="reach in another way"):
        registry.change(by=statistician, model=other, step="shadow", why="To see.")
    site_model(model_folder, "clinic-reach-2")
    same = registry.adopt(by=statistician, model_id="clinic-reach-2")
    assert registry.change(by=statistician, model=same, step="shadow", why="To see.").shadow_since
