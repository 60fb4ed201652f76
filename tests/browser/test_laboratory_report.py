"""The laboratory's report in a real browser, as it opens from a disk."""

from pathlib import Path

import pytest

from riskapp.laboratory.candidates import learned_candidates
from riskapp.laboratory.explaining import rests_on_model
from riskapp.laboratory.page.whole import report
from riskapp.risk.learned import LearnedEngine
from tests.browser.conftest import Walker
from tests.laboratory.people import hip_document, small_cohort

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def base_url() -> str:
    """The report needs no server."""
    return ""


def test_the_report_opens_offline_is_accessible_and_prints(walker: Walker, tmp_path: Path) -> None:
    one = learned_candidates(["cox"], [])[0]
    assert isinstance(one.engine, LearnedEngine)
    parts = rests_on_model(one.engine, small_cohort(), interactions=True)
    document = {
        **hip_document(),
        "rests_on": [{"key": one.key, "label": one.label, **each} for each in parts],
    }
    path = tmp_path / "report.html"
    path.write_text(report(document), encoding="utf-8")
    asked: list[str] = []
    walker.page.on("request", lambda request: asked.append(request.url))
    walker.page.goto(path.as_uri())
    walker.look("laboratory-report")
    assert asked == [path.as_uri()]
    assert 5 <= walker.print("laboratory-report") <= 24
