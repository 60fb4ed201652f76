"""The self-test at the shell, and the sheet that a site compares and signs."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from riskapp.actions.scoring import score
from riskapp.exchange.numbers import percent
from riskapp.management.self_test_sheet import CASES
from riskapp.modelstore import SHIPPED
from riskapp.risk.estimate import Outcome
from tests.failing_engine import SAID, failing_evidence

__all__ = ["failing_evidence"]
pytestmark = pytest.mark.django_db


def test_all_that_answers_is_named_with_its_verdict() -> None:
    output = StringIO()
    call_command("self_test", stdout=output)
    told = output.getvalue().splitlines()
    assert all(line.startswith("passed") for line in told)
    assert {line.split()[1] for line in told} == {"frax-2008", "meta-2025", *SHIPPED.values()}


def test_what_fails_ends_the_command_with_its_sentence(
    failing_evidence: None, tmp_path: Path
) -> None:
    output = StringIO()
    with pytest.raises(CommandError, match="The engine evidence is not served"):
        call_command("self_test", report=tmp_path / "sheet.txt", stdout=output)
    assert "FAILED  frax-2008" in output.getvalue()
    written = (tmp_path / "sheet.txt").read_text(encoding="utf-8")
    assert "[FAILED] evidence: frax-2008" in written
    assert f"No number: {SAID}" in written


def test_the_sheet_holds_known_cases_to_be_compared_and_signed(tmp_path: Path) -> None:
    call_command("self_test", report=tmp_path / "sheet.txt", stdout=StringIO())
    written = (tmp_path / "sheet.txt").read_text(encoding="utf-8")
    for name, answers in CASES.items():
        assert f"Case {name}" in written
        (estimate,) = score(answers).estimates
        for outcome in Outcome:
            assert percent(estimate.outcomes[outcome].probability_10y) in written
    assert "Compared by (a second person): ____" in written
    assert max(len(line) for line in written.splitlines() if "No number" not in line) <= 100
