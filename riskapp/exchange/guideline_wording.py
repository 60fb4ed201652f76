"""The words for guidelines' verdicts, and for what would help to decide."""

from collections.abc import Iterable, Mapping

from riskapp.exchange.fields import FIELDS
from riskapp.exchange.numbers import percent
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.risk.verdict import Verdict

OF_TEN = 10
MOST_NAMED = 4
FEW = ("none of 10", "under 1 of 10")
# What is known after the question is answered, as it is said in the middle of a sentence.
KNOWING: dict[str, str] = {
    "femoral_neck_t_score": "A DXA",
    "body_mass_index": "Weight and height",
}


def verdict_wording(verdict: Verdict) -> str:
    """A verdict as one paragraph for a clinician; never a prescription."""
    if verdict.applies is False:
        return f"{verdict.name} does not apply: {small(verdict.why_not)}"
    missing = missing_in_words(verdict)
    if verdict.applies is None:
        return f"{verdict.name}: whether it applies cannot be decided without {missing}."
    told = [f"{verdict.name}: {verdict.at_least}."]
    told += [rule.says for rule in verdict.rules]
    if verdict.category is None:
        higher = listed_in_words(verdict.possible[:-1], "or")
        told.append(f"Also possible: {higher}; that cannot be decided without {missing}.")
    return " ".join(told)


def missing_in_words(verdict: Verdict) -> str:
    """What would decide, the first few by name."""
    return named_in_words(verdict.missing, verdict.missing_words)


def named_in_words(fields: Iterable[str], words: Iterable[str]) -> str:
    """Fields and what no field holds, the first few by name."""
    parts = (*(label(name) for name in fields), *words)
    if len(parts) > MOST_NAMED + 1:
        more = len(parts) - MOST_NAMED
        return f"{', '.join(parts[:MOST_NAMED])} and {more} more answers"
    return listed_in_words(parts, "and")


def help_wording(field: str, chance: float, settles: float, categories: Mapping[str, float]) -> str:
    """What knowing one input would do to the decision, e.g. "... in about 3 of 10 people"."""
    subject = KNOWING.get(field) or f"Knowing “{label(field)}”"
    then = ""
    if about_of_ten(settles) not in FEW:
        then = ", and would settle it"
        then += "" if settles == 1 else f" in {about_of_ten(settles)}"
    if chance < 1 or len(categories) < 2:
        told = f"would change the category in {about_of_ten(chance)} people like this one"
        return f"{subject} {told}{then}."
    shares = listed_in_words(
        tuple(f"{name} in {about_of_ten(share)}" for name, share in categories.items()), "and"
    )
    return f"{subject} would change the category of people like this one: {shares}{then}."


def either_way_wording(
    field: str,
    if_no: tuple[str | None, float, float],
    if_yes: tuple[str | None, float, float],
    *,
    changes: bool,
    still_possible: tuple[str, ...] = (),
) -> str:
    """What each answer to an open question would bring.

    Parameters
    ----------
    if_no, if_yes : (category or None, major, hip)
        Of the person with that answer; None where the guideline would not apply.
    still_possible : tuple of str
        Categories that either answer alone leaves open.
    """
    name, left = FIELDS[field].label, ""
    if still_possible:
        left = f" Still possible then: {listed_in_words(still_possible, 'or')}."
    if not changes:
        alone = " alone" if still_possible else ""
        return (
            f"{name}{alone} would not change the verdict: major {percent(if_no[1])} if no, "
            f"{percent(if_yes[1])} if yes.{left}"
        )
    return f"{name}: {_then(*if_no)} if no, {_then(*if_yes)} if yes.{left}"


def _then(category: str | None, major: float, hip: float) -> str:
    return f"{category or 'does not apply'} (major {percent(major)}, hip {percent(hip)})"


def spine_image_wording(reasons: tuple[str, ...], category: str, source: str) -> str:
    """Why an image of the spine, and what a fracture on it would make of the verdict."""
    told = f"An image of the spine: {listed_in_words(reasons, 'and')} ({source})."
    if category:
        told += f" A vertebral fracture on it would make it {category}."
    return told


def about_of_ten(chance: float) -> str:
    """A chance as people out of ten; small is not none."""
    count = round(OF_TEN * chance)
    if count == 0:
        return FEW[chance > 0]
    if count == OF_TEN and chance < 1:
        return "over 9 of 10"
    return f"about {count} of 10" if count < OF_TEN else "all of 10"


def label(name: str) -> str:
    """A field's label as it stands within a sentence."""
    return small(FIELDS[name].label) if name in FIELDS else name
