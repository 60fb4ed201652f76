"""The populations that can be chosen, grouped for the form."""

from collections.abc import Iterable

from riskapp.actions.describing import DescribedPopulation
from riskapp.web.presenters.fields import Choice, ChoiceGroup

# In the form's order; a population that nobody placed stands under the last heading.
HEADINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("gb",)),
    ("United States, race not used", ("us",)),
    (
        "United States, where the service uses race or ethnicity",
        ("us-asian", "us-black", "us-hispanic", "us-white"),
    ),
    ("Asia, women only", ("cn", "hk", "jp", "kr", "tw", "th")),
)
ELSEWHERE = "Other countries"


def population_choices(
    offered: Iterable[DescribedPopulation], sex: str, picked: str
) -> tuple[ChoiceGroup, ...]:
    """Every population; one that has no results for this sex can be read and not be picked."""
    left = {one.code: one for one in offered}
    groups = [ChoiceGroup("", (Choice("", "Choose", picked == ""),))]
    for heading, codes in (*HEADINGS, (ELSEWHERE, tuple(left))):
        members = [left.pop(code) for code in codes if code in left]
        if members:
            choices = tuple(_choice(one, sex, picked) for one in members)
            groups.append(ChoiceGroup(heading, choices))
    return tuple(groups)


def _choice(one: DescribedPopulation, sex: str, picked: str) -> Choice:
    is_picked = one.code == picked
    if sex not in one.sexes:
        only = " and ".join("women" if each == "female" else "men" for each in one.sexes)
        # Picked all the same: shown as it was sent, and the answer says why there is none.
        return Choice(one.code, f"{one.name}: {only} only", is_picked, is_disabled=not is_picked)
    return Choice(one.code, one.name, is_picked)
