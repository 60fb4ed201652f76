"""From answers to estimates. Nothing is stored: not the answers, not the numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from riskapp import metrics, tracing
from riskapp.actions.errors import Refused, TooLarge
from riskapp.actions.serving import EVIDENCE, engines_for
from riskapp.actions.serving import site_columns as columns_of_organisation
from riskapp.exchange.answer_text import estimate_text
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.reading import Reading, read_profile
from riskapp.risk import answering
from riskapp.risk.errors import OutsideModelRange, RiskError, UnknownGuideline
from riskapp.risk.estimate import Engine, EstimateOptions, RiskEstimate
from riskapp.risk.guideline_data import guideline
from riskapp.risk.modifier_reading import players
from riskapp.risk.predicting import EXPLAINED_AT_A_TIME
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_columns import SiteColumn, agreed

# Published epidemiology: the answer that is shown first, and to patients.
DEFAULT_ENGINES = (EVIDENCE,)
# How much explaining and bounding one request may ask for: the contract's 1,000 people by evidence
# alone. Measured in seconds of one core: an answer with both takes evidence 0.05 to 0.10 and each
# learned engine 0.03 to 0.05 beside it, as they share its reasons; the most that is taken needs one
# to two minutes. Reasons are summed with and without each modifier, which doubles the work of
# evidence. A bare number takes 0.003 to 0.006 and is not counted.
WORK_PER_REQUEST = 1_000
WORK_OF_EVIDENCE, WORK_OF_LEARNED = 1, 1


@dataclass(frozen=True, slots=True)
class Scored:
    """A profile as it was read, and each engine's answer or refusal in the order asked for."""

    profile: RiskProfile
    warnings: tuple[str, ...]
    by_engine: Mapping[str, RiskEstimate | RiskError]

    @property
    def estimates(self) -> tuple[RiskEstimate, ...]:
        return tuple(one for one in self.by_engine.values() if isinstance(one, RiskEstimate))

    @property
    def silent(self) -> dict[str, str]:
        """The engines that had no ground to speak, each with its sentence."""
        return {
            name: str(one) for name, one in self.by_engine.items() if isinstance(one, RiskError)
        }

    def to_json(self) -> list[dict[str, Any]]:
        """Estimates in the contract's shape; each carries what was said about the whole."""
        return [estimate_json(estimate) for estimate in self._with_all_said()]

    def to_text(self) -> bytes:
        """The same, written as JSON."""
        return b"[%b]" % b",".join(map(estimate_text, self._with_all_said()))

    def _with_all_said(self) -> Iterator[RiskEstimate]:
        said = (*self.warnings, *self.silent.values())
        for estimate in self.estimates:
            if said:
                estimate = replace(estimate, warnings=(*said, *estimate.warnings))
            yield estimate


def score(
    answers: Mapping[str, object],
    *,
    engines: Sequence[str] = DEFAULT_ENGINES,
    options: EstimateOptions | None = None,
    clamp_age: bool = False,
    organisation_id: UUID | None = None,
) -> Scored:
    """Estimate from answers in the contract's names.

    Engines other than ``evidence`` answer only when they are named; where an organisation has
    approved a model of its own for one, that model answers.

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
    asked = engines_named(engines, options.evidence_set, organisation_id)
    columns = site_columns(asked, organisation_id)
    reading = read_profile(answers, clamp_age=clamp_age, site_columns=columns)
    return score_read(reading, engines=asked, options=options)


def score_read(reading: Reading, *, engines: Sequence[Engine], options: EstimateOptions) -> Scored:
    """Estimate from answers that were read, now or when they were stored.

    Raises
    ------
    OutsideModelRange
        If none of the engines can speak about this person.
    """
    found: dict[str, RiskEstimate | RiskError] = {}
    for engine in engines:
        try:
            with tracing.span("engine", _named(engine, 1)):
                found[engine.name] = engine.estimate(reading.profile, options)
        except OutsideModelRange as reason:
            found[engine.name] = reason
    scored = Scored(reading.profile, reading.warnings, found)
    metrics.PEOPLE_SCORED.labels("estimated" if scored.estimates else "refused").inc()
    if not scored.estimates:
        raise OutsideModelRange(" ".join(scored.silent.values()))
    return scored


def score_many(
    people: Sequence[Mapping[str, object]],
    *,
    engines: Sequence[Engine],
    options: EstimateOptions,
    clamp_age: bool = False,
    most_work: int | None = None,
    organisation_id: UUID | None = None,
) -> list[Scored | RiskError]:
    """Estimate for each person in order; who cannot be read has the refusal in their place.

    Parameters
    ----------
    people : sequence of mapping of contract field name to JSON value or text
    engines : sequence of Engine
        Each has a name of its own.
    most_work : int, optional
        How much explaining and bounding the caller can wait for, as ``WORK_PER_REQUEST``;
        without it, all of it.
    organisation_id : UUID, optional
        Whose own columns may be among the answers, beside those that the engines read.

    Raises
    ------
    TooLarge
        With how many people can be asked about at a time.
    """
    columns = site_columns(engines, organisation_id)
    readings = [_read(answers, clamp_age, columns) for answers in people]
    if most_work is not None:
        _check_work(readings, engines, options, most_work)
    profiles = [one.profile for one in readings if isinstance(one, Reading)]
    found = iter(_by_engine(engines, profiles, options))
    metrics.PEOPLE_SCORED.labels("estimated").inc(len(profiles))
    metrics.PEOPLE_SCORED.labels("refused").inc(len(people) - len(profiles))
    return [
        Scored(one.profile, one.warnings, next(found)) if isinstance(one, Reading) else one
        for one in readings
    ]


def _by_engine(
    engines: Sequence[Engine], profiles: Sequence[RiskProfile], options: EstimateOptions
) -> list[dict[str, RiskEstimate | RiskError]]:
    """Each profile's answers by engine."""
    # A few people by all engines before the next few: all explain themselves by the evidence's
    # reasons, which are kept for so many.
    size = EXPLAINED_AT_A_TIME if options.explain else max(1, len(profiles))
    found: list[dict[str, RiskEstimate | RiskError]] = []
    for start in range(0, len(profiles), size):
        few = profiles[start : start + size]
        answers = []
        for engine in engines:
            with tracing.span("engine", _named(engine, len(few))):
                answers.append(answering.answers(engine, few, options))
        names = [engine.name for engine in engines]
        found += [dict(zip(names, each, strict=True)) for each in zip(*answers, strict=True)]
    return found


def _named(engine: Engine, people: int) -> dict[str, str | int]:
    return {"engine.name": engine.name, "engine.people": people}


def engines_named(
    names: Sequence[str], evidence_set: str, organisation_id: UUID | None = None
) -> list[Engine]:
    """The engines of these names, each once, as the organisation is served.

    Raises
    ------
    UnknownModel, Refused
        With a sentence that names what there is.
    """
    if not names:
        raise Refused({"engines": "Name at least one engine, such as evidence."})
    return engines_for(names, evidence_set, organisation_id)


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


def site_columns(
    engines: Sequence[Engine], organisation_id: UUID | None = None
) -> tuple[SiteColumn, ...]:
    """The columns of a site that the engines or the organisation's models read, each once.

    Raises
    ------
    UnknownModel
        If two of them mean different things by one name.
    """
    asked = [column for engine in engines for column in getattr(engine, "site_columns", ())]
    return agreed([*asked, *columns_of_organisation(organisation_id)])


def _read(
    answers: Mapping[str, object], clamp_age: bool, columns: Sequence[SiteColumn]
) -> Reading | RiskError:
    try:
        return read_profile(answers, clamp_age=clamp_age, site_columns=columns)
    except RiskError as refusal:
        return refusal


def _check_work(
    readings: Sequence[Reading | RiskError],
    engines: Sequence[Engine],
    options: EstimateOptions,
    most: int,
) -> None:
    """Refuse at the start what could not be answered while the caller waits."""
    if not (options.explain or options.interval):
        return
    learned = sum(WORK_OF_LEARNED for engine in engines if engine.name != EVIDENCE)
    # Learned engines explain themselves by the evidence's reasons, whether it is asked or not.
    by_evidence = options.explain or learned < len(engines)
    work = sum(
        learned + (_work_of_evidence(one, options) if by_evidence else 0) for one in readings
    )
    if work > most:
        raise TooLarge(
            {
                "profiles": f"{len(readings):,} profiles like these with explanation or interval "
                f"by {', '.join(engine.name for engine in engines)} take longer than one request "
                f"may; send at most {most * len(readings) // work:,} at a time, or ask for neither."
            }
        )


def _work_of_evidence(one: Reading | RiskError, options: EstimateOptions) -> int:
    if isinstance(one, RiskError) or not options.explain or options.unknown_as_no:
        return WORK_OF_EVIDENCE
    return WORK_OF_EVIDENCE * 2 ** len(players(one.profile))
