"""The laboratory's report in a real browser, as it opens from a disk."""

from pathlib import Path

import pytest

from riskapp.laboratory.page.whole import report
from tests.browser.conftest import Walker
from tests.laboratory.people import hip_document

pytestmark = pytest.mark.browser


def test_the_report_opens_offline_is_accessible_and_prints(walker: Walker, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(hip_document()), encoding="utf-8")
    asked: list[str] = []
    walker.page.on("request", lambda request: asked.append(request.url))
    walker.page.goto(path.as_uri())
    walker.look("laboratory-report")
    assert asked == [path.as_uri()]
    assert 5 <= walker.print("laboratory-report") <= 20
