"""Who judges what was trained: training does not judge itself, whoever starts it says by what."""

from collections.abc import Callable, Mapping
from typing import Any

from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome

# Of ten-year probabilities, shape (n,), and what happened: figures by outcome.
Judge = Callable[[Mapping[Outcome, Floats], Mapping[str, FollowUp]], dict[str, Any]]
