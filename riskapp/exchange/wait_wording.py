"""The words for what patients wait for, the same on the pages and for other programs."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.guideline_wording import label
from riskapp.exchange.numbers import quantity
from riskapp.exchange.partial_date import Precision, read_partial_date
from riskapp.exchange.sentences import listed_in_words, small

MOST_NAMED = 2  # the form names all of them
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
TITLES = {
    "to_confirm": "Regions to confirm",
    "names_another": "Names another person",
    "not_measured": "Scan not measured",
    "untreated": "Fracture, no treatment",
    "not_started": "Fracture, treatment not started",
    "cut_short": "Fracture, treatment stopped",
    "low_attenuation": "Low attenuation on CT",
    "deformed": "Vertebra lost height on CT",
    "never": "Assessment",
    "corrected": "Assessment",
    "new_scan": "Assessment",
    "would_decide": "Inputs missing",
    "not_discussed": "Result to discuss",
    "review_agreed": "Review agreed",
    "scan_wanted": "Scan due",
    "fracture_scan": "Scan due",
    "scan_on_treatment": "Scan due",
    "new_fracture": "Assessment due",
    "low_risk_again": "Assessment due",
    "stopped": "Assessment due",
    "stopped_at_once": "Treatment review",
    "treatment_review": "Treatment review",
    "measuring": "Scan being measured",
}
DECIDED = {
    "start_treatment": "start treatment",
    "no_treatment_now": "no treatment now",
    "decide_later": "decide later",
    "measure_first": "measure first",
    "refer": "refer",
}
Told = Mapping[str, Any]


def wait_title(reason: str) -> str:
    """What is waited for, in two or three words."""
    return TITLES[reason]


def wait_note(reason: str, detail: Told) -> str:
    """What makes it this person's; blank where the title says all."""
    return _NOTES[reason](detail) if reason in _NOTES else ""


def date_in_words(written: str) -> str:
    """``2024-09`` as "September 2024"."""
    known = read_partial_date(written)
    day: date = known.first
    if known.precision is Precision.YEAR:
        return str(day.year)
    month = f"{MONTHS[day.month - 1]} {day.year}"
    return month if known.precision is Precision.MONTH else f"{day.day} {month}"


def _to_confirm(told: Told) -> str:
    count = told["findings"]
    return f"{count} finding{'' if count == 1 else 's'} to look at" if count else ""


def _fracture(told: Told) -> str:
    words = f"{_site(told)}, {date_in_words(told['happened'])}"
    return f"{words}; not known if low-trauma" if "fragility" in told else words


def _would_decide(told: Told) -> str:
    names = [label(name) for name in told["fields"]]
    more = len(names) - MOST_NAMED
    # One more by name is as short as "and 1 more".
    if more > 1:
        return f"{'; '.join(names[:MOST_NAMED])}; and {more} more"
    return listed_in_words(names, "and")


def _site(told: Told) -> str:
    return small(CHOICES["prior_fracture_site"][told["site"]])


def _agent(told: Told) -> str:
    return small(CHOICES["osteoporosis_treatment"][told["agent"]])


_NOTES: dict[str, Callable[[Told], str]] = {
    "to_confirm": _to_confirm,
    "names_another": lambda told: "compare it with the record",
    "not_measured": lambda told: small(told["why"]) or "see why on its page",
    "untreated": _fracture,
    "not_started": _fracture,
    "cut_short": _fracture,
    "low_attenuation": lambda told: f"L1 {quantity(told['l1_hu'], 'HU')}, scan for another reason",
    "deformed": lambda told: f"{', '.join(told['levels'])}, scan for another reason",
    "never": lambda told: "none yet",
    "corrected": lambda told: "none since the record was corrected",
    "new_scan": lambda told: "a newer scan is confirmed",
    "would_decide": _would_decide,
    "review_agreed": lambda told: f"last said: {DECIDED[told['decided']]}",
    "scan_wanted": lambda told: f"{told['name']} asks for bone density",
    "fracture_scan": lambda told: f"new fracture: {_site(told)}",
    "scan_on_treatment": lambda told: f"on {_agent(told)}",
    "new_fracture": lambda told: f"new fracture: {_site(told)}",
    "low_risk_again": lambda told: "low risk, untreated",
    "stopped": lambda told: f"{_agent(told)} was stopped",
    "stopped_at_once": lambda told: f"{_agent(told)} was stopped, nothing follows",
    "treatment_review": _agent,
}
