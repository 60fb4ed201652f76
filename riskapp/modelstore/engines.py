"""From the name of an engine to something that answers."""

from functools import lru_cache
from typing import Any

from riskapp.modelstore.folders import StoredModel, load
from riskapp.modelstore.golden import golden
from riskapp.modelstore.self_test import golden_of, passing, unreadable
from riskapp.risk import evidence_sets
from riskapp.risk.errors import UnknownModel
from riskapp.risk.estimate import Engine

# The model that answers for a learned engine when none is named.
SHIPPED = {
    "cox": "cox-simulated-3",
    "xgboost": "xgboost-simulated-3",
    "lightgbm": "lightgbm-simulated-3",
    "neural": "neural-simulated-3",
    "ensemble": "ensemble-simulated-3",
}
ENGINES = ("evidence", "cox", "xgboost", "lightgbm", "neural", "ensemble")


def engine_named(name: str, model_id: str | None = None, evidence_set: str = "frax-2008") -> Engine:
    """Return the engine of this name, ready to answer; the same one when asked again.

    What ships with the product has passed its self-test in this process before it is returned.

    Parameters
    ----------
    name : str
        One of ``ENGINES``.
    model_id : str, optional
        A stored model for a learned engine; without it, the one that ships with the product.
        The evidence engine has one for each evidence set, and refuses any other name.
        A training run that fitted several engines stores them as ``<model_id>-<engine>``, and
        either name finds them.
    evidence_set : str
        Which published calibration the evidence engine uses.

    Raises
    ------
    UnknownModel
        With a sentence that says what is not known, or why the model is refused.
    EngineWithheld
        If what ships with the product failed its self-test.
    """
    if name == "evidence":
        evidence = _evidence(evidence_set)
        if model_id not in (None, evidence.model_id):
            raise UnknownModel(
                f"The evidence engine answers {evidence_set} with {evidence.model_id}; it has no "
                f"model {model_id!r}."
            )
        return passing(evidence, golden_of(f"evidence-{evidence_set}"))
    if name not in ENGINES:
        raise UnknownModel(f"No engine is called {name!r}; there are {', '.join(ENGINES)}.")
    chosen = model_id or SHIPPED.get(name)
    if chosen is None:
        raise UnknownModel(f"No model of the engine {name} ships with the product; name one.")
    if chosen == SHIPPED.get(name):
        return _shipped(name, chosen)
    return _learned(name, chosen)


def _shipped(name: str, model_id: str) -> Engine:
    """A model that ships with the product; one that cannot be read is no slip of who asks."""
    try:
        engine = _learned(name, model_id)
    except UnknownModel as damaged:
        raise unreadable(name, model_id, str(damaged)) from damaged
    return passing(engine, golden_of(model_id))


def make_golden() -> dict[str, dict[str, Any]]:
    """Golden estimates of all that ships, by the name that they are kept under.

    For who releases the product, once the new numbers were looked at.
    """
    found = {f"evidence-{name}": golden(_evidence(name), "") for name in evidence_sets.listed()}
    for name, model_id in SHIPPED.items():
        found[model_id] = golden(_learned(name, model_id), load(model_id).sha256)
    return found


@lru_cache(maxsize=8)
def _evidence(evidence_set: str) -> Engine:
    from riskapp.risk.evidence import EvidenceEngine

    return EvidenceEngine(evidence_set)


@lru_cache(maxsize=16)
def _learned(name: str, model_id: str) -> Engine:
    from riskapp.modelstore.parameters import engine_from

    return engine_from(_stored(name, model_id))


def _stored(name: str, model_id: str) -> StoredModel:
    try:
        model = load(model_id)
    except UnknownModel as not_found:
        try:
            model = load(f"{model_id}-{name}")
        except UnknownModel:
            raise not_found from None
    if model.engine != name:
        raise UnknownModel(f"Model {model_id} belongs to the engine {model.engine}, not {name}.")
    return model
