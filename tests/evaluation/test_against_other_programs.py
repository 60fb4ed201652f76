"""Every figure against scikit-survival, lifelines and R; values stored with their programs."""

import numpy as np
import pytest

from riskapp.evaluation.brier import brier_over_time
from riskapp.evaluation.calibration import weak
from riskapp.evaluation.calibration_curve import calibration_curve
from riskapp.evaluation.concordance import difference, harrell, uno
from riskapp.evaluation.decision_curve import decision_curve
from riskapp.evaluation.observed import cumulative_incidence
from riskapp.evaluation.pseudo_values import pseudo_values
from riskapp.evaluation.reclassification import reclassification
from riskapp.evaluation.roc import auc_over_time
from tests.evaluation.stored import CASES, HORIZONS, people, predicted, values

CLOSE = {"rtol": 0, "atol": 1e-9}


@pytest.mark.parametrize(("ties", "which"), CASES)
def test_without_competing_risks_as_scikit_survival(ties: int, which: str) -> None:
    seen, given = people(ties, competing=False), predicted(ties, which)
    wanted = values("survival", ties, which)
    assert harrell(given[:, 1], seen).c == pytest.approx(wanted["harrell"], abs=1e-12)
    assert harrell(given[:, 1], seen, 5).c == pytest.approx(wanted["harrell_5"], abs=1e-12)
    assert uno(given[:, 1], seen, 8) == pytest.approx(wanted["uno"], abs=1e-12)
    auc = auc_over_time(given, seen, HORIZONS)
    np.testing.assert_allclose([each.auc for each in auc.at], wanted["auc"], **CLOSE)
    assert auc.integrated == pytest.approx(wanted["auc_integrated"], abs=1e-9)
    brier = brier_over_time(given, seen, HORIZONS)
    np.testing.assert_allclose([each.score for each in brier.at], wanted["brier"], **CLOSE)
    assert brier.integrated == pytest.approx(wanted["brier_integrated"], abs=1e-9)


@pytest.mark.parametrize(("ties", "which"), CASES)
def test_concordance_with_deaths_as_r(ties: int, which: str) -> None:
    seen, given = people(ties, competing=True), predicted(ties, which)[:, 1]
    wanted = values("competing", ties, which)
    own = harrell(given, seen)
    other = harrell(predicted(ties, "second" if which == "first" else "first")[:, 1], seen)
    apart = difference(own, other)
    assert own.c == pytest.approx(wanted["harrell"], abs=1e-12)
    assert own.standard_error == pytest.approx(wanted["harrell_se"], abs=1e-9)
    assert apart.value == pytest.approx(wanted["difference"], abs=1e-12)
    assert apart.standard_error == pytest.approx(wanted["difference_se"], abs=1e-9)


@pytest.mark.parametrize(("ties", "which"), CASES)
def test_uno_with_deaths_as_r(ties: int, which: str) -> None:
    seen, given = people(ties, competing=True), predicted(ties, which)[:, 1]
    wanted = values("competing", ties, which)
    assert uno(given, seen, 8) == pytest.approx(wanted["uno_dead"], abs=1e-6)


@pytest.mark.parametrize(("ties", "which"), CASES)
def test_auc_and_brier_with_deaths_as_r(ties: int, which: str) -> None:
    seen, given = people(ties, competing=True), predicted(ties, which)
    wanted = values("competing", ties, which)
    auc = auc_over_time(given, seen, HORIZONS)
    np.testing.assert_allclose([each.auc for each in auc.at], wanted["auc"], **CLOSE)
    brier = brier_over_time(given, seen, HORIZONS).at
    np.testing.assert_allclose([each.score for each in brier], wanted["brier"], **CLOSE)
    np.testing.assert_allclose([each.null for each in brier], wanted["null"], **CLOSE)
    np.testing.assert_allclose([each.ipa for each in brier], wanted["ipa"], rtol=0, atol=1e-7)


@pytest.mark.parametrize("ties", [0, 1])
def test_incidence_as_r(ties: int) -> None:
    wanted = values("competing", ties, "first")
    found = [cumulative_incidence(people(ties, competing=True), t) for t in HORIZONS]
    np.testing.assert_allclose([each.value for each in found], wanted["incidence"], **CLOSE)
    np.testing.assert_allclose(
        [each.standard_error for each in found], wanted["incidence_se"], **CLOSE
    )
    weighted = people(ties, competing=True, weighted=True)
    again = [cumulative_incidence(weighted, horizon).value for horizon in HORIZONS]
    np.testing.assert_allclose(again, wanted["weighted"], **CLOSE)


@pytest.mark.parametrize(("ties", "which"), CASES)
def test_calibration_slope_as_r(ties: int, which: str) -> None:
    seen, given = people(ties, competing=True), predicted(ties, which)[:, 1]
    wanted = values("competing", ties, which)
    np.testing.assert_allclose(pseudo_values(seen, 5)[:20], wanted["pseudo"], **CLOSE)
    found = weak(given, seen, 5)
    assert found.intercept.value == pytest.approx(wanted["intercept"], abs=1e-6)
    assert found.intercept.standard_error == pytest.approx(wanted["intercept_se"], abs=1e-6)
    assert found.slope.value == pytest.approx(wanted["slope"], abs=1e-6)
    assert found.slope.standard_error == pytest.approx(wanted["slope_se"], abs=1e-6)


@pytest.mark.parametrize("ties", [0, 1])
def test_decisions_and_reclassification_as_r(ties: int) -> None:
    seen, wanted = people(ties, competing=True), values("decisions", ties, "first")
    first, second = (predicted(ties, which)[:, 1] for which in ("first", "second"))
    curve = decision_curve(first, seen, 5, (0.1, 0.2, 0.35))
    found = [each.net_benefit for each in curve]
    np.testing.assert_allclose(found, wanted["net_benefit"], **CLOSE)
    moved = reclassification(first, second, seen, 5, (0.1, 0.2))
    assert moved.events == pytest.approx(wanted["nri_events"], abs=1e-9)
    assert moved.non_events == pytest.approx(wanted["nri_others"], abs=1e-9)


@pytest.mark.parametrize("ties", [0, 1])
def test_smooth_calibration_as_r(ties: int) -> None:
    seen, wanted = people(ties, competing=True), values("decisions", ties, "first")
    curve = calibration_curve(predicted(ties, "first")[:, 1], seen, 5)
    found = [curve.ici, curve.e50, curve.e90, curve.e_max]
    assert found == pytest.approx(
        [wanted[name] for name in ("ici", "e50", "e90", "e_max")], abs=1e-6
    )
