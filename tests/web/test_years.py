"""Years, marks and series as the charts of one patient draw them."""

from datetime import date

from riskapp.models import Fracture, Treatment
from riskapp.web.presenters.series import Dot, apart, series
from riskapp.web.presenters.years import Beside, Years, bars, marks, years_of


def fracture(year: int, site: str = "hip") -> Fracture:
    return Fracture(site=site, happened_on=date(year, 1, 1), precision="year")


def test_the_axis_reaches_back_to_fractures_shortly_before_the_first_number() -> None:
    days = [date(2021, 3, 2), date(2026, 11, 21)]
    assert years_of(days) == Years(2021, 2027)
    assert years_of(days, [date(2016, 1, 1), date(2015, 12, 31)]) == Years(2016, 2027)
    assert years_of(days, [date(2024, 1, 1)]) == Years(2021, 2027)


def test_labels_stay_few_however_many_years() -> None:
    assert [year for _, year in Years(2026, 2027).ticks] == ["2026", "2027"]
    for last in (2030, 2036, 2046, 2080):
        ticks = Years(2020, last).ticks
        assert 2 <= len(ticks) <= 6
        assert ticks[0] == ("0.00%", "2020")


def test_a_fracture_of_which_the_year_is_known_stands_in_its_middle() -> None:
    years = Years(2020, 2022)
    (mark,) = marks(years, [fracture(2019), fracture(2020, "other"), fracture(2022)])
    assert (mark.text, mark.when) == ("Other fracture", "2020")
    assert 24 < float(mark.x.rstrip("%")) < 26


def test_names_of_neighbouring_fractures_stand_on_different_lines() -> None:
    placed = marks(Years(2010, 2020), [fracture(2012), fracture(2013), fracture(2014)])
    assert len({mark.text_y for mark in placed}) == len(placed)


def test_names_of_series_do_not_run_into_each_other() -> None:
    drawn = [series("", name, [Dot("9%", y, None)], []) for name, y in (("a", 80.0), ("b", 78.0))]
    first, second = apart(drawn)
    assert (first.name, second.name) == ("b", "a")
    assert second.name_y - first.name_y >= 16
    assert first.shift == -second.shift != 0


def test_treatments_lie_below_the_years_each_in_a_lane() -> None:
    def course(start: int, end: int | None) -> Treatment:
        ended = date(end, 1, 1) if end else None
        return Treatment(
            agent="denosumab", started_on=date(start, 1, 1), started_precision="year",
            ended_on=ended, ended_precision="year",
        )  # fmt: skip

    courses = [course(2025, None), course(2012, 2021), course(2010, 2015)]
    first, second = bars(Years(2020, 2027), courses, date(2026, 7, 2))
    assert (first.x, first.since, first.until) == ("0.00%", "2012", "2021")
    assert (second.anchor, second.until) == ("end", "")
    assert 92 < float(second.x.rstrip("%")) + float(second.width.rstrip("%")) < 94
    assert Beside((), (first, second)).height == second.y + 10
