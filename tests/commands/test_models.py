"""Models at the shell: where each stands, and how one becomes known."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from riskapp.actions.permitting import is_statistician
from riskapp.models import RegisteredModel
from tests.model_copies import copied_model
from tests.people import model_folder, owner, scan_folder, statistician

__all__ = ["model_folder", "owner", "scan_folder", "statistician"]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("models", *arguments, stdout=said)
    return said.getvalue()


def test_a_model_trained_at_a_shell_is_registered_by_who_answers_for_it(
    model_folder: Path, statistician: User, owner: User
) -> None:
    copied_model(model_folder, "by-hand")
    assert "not registered  by-hand" in run()
    for who in ("", "nobody", "owner"):
        with pytest.raises(CommandError):
            run("--register", "by-hand", "--by", who)
    assert "another statistician can approve" in run(
        "--register", "by-hand", "--by", "statistician"
    )
    assert "trained  by-hand" in run()
    assert RegisteredModel.objects.get().trained_by == statistician
    with pytest.raises(CommandError, match="registered already"):
        run("--register", "by-hand", "--by", "statistician")
    RegisteredModel.objects.update(sha256="0" * 64)
    assert "changed, refused  by-hand" in run()
    assert "\nrefused  " not in run()
    (model_folder / "by-hand" / "more.txt").write_text("x", encoding="utf-8")
    said = run()
    assert "changed, refused  by-hand" not in said
    assert "refused  Model by-hand was changed after it was stored: more.txt is not among" in said


@pytest.mark.django_db
def test_a_statistician_is_made_at_the_shell() -> None:
    said = StringIO()
    call_command("add_clinician", "stat", organisation="Clinic", statistician=True, stdout=said)
    assert "may train and approve" in said.getvalue()
    assert is_statistician(User.objects.get(username="stat"))
    call_command("add_clinician", "plain", organisation="Clinic", stdout=said)
    assert not is_statistician(User.objects.get(username="plain"))
