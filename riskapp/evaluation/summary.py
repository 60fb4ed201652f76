"""The few figures that are kept with a model: ten-year probabilities against what happened."""

from collections.abc import Mapping
from typing import Any

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.brier import brier_at
from riskapp.evaluation.calibration import grouped, in_the_large
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import CannotJudge, Course, Floats, checked_probabilities, course
from riskapp.risk.estimate import Outcome

HORIZON_YEARS = 10.0
FIFTHS = 5
# Where the first was not recorded, the second stands in.
RECORDED_AS: dict[Outcome, tuple[str, ...]] = {
    Outcome.MAJOR_OSTEOPOROTIC: ("major_osteoporotic", "any"),
    Outcome.HIP: ("hip",),
}


def judge(predicted: Mapping[Outcome, Floats], follow_up: Mapping[str, FollowUp]) -> dict[str, Any]:
    """Judge per outcome that was recorded, and happened often enough to rank anybody.

    Where only "any" fracture was recorded, the probability of a major one is held against it for
    its order alone; so is every probability where deaths were not recorded. Where nobody was
    followed for ten years, ``calibration`` says so.

    Parameters
    ----------
    predicted : mapping of Outcome to ndarray, shape (n,)
        Ten-year probabilities.
    follow_up : mapping of outcome to FollowUp, each of n rows

    Raises
    ------
    CannotJudge
        If a prediction is no probability.
    """
    found: dict[str, Any] = {}
    for outcome, names in RECORDED_AS.items():
        name = next((name for name in names if name in follow_up), None)
        if name is None:
            continue
        seen = course(follow_up[name], follow_up.get("death"))
        given = checked_probabilities(predicted[outcome], seen)
        try:
            ranked = harrell(given, seen)
        except CannotJudge:
            continue
        found[outcome.value] = {
            "recorded": name,
            "people": seen.people,
            "events": ranked.events,
            "concordance": round(ranked.c, 4),
        }
        if seen.competing and name == outcome.value:
            found[outcome.value] |= _calibration(given, seen)
    return found


def _calibration(predicted: Floats, seen: Course) -> dict[str, Any]:
    try:
        level = in_the_large(predicted, seen, HORIZON_YEARS)
        fifths = grouped(predicted, seen, HORIZON_YEARS, FIFTHS)
        ipa = brier_at(predicted, seen, HORIZON_YEARS).ipa
    except CannotJudge as error:
        return {"calibration": str(error)}
    return {
        "observed": round(level.observed.value, 5),
        "predicted": round(level.expected, 5),
        "observed_over_expected": round(level.ratio, 3),
        "ipa": None if ipa is None else round(ipa, 4),
        "fifths": [
            {
                "people": each.people,
                "events": each.events,
                "predicted": round(each.expected, 5),
                "observed": round(each.observed.value, 5),
            }
            for each in fifths
        ],
    }
