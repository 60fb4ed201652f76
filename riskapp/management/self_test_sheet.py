"""A sheet to print and sign: what was tested, and known cases to compare on the screen."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils import timezone

from riskapp import __version__
from riskapp.actions.scoring import score
from riskapp.actions.self_testing import Tested
from riskapp.exchange.numbers import percent, percent_range
from riskapp.exchange.wording import FIELDS, value_text
from riskapp.modelstore.golden import FURTHER, KNOWN, LITTLE
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Outcome

# Made up, and none of them special: all known, little known, and all that acts.
CASES: Mapping[str, Mapping[str, Any]] = {
    "A": {"population": "gb", "sex": "female", **KNOWN},
    "B": {"population": "gb", "sex": "male", **LITTLE},
    "C": {"population": "us", "sex": "female", **FURTHER},
    "D": {"population": "jp", "sex": "female", **LITTLE},
}
OUTCOMES = {Outcome.MAJOR_OSTEOPOROTIC: "Major osteoporotic fracture", Outcome.HIP: "Hip fracture"}
SIGNED = ("Done by", "Compared by (a second person)", "Day", "Place and machine")


def sheet(found: Iterable[Tested]) -> str:
    """The whole sheet as plain text, at most 100 letters wide."""
    return "\n".join((*_tests(found), "", *_cases(), *_signatures()))


def _tests(found: Iterable[Tested]) -> Iterator[str]:
    yield f"Trabecula {__version__}: self-test of {timezone.now():%Y-%m-%d %H:%M} UTC"
    yield "Research use, not a cleared medical device. Golden estimates and digests are compared."
    yield ""
    for one in found:
        yield f"[{'FAILED' if one.problem else 'passed'}] {one.engine}: {one.model_id}"
        if one.problem:
            yield f"         {one.problem}"


def _cases() -> Iterator[str]:
    yield "Known cases. Register a made-up patient for each, answer only what stands here (all else"
    yield "not known), and compare both numbers and their intervals to the last digit."
    for name, answers in CASES.items():
        yield ""
        told = (
            f"{FIELDS[field].label}: {value_text(field, value)}" for field, value in answers.items()
        )
        yield f"Case {name}"
        yield from (f"  {line}" for line in told)
        yield from _numbers(answers)


def _numbers(answers: Mapping[str, Any]) -> Iterator[str]:
    try:
        estimate = score(answers).estimates[0]
    except RiskError as refusal:
        yield f"  No number: {refusal}"
        return
    for outcome, words in OUTCOMES.items():
        one = estimate.outcomes[outcome]
        assert one.interval_95 is not None  # asked for
        ends = percent_range((one.interval_95.lower, one.interval_95.upper))
        yield f"  {words} in 10 years: {percent(one.probability_10y)} (95 % interval {ends})"
    yield "  Seen on the screen: ______ % and ______ %    same: [ ] yes [ ] no"


def _signatures() -> Iterator[str]:
    yield ""
    yield "[ ] A height in inches was asked about.      [ ] A scan of another name was asked about."
    yield "[ ] Saving from a tab of another patient was refused."
    for words in SIGNED:
        yield ""
        yield f"{words}: ______________________________"
    yield ""
