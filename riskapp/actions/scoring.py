"""From answers to estimates. Nothing is stored: not the answers, not the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskapp.actions.errors import Refused, TooLarge
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.reading import read_profile
from riskapp.modelstore import engine_named
from riskapp.risk.errors import OutsideModelRange, UnknownGuideline
from riskapp.risk.estimate import EstimateOptions, RiskEstimate
from riskapp.risk.guideline_data import guideline
from riskapp.risk.profile import RiskProfile

# Published epidemiology: the answer that is shown first, and to patients.
EVIDENCE = "evidence"
DEFAULT_ENGINES = (EVIDENCE,)
# How much explaining and bounding one request may ask for: the contract's 1,000 people by evidence
# alone. Measured on two cores, idle and busy: an answer with both takes evidence 0.04 to 0.12 s and
# a learned engine 0.1 to 0.3 s, so the most that is taken needs one to two minutes. Bare numbers
# take all four engines together 0.07 s and are not counted.
WORK_PER_REQUEST = 1_000
WORK_OF_EVIDENCE, WORK_OF_LEARNED = 1, 4


@dataclass(frozen=True, slots=True)
class Scored:
    """A profile as it was read, and each engine's answer in the order asked for.

    ``silent`` names the engines that had no ground to speak, each with its sentence.
    """

    profile: RiskProfile
    estimates: tuple[RiskEstimate, ...]
    warnings: tuple[str, ...]
    silent: Mapping[str, str]

    def to_json(self) -> list[dict[str, Any]]:
        """Estimates in the contract's shape; each carries what was said about the whole."""
        said = [*self.warnings, *self.silent.values()]
        return [
            estimate_json(replace(estimate, warnings=(*said, *estimate.warnings)))
            for estimate in self.estimates
        ]


def score(
    answers: Mapping[str, object],
    *,
    engines: Sequence[str] = DEFAULT_ENGINES,
    options: EstimateOptions | None = None,
    clamp_age: bool = False,
) -> Scored:
    """Estimate from answers in the contract's names.

    Engines other than ``evidence`` answer only when they are named.

    Raises
    ------
    InvalidProfile
        With a sentence for each answer that cannot be used.
    UnknownModel
        If no engine has one of the names.
    OutsideModelRange
        If none of the engines can speak about this person.
    """
    options = options or EstimateOptions()
    reading = read_profile(answers, clamp_age=clamp_age)
    estimates, silent = _estimates(reading.profile, engines, options)
    return Scored(reading.profile, estimates, reading.warnings, silent)


def check_engines(engines: Sequence[str], evidence_set: str) -> None:
    """Refuse unknown names once, before many people are scored with them.

    Raises
    ------
    UnknownModel, Refused
        With a sentence that names what there is.
    """
    if not engines:
        raise Refused({"engines": "Name at least one engine, such as evidence."})
    for name in engines:
        engine_named(name, evidence_set=evidence_set)


def check_guideline(code: str | None) -> None:
    """Refuse an unknown guideline once, before many people are scored.

    Raises
    ------
    Refused
        With a sentence that names what there is.
    """
    if code is not None:
        try:
            guideline(code)
        except UnknownGuideline as unknown:
            raise Refused({"guideline": str(unknown)}) from unknown


def check_work(people: int, engines: Sequence[str], options: EstimateOptions) -> None:
    """Refuse at the start what could not be answered while the caller waits.

    Raises
    ------
    TooLarge
        With how many people can be asked about at a time.
    """
    if not (options.explain or options.interval):
        return
    named = dict.fromkeys(engines)
    each = sum(WORK_OF_EVIDENCE if name == EVIDENCE else WORK_OF_LEARNED for name in named)
    if people * each > WORK_PER_REQUEST:
        raise TooLarge(
            {
                "profiles": f"{people:,} profiles with explanation or interval by "
                f"{', '.join(named)} take longer than one request may; send at most "
                f"{WORK_PER_REQUEST // each:,} at a time, or ask for neither."
            }
        )


def _estimates(
    profile: RiskProfile, engines: Sequence[str], options: EstimateOptions
) -> tuple[tuple[RiskEstimate, ...], dict[str, str]]:
    estimates, silent = [], {}
    # Each engine answers once, however often it is named.
    for name in dict.fromkeys(engines):
        try:
            engine = engine_named(name, evidence_set=options.evidence_set)
            estimates.append(engine.estimate(profile, options))
        except OutsideModelRange as reason:
            silent[name] = str(reason)
    if not estimates:
        raise OutsideModelRange(" ".join(silent.values()))
    return tuple(estimates), silent
