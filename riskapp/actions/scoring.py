"""From answers to estimates. Nothing is stored: not the answers, not the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskapp.actions.errors import Refused
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.reading import read_profile
from riskapp.modelstore import engine_named
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import EstimateOptions, RiskEstimate
from riskapp.risk.profile import RiskProfile

# Published epidemiology: the answer that is shown first, and to patients.
EVIDENCE = "evidence"
DEFAULT_ENGINES = (EVIDENCE,)


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
