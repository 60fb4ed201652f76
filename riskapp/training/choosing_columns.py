"""Which of a site's many columns a fit may learn from: chosen by the people that it is fitted to.

It is done inside every fit, so inside every fold of a resampling: nobody who is held out has a
word in the choice.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.risk.design_row import Floats
from riskapp.training.completing import Completed, completed
from riskapp.training.selection import LEAST_EVENTS, Selection, SelectionRecipe, select_columns

# Up to so many columns a ridge holds what chance says; with more a choice comes first.
RECIPE: dict[str, Any] = {"above_columns": 12} | asdict(SelectionRecipe())
FRACTURES = ("hip", "other_major_osteoporotic")


@dataclass(frozen=True)
class ChosenColumns:
    """A cohort with the columns that were chosen.

    Attributes
    ----------
    left_out : mapping of str to str
        Columns that were not chosen, each with a sentence.
    notes : tuple of str
        How the choice was made, for the card; none where there was nothing to choose.
    """

    cohort: Cohort
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


def chosen_columns(cohort: Cohort, recipe: Mapping[str, Any], seed: int) -> ChosenColumns:
    """Choose among a cohort's own columns where there are many.

    A column is judged by what it says of any fracture beside what the evidence expects. With too
    few fractures for that nothing is chosen, and all columns go on to the fit.

    Parameters
    ----------
    recipe : mapping
        As ``RECIPE``.
    """
    settings = {name: value for name, value in recipe.items() if name != "above_columns"}
    if len(cohort.site_columns) <= recipe["above_columns"]:
        return ChosenColumns(cohort, {}, ())
    names = [column.name for column in cohort.site_columns]
    bare = completed(replace(cohort, site_columns=()), seed)
    events, expected = _fractures(bare)
    if events.sum() < LEAST_EVENTS:
        few = f"With {events.sum():.0f} fractures nothing was chosen among the site's columns."
        return ChosenColumns(cohort, {}, (few,))
    values = np.array(
        [[each.site_values.get(name, np.nan) for name in names] for each in cohort.profiles]
    )
    found = select_columns(
        values, names, events, expected, seed=seed, recipe=SelectionRecipe(**settings),
        repeatability=cohort.repeatability,
    )  # fmt: skip
    kept = tuple(column for column in cohort.site_columns if column.name in found.chosen)
    return ChosenColumns(replace(cohort, site_columns=kept), _reasons(found), (_note(found),))


def _fractures(people: Completed) -> tuple[Floats, Floats]:
    """Fractures of each person, and how many the evidence expects, shape (n,) each."""
    events, expected = np.zeros((2, len(people.people)))
    for cause in FRACTURES:
        if cause in people.taught.follow_up:
            events += people.taught.follow_up[cause].event
            due = people.weights * people.exposures[cause].expected
            expected += np.bincount(people.owners, due, minlength=len(expected))
    return events, expected


def _reasons(found: Selection) -> dict[str, str]:
    return {
        each.name: f"{each.name} was not chosen ({each.left_out.value}): {each.reason}."
        for each in found.verdicts
        if each.left_out is not None
    }


def _note(found: Selection) -> str:
    chosen = ", ".join(
        f"{each.name} ({each.frequency:.0%} of the halves)"
        for each in found.verdicts
        if each.left_out is None
    )
    return (
        f"Of {len(found.verdicts)} columns of the site, chosen on halves of {found.people} people "
        f"with {found.events} fractures: {chosen or 'none'}; at most {found.most_false:.2g} of "
        "them are expected to be there by chance."
    )
