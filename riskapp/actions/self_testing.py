"""The self-test of all that answers: at the start of each process, and when somebody asks."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connections, transaction

from riskapp.actions import auditing
from riskapp.actions.serving import EVIDENCE, served_engine
from riskapp.models import AuditEvent, ServedModel, TrailHead
from riskapp.modelstore import SHIPPED, engine_named
from riskapp.risk import evidence_sets
from riskapp.risk.errors import UnknownModel
from riskapp.risk.estimate import Engine

log = logging.getLogger(__name__)
WITHHELD, SERVED = "engine.withheld", "engine.served"


@dataclass(frozen=True, slots=True)
class Tested:
    """One thing that answers, and why it does not; ``problem`` is empty if it passed."""

    engine: str
    model_id: str
    problem: str


def run() -> tuple[Tested, ...]:
    """Test what has not been tested in this process yet, and say how all of it stands."""
    return tuple(_tested(*one) for one in _all())


def at_start() -> None:
    """Test all that has not answered yet, log what fails, and write down what has changed.

    Nothing stops the start: what is stored is read without any engine, and each door refuses
    what is withheld in a sentence.
    """
    try:
        found = run()
        for one in found:
            if one.problem:
                log.error("%s", one.problem)
        _write_down(found)
    except DatabaseError:
        log.warning("The self-test cannot be written down: the database does not answer.")
    finally:
        connections.close_all()


def withheld_engines() -> list[str]:
    """Names of the engines of which something is withheld now, each once."""
    return sorted({one.engine for one in run() if one.problem})


def _all() -> Iterator[tuple[str, str, Callable[[], Engine]]]:
    for name in evidence_sets.listed():
        yield EVIDENCE, name, lambda name=name: engine_named(EVIDENCE, evidence_set=name)
    for name, model_id in SHIPPED.items():
        yield name, model_id, lambda name=name: engine_named(name)
    rows = ServedModel.objects.select_related("model").order_by("model__model_id")
    for row in rows:
        yield row.engine, row.model.model_id, lambda row=row: served_engine(row.model)


def _tested(engine: str, model_id: str, ready: Callable[[], Engine]) -> Tested:
    try:
        ready()
    except UnknownModel as refusal:
        return Tested(engine, model_id, str(refusal))
    return Tested(engine, model_id, "")


def _write_down(found: tuple[Tested, ...]) -> None:
    """One audit row where an engine starts or ends being withheld, whoever of us sees it first."""
    for one in found:
        now = WITHHELD if one.problem else SERVED
        if now != _last_written(one):
            with transaction.atomic():
                TrailHead.objects.select_for_update().first()  # workers find it at once
                if now != _last_written(one):
                    auditing.record(by=auditing.Actor.SITE, action=now, target=one.model_id)


def _last_written(one: Tested) -> str:
    told = AuditEvent.objects.filter(target=one.model_id, action__in=(WITHHELD, SERVED))
    return told.order_by("number").values_list("action", flat=True).last() or SERVED
