"""What failed its self-test is written down once, and a site's own model is held to its own."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from riskapp.actions import registry, self_testing
from riskapp.actions.serving import engines_for
from riskapp.models import AuditEvent, RegisteredModel
from riskapp.modelstore import self_test
from riskapp.risk.errors import EngineWithheld
from tests.failing_engine import FAILS, failing_evidence

__all__ = ["failing_evidence"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def connection_of_the_test() -> Iterator[None]:
    """A process that starts closes its connection, for those it forks; a test lives in its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(self_testing.connections, "close_all", lambda: None)
        yield


def served(model: RegisteredModel, statistician: User, second_statistician: User) -> None:
    for by, step in ((second_statistician, "approve"), (statistician, "serve")):
        registry.change(by=by, model=model, step=step, why="It did well.")
    model.refresh_from_db()


def written() -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(action__startswith="engine.").order_by("number")
    return list(rows.values_list("action", "target"))


def test_all_that_ships_passes_and_nothing_is_written_down() -> None:
    self_testing.at_start()
    assert written() == []
    assert self_testing.withheld_engines() == []


def test_what_fails_is_written_down_once_and_once_more_when_it_is_mended(
    failing_evidence: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):  # two processes of one site
        self_testing.at_start()
    assert written() == [("engine.withheld", "frax-2008")]
    assert FAILS in caplog.text
    monkeypatch.undo()
    self_test.forget()
    self_testing.at_start()
    assert written()[1:] == [("engine.served", "frax-2008")]


def test_a_model_answers_as_it_did_when_a_second_person_approved_it(
    model: RegisteredModel, statistician: User, second_statistician: User
) -> None:
    served(model, statistician, second_statistician)
    assert model.golden["files_sha256"] == model.sha256
    (engine,) = engines_for(["cox"], "frax-2008", model.organisation_id)
    assert engine.model_id == model.model_id


def test_a_served_model_that_answers_otherwise_is_withheld_and_the_shipped_one_does_not_step_in(
    model: RegisteredModel, statistician: User, second_statistician: User
) -> None:
    served(model, statistician, second_statistician)
    model.golden["answers"][0]["hip"][0] *= 1.01
    model.save(update_fields=["golden"])
    self_test.forget()
    with pytest.raises(EngineWithheld, match="The engine cox is not served: golden estimate 1"):
        engines_for(["cox"], "frax-2008", model.organisation_id)
    assert self_testing.withheld_engines() == ["cox"]
    # Another organisation is served what ships.
    assert engines_for(["cox"], "frax-2008")


def test_a_model_approved_before_golden_estimates_were_kept_is_approved_anew(
    model: RegisteredModel, statistician: User, second_statistician: User
) -> None:
    served(model, statistician, second_statistician)
    RegisteredModel.objects.update(golden=None)
    with pytest.raises(EngineWithheld, match="let a second person approve it anew"):
        engines_for(["cox"], "frax-2008", model.organisation_id)
    model.refresh_from_db()
    served(model, statistician, second_statistician)
    assert engines_for(["cox"], "frax-2008", model.organisation_id)
