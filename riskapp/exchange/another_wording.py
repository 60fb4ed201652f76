"""Another person in words: "a woman like this one without rheumatoid arthritis"."""

from collections.abc import Mapping

from riskapp.exchange.fields import FIELDS
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.exchange.wording import value_text

NOT_AN_EFFECT = "Another person like this one, not the effect of changing."
# Of a yes/no question: who answers no, and who answers yes.
_ANSWERED: dict[str, tuple[str, str]] = {
    "prior_fragility_fracture": (
        "without a prior fragility fracture",
        "with a prior fragility fracture",
    ),
    "parent_hip_fracture": ("whose parents broke no hip", "with a parent who broke a hip"),
    "current_smoker": ("who does not smoke", "who smokes"),
    "glucocorticoids": ("who takes no glucocorticoids", "who takes glucocorticoids"),
    "rheumatoid_arthritis": ("without rheumatoid arthritis", "with rheumatoid arthritis"),
    "secondary_osteoporosis": (
        "without a cause of secondary osteoporosis",
        "with a cause of secondary osteoporosis",
    ),
    "alcohol_3_or_more_units_daily": (
        "who drinks fewer than 3 units a day",
        "who drinks 3 units a day or more",
    ),
}
_FALLS = {"0": "no fall", "1": "one fall"}
_COUNTED = {
    "weight_kg": "who weighs {}",
    "glucocorticoid_dose_mg_daily": "who takes glucocorticoids at {}",
}
_WHY = {"one SD higher": ", one standard deviation higher", "usual": ", usual at this age"}


def with_answer(field: str, value: object, why: str = "") -> str:
    """What sets another person apart, e.g. "with femoral neck T-score −1.2"."""
    if value in (None, ""):
        return f"of whom it is not known: {small(FIELDS[field].label)}"
    if field in _ANSWERED and isinstance(value, bool):
        return _ANSWERED[field][value]
    if field == "type_2_diabetes_years":
        return "with type 2 diabetes" if value else "without type 2 diabetes"
    assert isinstance(value, int | float | str)
    text = value_text(field, value)
    if field == "falls_last_year":
        return f"with {_FALLS.get(text, f'{text} falls')} in the last year"
    if field in _COUNTED:
        return _COUNTED[field].format(text)
    return f"with {small(FIELDS[field].label)} {text}{_WHY.get(why, '')}"


def person_with(changes: Mapping[str, object], is_woman: bool) -> str:
    """Another person in a few words; without changes, this one."""
    who = "A woman" if is_woman else "A man"
    told = [with_answer(field, value) for field, value in changes.items()]
    return f"{who} like this one {listed_in_words(told, 'and')}".rstrip()
