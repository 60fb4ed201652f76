"""Decision curves and reclassification: by hand, and at the boundary of a threshold."""

import numpy as np
import pytest

from riskapp.evaluation.course import CannotJudge
from riskapp.evaluation.decision_curve import decision_curve
from riskapp.evaluation.reclassification import reclassification
from tests.evaluation.test_concordance import watched

# Ten people, all followed: events of the first three, deaths of the next two.
SEEN = watched([1, 2, 3, 2, 4, *[10] * 5], [1, 1, 1, 2, 2, *[0] * 5], [1] * 10)
SHARE = np.array([0.6, 0.3, 0.1, 0.3, 0.2, 0.05, 0.05, 0.4, 0.05, 0.05])


def test_net_benefit_by_hand() -> None:
    # At 0.3 four are treated, of whom two have the event: (2 - 2 * 0.3 / 0.7) / 10.
    (found,) = decision_curve(SHARE, SEEN, 9, (0.3,))
    benefit = (2 - 2 * 0.3 / 0.7) / 10
    assert found.treated == 0.4
    assert found.net_benefit == pytest.approx(benefit)
    assert found.treat_all == pytest.approx(0.3 - 0.7 * 0.3 / 0.7)
    assert found.standardised == pytest.approx(benefit / 0.3)
    # Per 100 people 60 fewer are treated, and an event missed is worth 7/3 treatments.
    assert found.avoided_per_100 == pytest.approx(60 - 10 / 0.3)


@pytest.mark.parametrize(("threshold", "treated"), [(0.3, 0.4), (0.3001, 0.2), (0.61, 0.0)])
def test_at_the_threshold_is_treated(threshold: float, treated: float) -> None:
    (found,) = decision_curve(SHARE, SEEN, 9, (threshold,))
    assert found.treated == treated
    if not treated:
        assert found.net_benefit == 0


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, np.nan])
def test_a_threshold_lies_between_0_and_1(threshold: float) -> None:
    with pytest.raises(CannotJudge, match="between 0 and 1"):
        decision_curve(SHARE, SEEN, 9, (threshold,))


def test_treated_people_who_were_all_lost_leave_a_gap() -> None:
    seen = watched([1, 2, 3, 5, 5], [0, 0, 0, 1, 0], [1] * 5)
    (found,) = decision_curve(np.array([0.5, 0.5, 0.1, 0.1, 0.1]), seen, 4, (0.3,))
    assert found.treated == 0.4
    assert found.net_benefit is None


def test_reclassification_by_hand() -> None:
    second = SHARE.copy()
    # One event up, one event down; one of the seven others up, two down.
    second[[2, 1, 5, 7, 3]] = [0.3, 0.1, 0.3, 0.1, 0.1]
    found = reclassification(SHARE, second, SEEN, 9, (0.2,))
    assert found.events == pytest.approx(0)
    assert found.non_events == pytest.approx(1 / 7)
    assert found.total == pytest.approx(1 / 7)
    assert [cell.people for cell in found.cells] == [3, 2, 3, 2]
    assert sum(cell.people for cell in found.cells) == 10
    assert [cell.observed for cell in found.cells] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_thresholds_of_each_person() -> None:
    own = np.where(np.arange(10) < 5, 0.2, 0.5)[:, None]
    moved = reclassification(SHARE, np.where(SHARE == 0.4, 0.5, SHARE), SEEN, 9, own)
    assert moved.non_events == pytest.approx(-1 / 7)
    stays = reclassification(SHARE, np.where(SHARE == 0.4, 0.49, SHARE), SEEN, 9, own)
    assert stays.non_events == 0


def test_the_same_prediction_moves_nobody() -> None:
    found = reclassification(SHARE, SHARE, SEEN, 9, (0.1, 0.2))
    assert (found.events, found.non_events) == (0, 0)
    with pytest.raises(CannotJudge, match="everybody or nobody"):
        reclassification(SHARE, SHARE, SEEN, 0.5, (0.1,))
