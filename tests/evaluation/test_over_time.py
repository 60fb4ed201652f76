"""Figures at several horizons: those of each alone, from one count of who was followed."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation import course as judged
from riskapp.evaluation.brier import brier_at, brier_over_time
from riskapp.evaluation.course import Course, Floats, Places, course
from riskapp.evaluation.observed import cumulative_incidence, incidences
from riskapp.evaluation.roc import auc_at, auc_over_time

HORIZONS = [2.0, 4.0, 8.0]


def people(*, deaths: bool, until: float = np.inf) -> tuple[Course, Floats]:
    rng = np.random.default_rng(3)
    fracture, death, lost = (
        rng.exponential(15, 300),
        rng.exponential(20, 300),
        rng.uniform(1, 12, 300),
    )
    years = np.ceil(4 * np.minimum(fracture, np.minimum(death, lost))) / 4
    event = (fracture <= np.minimum(death, lost)) & (years <= until)
    dies = (death < np.minimum(fracture, lost)) & (years <= until)
    years = np.minimum(years, until)
    died = FollowUp(event=dies, years=years) if deaths else None
    shares = rng.uniform(size=(300, 3)).round(2)
    shares[:, 1] = shares[:, 0] / 2  # the order of the first; the last has another
    return course(FollowUp(event=event, years=years), died), shares


@pytest.mark.parametrize("until", [np.inf, HORIZONS[-1]], ids=["went on", "cut at the last"])
@pytest.mark.parametrize("deaths", [False, True])
def test_each_horizon_is_as_alone(deaths: bool, until: float) -> None:
    seen, shares = people(deaths=deaths, until=until)
    areas = auc_over_time(shares, seen, HORIZONS).at
    scores = brier_over_time(shares, seen, HORIZONS).at
    reached = incidences(seen, HORIZONS)
    for place, horizon in enumerate(HORIZONS):
        own = shares[:, place]
        assert areas[place].auc == pytest.approx(auc_at(own, seen, horizon).auc, rel=1e-12)
        alone = brier_at(own, seen, horizon)
        assert scores[place].score == pytest.approx(alone.score, rel=1e-12)
        assert scores[place].null == pytest.approx(alone.null, rel=1e-12)
        assert reached[place] == cumulative_incidence(seen, horizon).value


@pytest.mark.parametrize("figure", [auc_over_time, brier_over_time])
def test_who_was_followed_is_counted_once_for_all_horizons(
    figure: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    leaving = judged.leaving

    def counting(order: Places, *of: Floats) -> tuple[Floats, ...]:
        counted.append(order)
        return leaving(order, *of)

    monkeypatch.setattr(judged, "leaving", counting)
    seen, shares = people(deaths=True)
    assert callable(figure)
    figure(shares, seen, HORIZONS)
    assert len(counted) == 1  # for the weights and for the incidence
