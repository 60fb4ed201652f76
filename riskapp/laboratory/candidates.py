"""From the names on a command line to the engines that are asked."""

from collections.abc import Sequence

from riskapp.laboratory.asking import Candidate
from riskapp.modelstore import SHIPPED, UnknownModel, engine_named, load
from riskapp.risk.estimate import Engine
from riskapp.risk.evidence_sets import answered

EVIDENCE = "evidence"
FRAX_CONVENTION = "evidence-unknown-as-no"
EVIDENCE_SETS = ("frax-2008", "meta-2025")


def evidence_candidates(populations: Sequence[str], evidence_set: str) -> list[Candidate]:
    """The evidence engine in its own way, in FRAX's convention, and with the other sets.

    A set that is not calibrated for all of these populations is left out.
    """
    first = Candidate(
        key=EVIDENCE, label=f"evidence ({evidence_set})",
        engine=engine_named(EVIDENCE, None, evidence_set), evidence_set=evidence_set,
    )  # fmt: skip
    convention = Candidate(
        key=FRAX_CONVENTION, label="FRAX's convention",
        engine=first.engine, evidence_set=evidence_set, unknown_as_no=True,
    )  # fmt: skip
    others = [
        Candidate(
            key=f"{EVIDENCE}-{name}", label=f"evidence ({name})",
            engine=engine_named(EVIDENCE, None, name), evidence_set=name,
        )
        for name in EVIDENCE_SETS
        if name != evidence_set and set(populations) <= set(answered(name))
    ]  # fmt: skip
    return [first, convention, *others]


def learned_candidates(engines: Sequence[str], model_ids: Sequence[str]) -> list[Candidate]:
    """Learned engines: each named model, and the shipped model of each engine named without one.

    A training run that fitted several engines stored them as ``<id>-<engine>``; its id with the
    engines' names finds them.

    Raises
    ------
    UnknownModel
        If there is no such engine or model.
    """
    names = [name for name in dict.fromkeys(engines) if name != EVIDENCE]
    found: list[Engine] = []
    served: set[str] = set()
    for model_id in dict.fromkeys(model_ids):
        for name in _engines_of(model_id, names):
            found.append(engine_named(name, model_id))
            served.add(name)
    found += [engine_named(name) for name in names if name not in served]
    return [
        Candidate(key=engine.model_id, label=f"{engine.name} ({engine.model_id})", engine=engine)
        for engine in found
    ]


def _engines_of(model_id: str, names: Sequence[str]) -> list[str]:
    try:
        return [load(model_id).engine]
    except UnknownModel as not_found:
        there = [name for name in names or SHIPPED if _is_stored(f"{model_id}-{name}")]
        if not there:
            raise not_found from None
        return there


def _is_stored(model_id: str) -> bool:
    try:
        load(model_id)
    except UnknownModel:
        return False
    return True
