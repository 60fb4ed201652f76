"""A model's life: two people, one way forward, and nothing that was changed on the way."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from riskapp.actions import registry, serving
from riskapp.actions.errors import NotAllowed, NotFound, Refused
from riskapp.actions.scoring import score
from riskapp.models import AuditEvent, RegisteredModel, ServedModel, StatusChange
from riskapp.modelstore import SHIPPED, UnknownModel
from tests.model_copies import copied_model

ANN = {"population": "gb", "age_years": 70, "sex": "female"}


def _step(by: User, model: RegisteredModel, step: str) -> RegisteredModel:
    return registry.change(by=by, model=model, step=step, why="It did well.")


def test_a_model_is_trained_tried_approved_served_and_retired(
    model: RegisteredModel, statistician: User, second_statistician: User
) -> None:
    told = [
        _step(statistician, model, "shadow").status,
        _step(second_statistician, model, "approve").status,
        _step(statistician, model, "serve").status,
        _step(statistician, model, "retire").status,
    ]
    assert told == ["in shadow", "approved", "serving", "retired"]
    assert [one.after for one in model.changes.all()] == ["trained", *told]
    actions = AuditEvent.objects.filter(target=str(model.id)).values_list("action", flat=True)
    assert list(actions) == [
        "model.register", "model.shadow", "model.approve", "model.serve", "model.retire"
    ]  # fmt: skip
    assert not ServedModel.objects.exists()
    assert registry.problem_with(model) == ""  # what it answered can still be computed again


def test_who_trained_a_model_cannot_approve_it(model: RegisteredModel, statistician: User) -> None:
    with pytest.raises(Refused, match="somebody else has to approve"):
        _step(statistician, model, "approve")
    model.refresh_from_db()
    assert (model.status, model.approved_by) == ("trained", None)
    assert StatusChange.objects.count() == 1
    assert "somebody else" in registry.possible(statistician, model)["approve"]


def test_not_even_the_database_takes_an_approval_by_the_same_person(
    model: RegisteredModel, statistician: User
) -> None:
    same = RegisteredModel.objects.filter(id=model.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        same.update(approved_by=statistician, status="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        same.update(status="serving")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("serve", "The model is trained; to serve it, it must be approved."),
        ("withdraw", "it must be serving"),
        ("dance", "A step is one of"),
    ],
)
def test_no_step_is_left_out(
    model: RegisteredModel, second_statistician: User, step: str, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        _step(second_statistician, model, step)


@pytest.mark.parametrize("why", ["", "  \n", "x" * 501, "a\0b"])
def test_a_step_needs_a_reason_that_can_be_kept(
    model: RegisteredModel, statistician: User, why: str
) -> None:
    with pytest.raises(Refused):
        registry.change(by=statistician, model=model, step="shadow", why=why)


def test_clinicians_and_strangers_can_do_nothing_with_a_model(
    model: RegisteredModel, owner: User, strange_statistician: User
) -> None:
    with pytest.raises(NotAllowed):
        _step(owner, model, "approve")
    with pytest.raises(NotFound):
        _step(strange_statistician, model, "approve")


def test_the_model_that_serves_answers_for_its_organisation_only(
    model: RegisteredModel, statistician: User, second_statistician: User, stranger: User
) -> None:
    _step(second_statistician, model, "approve")
    _step(statistician, model, "serve")
    here, there = model.organisation_id, stranger.membership.organisation_id
    names = {
        where: score(ANN, engines=["cox"], organisation_id=where).estimates[0].model_id
        for where in (here, there, None)
    }
    assert names == {here: "clinic-1", there: SHIPPED["cox"], None: SHIPPED["cox"]}
    _step(statistician, model, "withdraw")
    again = score(ANN, engines=["cox"], organisation_id=here).estimates[0]
    assert again.model_id == SHIPPED["cox"]


def test_one_model_serves_for_an_engine_and_the_other_steps_back(
    model: RegisteredModel, model_folder: Path, statistician: User, second_statistician: User
) -> None:
    copied_model(model_folder, "clinic-2")
    newer = registry.adopt(by=statistician, model_id="clinic-2")
    for one in (model, newer):
        _step(second_statistician, one, "approve")
        _step(statistician, one, "serve")
    model.refresh_from_db()
    assert (model.status, newer.status) == ("approved", "trained")
    newer.refresh_from_db()
    assert newer.status == "serving"
    assert ServedModel.objects.get().model == newer
    assert model.changes.last().why == "clinic-2 serves in its place."


@pytest.mark.parametrize("also_manifest", [False, True])
def test_a_folder_that_was_changed_is_refused_wherever_it_is_used(
    model: RegisteredModel,
    model_folder: Path,
    statistician: User,
    second_statistician: User,
    also_manifest: bool,
) -> None:
    _step(second_statistician, model, "approve")
    _step(statistician, model, "serve")
    assert serving.engines_for(["cox"], "frax-2008", model.organisation_id)
    folder = model_folder / "clinic-1"
    if also_manifest:  # a complete forgery: every hash in the folder is right
        forged = (folder / "manifest.json").read_text().replace("cohort example", "cohort other")
        (folder / "manifest.json").write_text(forged)
    else:
        with (folder / "parameters.json").open("a") as file:
            file.write(" ")
    assert "was changed after" in registry.problem_with(model)
    with pytest.raises(UnknownModel, match="was changed after"):
        serving.engines_for(["cox"], "frax-2008", model.organisation_id)
    _step(statistician, model, "withdraw")
    with pytest.raises(Refused, match="was changed after"):
        _step(statistician, model, "serve")
    assert _step(statistician, model, "retire").status == "retired"


def test_a_folder_is_registered_once(model: RegisteredModel, statistician: User) -> None:
    with pytest.raises(Refused, match="registered already"):
        registry.adopt(by=statistician, model_id="clinic-1")
    with pytest.raises(UnknownModel):
        registry.adopt(by=statistician, model_id="never-was")


def test_a_model_whose_evidence_changed_answers_only_when_approved_anew(
    model: RegisteredModel, statistician: User, second_statistician: User
) -> None:
    _step(second_statistician, model, "approve")
    _step(statistician, model, "serve")
    model.refresh_from_db()
    assert "approve" not in registry.possible(second_statistician, model)
    RegisteredModel.objects.update(evidence="0ld00000")  # a newer product, with other evidence
    model.refresh_from_db()
    with pytest.raises(UnknownModel, match="evidence, which has changed"):
        serving.engines_for(["cox"], "frax-2008", model.organisation_id)
    assert registry.possible(second_statistician, model)["approve"] == ""
    with pytest.raises(Refused, match="somebody else has to approve"):
        _step(statistician, model, "approve")
    _step(second_statistician, model, "approve")
    model.refresh_from_db()
    assert (model.status, ServedModel.objects.count()) == ("approved", 0)
    _step(statistician, model, "serve")
    answer = score(ANN, engines=["cox"], organisation_id=model.organisation_id).estimates[0]
    assert answer.model_id == "clinic-1"


def test_a_model_of_other_evidence_cannot_begin_to_answer(
    model: RegisteredModel, statistician: User
) -> None:
    RegisteredModel.objects.update(evidence="0ld00000")
    model.refresh_from_db()
    with pytest.raises(Refused, match="evidence, which has changed"):
        _step(statistician, model, "shadow")


def test_of_two_who_decide_at_once_one_does(
    model: RegisteredModel,
    statistician: User,
    second_statistician: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = RegisteredModel.objects.get(pk=model.pk)  # by the one who comes second
    _step(second_statistician, model, "approve")
    monkeypatch.setattr(registry, "find_model", lambda **_: seen)
    with pytest.raises(Refused, match="Somebody else changed the model just now"):
        _step(second_statistician, model, "approve")
    assert [one.after for one in model.changes.all()] == ["trained", "approved"]
