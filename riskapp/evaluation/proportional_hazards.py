"""Whether the effects of a Cox model stay the same over the years of follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError
from lifelines.statistics import proportional_hazard_test

from riskapp.evaluation.course import CannotJudge, Course, Floats


@dataclass(frozen=True)
class Proportionality:
    """Chi-squared of one degree of freedom for one column, and its p."""

    column: str
    statistic: float
    p: float


def proportional_hazards(
    columns: Floats, names: Sequence[str], seen: Course
) -> tuple[Proportionality, ...]:
    """Test scaled Schoenfeld residuals against the rank of time.

    A Cox model of the cause, deaths counted as lost, is fitted to the columns without a penalty;
    a small p says that an effect changes with time, and in a large cohort it says so of changes
    that do not matter.

    Parameters
    ----------
    columns : ndarray, shape (n, p)
        Complete, such as terms of a model or its log-hazard ratio alone.

    Raises
    ------
    CannotJudge
        If there are too few events, or columns are constant or repeat one another.

    References
    ----------
    Grambsch PM, Therneau TM, 1994. Biometrika 81:515-526, doi:10.1093/biomet/81.3.515.
    """
    if int(seen.event.sum()) <= columns.shape[1]:
        raise CannotJudge("There are too few events to test whether hazards are proportional.")
    table = pd.DataFrame(columns, columns=list(names))
    if not table.notna().all(axis=None) or (table.nunique() < 2).any():
        raise CannotJudge("A column is not complete or holds one value only.")
    table = table.assign(years_=seen.years, event_=seen.event)
    try:
        fitted = CoxPHFitter().fit(table, duration_col="years_", event_col="event_")
    except ConvergenceError as error:
        raise CannotJudge("The columns repeat one another: their effects have no test.") from error
    found = proportional_hazard_test(fitted, table, time_transform="rank").summary
    return tuple(
        Proportionality(name, float(found.loc[name, "test_statistic"]), float(found.loc[name, "p"]))
        for name in names
    )
