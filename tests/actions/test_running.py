"""Runs of the laboratory: each ends in a result, once, or in a sentence."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import following, leasing, run_queue, running
from riskapp.actions.cohort_files import delete_cohort, take_cohort
from riskapp.actions.errors import NotAllowed, NotFound, Refused
from riskapp.actions.run_files import log_of, report_path
from riskapp.models import AuditEvent, CohortFile, LaboratoryRun, RegisteredModel
from riskapp.modelstore import SHIPPED
from tests.actions.laboratory_files import sent

HERE = leasing.this_process()


@pytest.fixture(autouse=True)
def laboratory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands are a stand-in that behaves as the environment says."""
    monkeypatch.setattr(
        following, "MANAGE", (sys.executable, "-m", "tests.actions.fake_laboratory")
    )
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.05)


def test_a_cohort_is_checked_and_what_was_counted_is_kept(cohort: CohortFile) -> None:
    assert cohort.status == "checking"
    assert running.run_next(HERE)
    assert not running.run_next(HERE)
    cohort.refresh_from_db()
    assert (cohort.status, cohort.report["people"]) == ("usable", 1207)
    assert AuditEvent.objects.filter(action="cohort.check", target=str(cohort.id)).exists()


def test_a_refused_cohort_says_why_in_the_sentence_of_the_check(
    cohort: CohortFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "refuses")
    assert running.run_next(HERE)
    cohort.refresh_from_db()
    assert (cohort.status, cohort.reason) == ("refused", "The column x knows it all.")
    assert "nobody should read" in log_of(LaboratoryRun.objects.get())


def test_a_check_that_answers_in_json_gives_its_reason(
    cohort: CohortFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "refuses in JSON")
    assert running.run_next(HERE)
    cohort.refresh_from_db()
    assert (cohort.status, cohort.reason) == ("refused", "x knows the future.")


def test_a_report_is_written_and_found(usable: CohortFile, statistician: User) -> None:
    for outcome, engines in (("hip", []), ("hip", ["evidence"]), ("wrist", ["cox"])):
        with pytest.raises(Refused):
            run_queue.ask_for_report(
                by=statistician, cohort=usable, outcome=outcome, engines=engines
            )
    run = run_queue.ask_for_report(by=statistician, cohort=usable, outcome="hip", engines=["cox"])
    assert running.run_next(HERE)
    run.refresh_from_db()
    assert run.state == "done"
    assert report_path(by=statistician, run_id=run.id).read_text() == "<p>C 0.81</p>"


def test_what_a_broken_command_wrote_is_no_sentence(
    cohort: CohortFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "breaks")
    assert running.run_next(HERE)
    cohort.refresh_from_db()
    assert cohort.reason == following.WORDLESS


def test_training_ends_in_a_registered_model(training: LaboratoryRun, statistician: User) -> None:
    assert running.run_next(HERE)
    training.refresh_from_db()
    assert (training.state, training.done_share) == ("done", 1.0)
    model = RegisteredModel.objects.get()
    assert (model.model_id, model.status, model.trained_by) == ("clinic-9", "trained", statistician)
    assert model.run == training
    assert model.changes.get().why == "Trained on people.csv."


def test_a_command_that_is_killed_is_tried_again_and_then_given_up(
    training: LaboratoryRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "is killed")
    for _ in range(len(leasing.BACK_OFF) + 1):
        LaboratoryRun.objects.update(run_after=timezone.now())
        assert running.run_next(HERE)
    training.refresh_from_db()
    assert (training.state, training.failures) == ("failed", 3)
    assert "failed three times" in training.reason
    assert not RegisteredModel.objects.exists()


def test_a_run_whose_worker_died_starts_anew_and_makes_one_model(training: LaboratoryRun) -> None:
    first = run_queue.claim("host-a:1:1")
    assert first is not None
    half = running.folder_of(training) / f"{running.MODELS}-1" / "clinic-9"
    half.mkdir(parents=True)
    (half / "card.md").write_text("half a model")
    assert not running.run_next(HERE)  # its lease lasts
    LaboratoryRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert running.run_next(HERE)
    assert RegisteredModel.objects.get().run == training
    assert not leasing.finish(first)


def test_a_process_that_outlives_its_worker_is_not_in_the_way(
    training: LaboratoryRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_queue.claim("host-a:1:1") is not None
    LaboratoryRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    # It writes its model whatever was cleared away before.
    late = running.folder_of(training) / f"{running.MODELS}-1" / "clinic-9"
    clear = running.shutil.rmtree
    monkeypatch.setattr(
        running.shutil, "rmtree", lambda *a, **k: (clear(*a, **k), late.mkdir(parents=True))
    )
    assert running.run_next(HERE)
    assert RegisteredModel.objects.get().run == training


def test_a_worker_that_died_after_moving_a_model_leaves_it_to_the_next(
    training: LaboratoryRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running.registry, "add", dies)
        with pytest.raises(KeyboardInterrupt):
            running.run_next(HERE)
    assert not RegisteredModel.objects.exists()
    monkeypatch.setenv("FAKE_LABORATORY", "breaks")  # it is not trained again
    assert running.run_next(HERE)
    assert RegisteredModel.objects.get().model_id == "clinic-9"


def test_a_running_command_tells_how_far_it_is_and_can_be_cancelled(
    training: LaboratoryRun, statistician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "takes long")
    seen = []
    progress = following._progress

    def cancelled_once_seen(output: Path) -> Any:
        told = progress(output)
        if told and not seen:
            seen.append(told)
            run_queue.cancel(by=statistician, run=training)
        return told

    monkeypatch.setattr(following, "_progress", cancelled_once_seen)
    assert running.run_next(HERE)
    assert seen == [(0.25, "Fitting cox")]
    training.refresh_from_db()
    assert (training.state, training.reason) == ("cancelled", "Cancelled by statistician.")


def test_a_worker_that_is_told_to_stop_gives_its_run_back(
    training: LaboratoryRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LABORATORY", "takes long")
    monkeypatch.setattr(following.TOLD_TO_STOP, "is_set", lambda: True)
    assert running.run_next(HERE)
    training.refresh_from_db()
    assert (training.state, training.failures) == ("waiting", 0)


def test_a_waiting_run_is_cancelled_at_once_and_only_once(
    training: LaboratoryRun, statistician: User
) -> None:
    run_queue.cancel(by=statistician, run=training)
    assert not running.run_next(HERE)
    with pytest.raises(Refused, match="ended already"):
        run_queue.cancel(by=statistician, run=training)


@pytest.mark.parametrize(
    ("engines", "model_id"),
    [
        ([], "fine"),
        (["evidence"], "fine"),
        (["cox"], ""),
        (["cox"], "../up"),
        (["cox"], SHIPPED["cox"]),
        (["cox"], "clinic-9"),
        (["cox", "lightgbm"], "x" * 60),
    ],
)
def test_training_that_cannot_go_well_is_refused_before_it_begins(
    training: LaboratoryRun, statistician: User, engines: list[str], model_id: str
) -> None:
    assert training.cohort is not None
    with pytest.raises(Refused):
        run_queue.ask_for_training(
            by=statistician, cohort=training.cohort, engines=engines, model_id=model_id
        )


def test_clinicians_and_strangers_see_nothing_of_the_laboratory(
    training: LaboratoryRun, owner: User, strange_statistician: User
) -> None:
    assert training.cohort is not None
    with pytest.raises(NotAllowed):
        take_cohort(by=owner, table=sent())
    for act in (
        lambda by: delete_cohort(by=by, cohort=training.cohort),
        lambda by: run_queue.cancel(by=by, run=training),
        lambda by: run_queue.ask_for_training(
            by=by, cohort=training.cohort, engines=["cox"], model_id="other"
        ),
    ):
        with pytest.raises(NotFound):
            act(strange_statistician)
        with pytest.raises(NotAllowed):
            act(owner)
    assert json.dumps(training.engines) == '["cox"]'
