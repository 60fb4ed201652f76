"""What a whole column gives away and no value alone: codes among numbers, swapped meanings."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import Flags, Floats, numbers
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.leak_statistics import FEWEST_CENSORED, STANDARD_ERRORS, ranks
from riskapp.cohorts.limits import (
    FEWEST_OF_ONE_CODE,
    HEAVIEST_MEDIAN_BMI,
    HEAVY_BMI,
    MOST_IMPOSSIBLE_ROWS,
    MOST_OF_HEAVY_BMI,
)
from riskapp.cohorts.outcomes import Outcomes
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.risk.limits import RANGES, shown

# Of women past 65 the mean T-score lies near -1.7 and of men near -0.9, by the female reference
# (NHANES III; Looker et al. 1998, doi:10.1007/s001980050093, recalled, to be confirmed); Z-scores
# lie around 0 at every age, and T-scores that lost their sign above it.
OLD_YEARS, FEWEST_OLD, AROUND_ZERO = 65.0, 50, 0.4
FALLS_WITH_AGE = 0.05  # rank correlation; weaker is none
# What stands for "not known" among grades and counts, or the same below 0.
USUAL_CODES = frozenset({1.0, 7.0, 8.0, 9.0, 77.0, 88.0, 99.0, 777.0, 888.0, 999.0, 9999.0})
FEWEST_MEASURED = 10  # different values; fewer are grades or counts
# Follow-up that rises with age so clearly; among those who live it otherwise does not.
LONGER_WITH_AGE = 0.1


def refuse_codes(table: pd.DataFrame, names: Collection[str], schema: SiteSchema) -> None:
    """Refuse a column in which a number far from all others stands for "not known".

    Raises
    ------
    UnusableCohort
        If many people share a value that lies further from the next than all others lie apart.
        A site whose column is so answers it under ``allow``.
    """
    for name in names:
        if name not in table.columns or name in schema.allow:
            continue
        values, _ = numbers(table[name])
        code = _code_among(values[np.isfinite(values)])
        if code is not None:
            count = int((values == code).sum())
            raise UnusableCohort(
                f"The column {name} holds {count} cells of {shown(code)}, far from all others, "
                "which looks like a code for not known: say so in the JSON under values "
                f'("{name}": {{"{code:g}": null}}), or under allow why it is a measurement.'
            )


def _code_among(known: Floats) -> float | None:
    levels, counts = np.unique(known, return_counts=True)
    if len(levels) < 3:
        return None
    many = max(FEWEST_OF_ONE_CODE, MOST_IMPOSSIBLE_ROWS * known.size)
    for end, gap in ((0, levels[1] - levels[0]), (-1, levels[-1] - levels[-2])):
        low, high = np.quantile(known[known != levels[end]], [0.01, 0.99])
        # Grades may well leave one out; what is measured leaves no half of its spread out.
        of_few = len(levels) < FEWEST_MEASURED
        alone = gap > (high - low) * (1.0 if of_few else 0.5)
        alone &= abs(levels[end]) in USUAL_CODES if of_few else levels[end] != 0
        if alone and counts[end] >= many:
            return float(levels[end])
    return None


def refuse_swapped_size(table: pd.DataFrame) -> None:
    """Refuse weights and heights that are each other's, or in pounds though not all heavy."""
    if not {"weight_kg", "height_cm"} <= set(table.columns):
        return
    weight, height = (numbers(table[name])[0] for name in ("weight_kg", "height_cm"))
    known = np.isfinite(weight) & np.isfinite(height) & (height > 0)
    if not known.any():
        return
    lowest = RANGES["height_cm"].low
    # Heights are more alike than weights in any unit, and pounds and inches are refused elsewhere.
    weight, height = weight[known], height[known]
    alike = weight.std() / weight.mean() < height.std() / height.mean()
    if np.median(height) < lowest <= np.median(weight) and alike:
        raise UnusableCohort(
            "The columns weight_kg and height_cm look like each other’s: swap them."
        )
    bmi = weight / (height / 100) ** 2
    if HEAVIEST_MEDIAN_BMI < np.median(bmi) < RANGES["body_mass_index"].high:
        raise UnusableCohort(
            f"Half of the people would have a body mass index above {np.median(bmi):.0f}: where "
            'weights are in pounds say so in the JSON under units ("weight_kg": "[lb_av]").'
        )


def remarks_of(table: pd.DataFrame, outcomes: Outcomes) -> Iterator[str]:
    """Say what looks odd of a whole column but may be so, one sentence each."""
    yield from _heavy(table)
    age = numbers(table["age_years"])[0] if "age_years" in table.columns else np.array([])
    if not np.isfinite(age).any():
        return
    for name in ("femoral_neck_t_score", "total_hip_t_score"):
        if name in table.columns:
            yield from _odd_scores(RANGES[name].label, numbers(table[name])[0], age)
    if _ages_at_end(age, outcomes):
        yield (
            "Older people were followed for longer, which is rare where age is that at baseline: "
            "make sure that it is not the age at the end."
        )


def _heavy(table: pd.DataFrame) -> Sequence[str]:
    if not {"weight_kg", "height_cm"} <= set(table.columns):
        return ()
    weight, height = (numbers(table[name])[0] for name in ("weight_kg", "height_cm"))
    with np.errstate(divide="ignore", invalid="ignore"):
        bmi = weight / (height / 100) ** 2
    known: Flags = np.isfinite(bmi)
    heavy = int((bmi[known] > HEAVY_BMI).sum())
    if heavy < FEWEST_OF_ONE_CODE or heavy <= MOST_OF_HEAVY_BMI * int(known.sum()):
        return ()
    return (
        f"{heavy} of {int(known.sum())} people would have a body mass index above {HEAVY_BMI:g}: "
        "make sure that no weights are in pounds.",
    )


def _odd_scores(label: str, scores: Floats, age: Floats) -> Iterator[str]:
    """T-scores fall with age, and lie below 0 past a certain one."""
    known: Flags = np.isfinite(scores) & np.isfinite(age)
    old = known & (age >= OLD_YEARS)
    if old.sum() < FEWEST_OLD or _go_together(scores[known], age[known]) <= -FALLS_WITH_AGE:
        return
    mean = scores[old].mean()
    if mean > AROUND_ZERO:
        yield (
            f"{label} does not fall with age and lies around {mean:.1f} past {OLD_YEARS:g}, where "
            "T-scores lie below 0: make sure that none has lost its minus sign."
        )
    elif mean >= -AROUND_ZERO:
        yield (
            f"{label} does not fall with age and lies around 0 past {OLD_YEARS:g}, as Z-scores do: "
            "make sure that these are T-scores."
        )


def _ages_at_end(age: Floats, outcomes: Outcomes) -> bool:
    """Whether follow-up rises with age among those of whom nothing is known to have happened."""
    followed = list(outcomes.follow_up.values())
    quiet: Flags = np.isfinite(age) & ~np.any([each.event for each in followed], axis=0)
    years = np.max([each.years for each in followed], axis=0)
    quiet &= np.isfinite(years)
    if quiet.sum() < FEWEST_CENSORED:
        return False
    together = _go_together(age[quiet], years[quiet])
    return bool(together > max(LONGER_WITH_AGE, STANDARD_ERRORS / np.sqrt(quiet.sum() - 3)))


def _go_together(one: Floats, other: Floats) -> float:
    """Rank correlation; 0 where either does not vary."""
    both = np.column_stack([ranks(one), ranks(other)])
    both -= both.mean(axis=0)
    spread = np.sqrt((both**2).sum(axis=0).prod())
    return float(both[:, 0] @ both[:, 1] / spread) if spread > 0 else 0.0
