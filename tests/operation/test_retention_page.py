"""docs/retention.md says what the table of periods says."""

import os

from riskapp import retention
from tests.kept import ROOT

PAGE = ROOT / "docs" / "retention.md"


def test_the_page_of_periods_is_fresh() -> None:
    if os.environ.get("TRABECULA_DESCRIBE"):
        PAGE.write_text(retention.document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == retention.document()


def test_each_period_lies_within_its_bounds_and_has_a_reason() -> None:
    for one in retention.PERIODS:
        assert one.least <= one.days <= one.most, one.name
        assert one.because, one.name
        assert one.then, one.name


def test_periods_are_said_as_people_say_them() -> None:
    told = [retention.in_words(days) for days in (0, 1, 30, 365, 366, 8 * 366)]
    assert told == ["at once", "a day", "30 days", "365 days", "a year", "8 years"]
