"""Models in shadow: silent, after the answer, and for statisticians only."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from riskapp.actions import registry, shadowing
from riskapp.actions.assessing import assess
from riskapp.actions.errors import NotAllowed, NotFound
from riskapp.actions.scoring import score
from riskapp.models import Assessment, Patient, RegisteredModel, ShadowScore
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import EstimateOptions

QUICK = EstimateOptions(explain=False, interval=False, verdicts=False)


@pytest.fixture
def in_shadow(model: RegisteredModel, statistician: User) -> RegisteredModel:
    return registry.change(by=statistician, model=model, step="shadow", why="To see.")


def stored(owner: User, patient: Patient, **answers: object) -> Assessment:
    return assess(by=owner, patient=patient, answers={"population": "gb", **answers}, options=QUICK)


def as_it_lies_there() -> dict[str, object]:
    columns = Assessment.objects.values().get()
    return {name: getattr(value, "data", value) for name, value in columns.items()}


def test_a_model_in_shadow_answers_what_was_stored_since_and_once(
    in_shadow: RegisteredModel, owner: User, patient: Patient, statistician: User
) -> None:
    assessment = stored(owner, patient)
    before = as_it_lies_there()
    assert shadowing.score_shadows()
    assert not shadowing.score_shadows()
    row = ShadowScore.objects.get()
    assert (row.assessment, row.refused) == (assessment, "")
    # The stand-in is the shipped Cox model under another name.
    known = assessment.profile
    (estimate,) = score(known, engines=["cox"], options=QUICK).estimates
    expected = estimate.outcomes["hip"].probability_10y
    assert row.answer["hip"]["probability_10y"] == pytest.approx(expected, abs=1e-12)
    assert as_it_lies_there() == before
    told = shadowing.shadow_of(by=statistician, model=in_shadow)
    hip = next(one for one in told.differences if one.outcome == "hip")
    evidence = assessment.estimates[0]["outcomes"]["hip"]["probability_10y"]
    assert hip.mean == pytest.approx(expected - evidence)
    assert hip.people == told.scored == 1


def test_what_was_stored_before_the_shadow_is_left_alone(
    model: RegisteredModel, owner: User, patient: Patient, statistician: User
) -> None:
    stored(owner, patient)
    registry.change(by=statistician, model=model, step="shadow", why="To see.")
    assert not shadowing.score_shadows()


def test_a_person_outside_the_model_is_counted_with_the_reason(
    in_shadow: RegisteredModel,
    owner: User,
    patient: Patient,
    statistician: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(*_: object) -> None:
        raise OutsideModelRange("Nobody like this person was among those trained on.")

    stored(owner, patient)
    monkeypatch.setattr(shadowing, "_answer", refuses)
    assert shadowing.score_shadows()
    told = shadowing.shadow_of(by=statistician, model=in_shadow)
    assert told.differences == ()
    assert told.refused == {"Nobody like this person was among those trained on.": 1}


def test_a_changed_folder_in_shadow_breaks_nothing_and_says_so(
    in_shadow: RegisteredModel, owner: User, patient: Patient, model_folder: Path
) -> None:
    stored(owner, patient)
    with (model_folder / "clinic-1" / "parameters.json").open("a") as file:
        file.write(" ")
    assert shadowing.score_shadows()
    assert "was changed after" in ShadowScore.objects.get().refused


def test_numbers_in_shadow_are_for_statisticians_of_the_organisation(
    in_shadow: RegisteredModel, owner: User, strange_statistician: User
) -> None:
    with pytest.raises(NotAllowed):
        shadowing.shadow_of(by=owner, model=in_shadow)
    with pytest.raises(NotFound):
        shadowing.shadow_of(by=strange_statistician, model=in_shadow)


def test_differences_by_hand() -> None:
    pairs = [(0.04, 0.02), (0.02, 0.04), (0.031, 0.029), (0.01, 0.01)]
    told = shadowing._differences("evidence", "hip", pairs)
    assert told.mean == pytest.approx((0.02 - 0.02 + 0.002) / 4)
    spread = (sum((d - told.mean) ** 2 for d in (0.02, -0.02, 0.002, 0)) / 4) ** 0.5
    assert told.limits[1] - told.mean == pytest.approx(1.96 * spread)
    assert (told.agreeing, told.up, told.down) == (0.5, 0.5, 0.25)
    assert told.quantiles[2] == pytest.approx(0.001)
    # On the threshold counts as above it, as everywhere.
    edge = shadowing._differences("evidence", "hip", [(0.03, 0.0299), (0.0299, 0.03)])
    assert (edge.up, edge.down) == (0.5, 0.5)
