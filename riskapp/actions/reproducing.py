"""Whether a stored estimate is what its inputs, models and tables give, and was not changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from riskapp import keys
from riskapp.actions import finding
from riskapp.actions.comparing import other_evidence
from riskapp.actions.confining import confined_to
from riskapp.actions.errors import NotFound
from riskapp.actions.stored_answers import signed, stored_profile
from riskapp.actions.trail import chain
from riskapp.actions.versions import changed_tables, model_hash
from riskapp.exchange.assessment_json import estimate_json
from riskapp.models import Assessment, AuditEvent
from riskapp.modelstore import engine_named
from riskapp.risk.errors import EngineWithheld, RiskError, UnknownModel
from riskapp.risk.estimate import EstimateOptions

# The last digits of a float depend on the processor and its libraries; these do not reach a page.
TOLERANCE = 1e-9
MOST_DIFFERENCES = 20
CREATED = "assessment.create"
OTHER = "other evidence sets"


@dataclass(frozen=True, slots=True)
class Part:
    """One engine's estimate, computed again.

    Attributes
    ----------
    is_same : bool
        Every number, interval and contribution is what was stored.
    sentence : str
    differences : tuple of str
        What was stored and what it is now, place by place.
    """

    engine: str
    model_id: str
    is_same: bool
    sentence: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What became of computing one assessment again.

    Attributes
    ----------
    is_unchanged : bool or None
        Whether inputs and estimates are those whose digest the trail holds, and of that person;
        None for an assessment from before it held one.
    """

    assessment_id: str
    parts: tuple[Part, ...]
    is_unchanged: bool | None
    sentence: str

    @property
    def is_same(self) -> bool:
        return bool(self.parts) and all(one.is_same for one in self.parts)

    @property
    def is_sound(self) -> bool:
        return self.is_same and self.is_unchanged is not False


def reproduce(*, by: User, id: UUID | str) -> Reproduction:
    """Compute an assessment of the user's organisation again, and compare. Nothing is stored.

    Raises
    ------
    NotFound
        If it is another organisation's, or never was.
    """
    try:
        return reproduced(finding.assessment(by=by, id=id))
    except NotFound:
        home = finding.organisation_of(by).id
        row = AuditEvent.objects.filter(target=str(id), action=CREATED, organisation_id=home).last()
        # It never was, it is there and withheld, or the user is bound to one living patient.
        if row is None or confined_to(by) or Assessment.objects.filter(pk=row.target).exists():
            raise
        return erased(row)


def erased(row: AuditEvent) -> Reproduction:
    """What can be said of an assessment that only the trail still knows."""
    sentence = (
        f"Its inputs were erased, so that it cannot be computed again. Row {row.number:,} of the "
        f"trail says that it was made on {row.at:%d %B %Y}."
    )
    return Reproduction(row.target, (), None, sentence)


def reproduced(assessment: Assessment) -> Reproduction:
    """The same, for somebody who may see it."""
    id, unchanged = str(assessment.id), _is_unchanged(assessment)
    if not assessment.profile:
        return Reproduction(id, (), unchanged, "Its inputs were erased; nothing can be computed.")
    parts = tuple(_parts(assessment))
    differing = [one.engine for one in parts if not one.is_same]
    if differing:
        sentence = f"Not the same now: {', '.join(differing)}."
    else:
        sentence = "Every number, interval and reason is the same when it is computed again."
    if unchanged is False:
        sentence += " What is stored is not what the trail witnessed when it was made."
    return Reproduction(id, parts, unchanged, sentence)


def _parts(assessment: Assessment) -> Iterator[Part]:
    options = EstimateOptions(**assessment.options)
    for told in assessment.estimates:
        name, model_id = told["engine"], told["model_id"]
        try:
            engine = engine_named(name, model_id=model_id, evidence_set=assessment.evidence_set)
            again = estimate_json(engine.estimate(stored_profile(assessment), options))
        except UnknownModel as gone:
            yield Part(name, model_id, False, " ".join([*_versions(assessment, name), str(gone)]))
            continue
        except (EngineWithheld, RiskError) as reason:
            yield Part(name, model_id, False, f"It does not answer now: {reason}")
            continue
        yield _compared(assessment, name, model_id, told, again)
    if assessment.other_evidence:
        again = other_evidence(stored_profile(assessment), options)
        yield _compared(assessment, OTHER, "", assessment.other_evidence, again)


def _compared(assessment: Assessment, name: str, model_id: str, told: Any, again: Any) -> Part:
    found = list(differences(told, again))
    if not found:
        return Part(name, model_id, True, "The same.")
    why = " ".join(_versions(assessment, name)) or "Models and tables are the same as then."
    more = "" if len(found) <= MOST_DIFFERENCES else f" The first {MOST_DIFFERENCES} are shown."
    sentence = f"{len(found):,} differences. {why}{more}"
    return Part(name, model_id, False, sentence, tuple(found[:MOST_DIFFERENCES]))


def _versions(assessment: Assessment, engine: str) -> Iterator[str]:
    """What is another now than when the estimate was made, in sentences."""
    then = assessment.versions
    if not then:
        yield "Which tables were used then was not kept."
        return
    if changed := changed_tables(then["tables"]):
        yield f"These tables were changed since: {', '.join(changed)}."
    hash_then = then["models"].get(engine)
    if hash_then and (now := model_hash(assessment.model_ids[engine])) != hash_then:
        yield "Its model is gone." if now is None else "Its model’s files were changed."


def _is_unchanged(assessment: Assessment) -> bool | None:
    row = AuditEvent.objects.filter(target=str(assessment.id), action=CREATED).first()
    if row is None or not row.content:
        return None
    if row.patient_id != assessment.patient_id:
        return False  # moved to somebody else's record
    try:
        return chain.is_content(signed(assessment), row.content)
    except keys.CannotDecrypt:
        return None


def differences(told: Any, now: Any, place: str = "") -> Iterator[str]:
    """Where what was stored is not what is computed now; what is told only now is no difference."""
    if isinstance(told, Mapping) and isinstance(now, Mapping):
        for name in told:
            yield from differences(told[name], now.get(name), f"{place}.{name}" if place else name)
    elif isinstance(told, list) and isinstance(now, list | tuple) and len(told) == len(now):
        for number, (one, other) in enumerate(zip(told, now, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif not _alike(told, now):
        yield f"{place}: {_short(told)} then, {_short(now)} now"


def _alike(told: Any, now: Any) -> bool:
    if isinstance(told, float) and isinstance(now, float):
        return isclose(told, now, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(told == now)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
