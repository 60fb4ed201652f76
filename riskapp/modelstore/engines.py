"""From the name of an engine to something that answers."""

from functools import lru_cache

from riskapp.modelstore.folders import StoredModel, load
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
    """
    if name == "evidence":
        evidence = _evidence(evidence_set)
        if model_id not in (None, evidence.model_id):
            raise UnknownModel(
                f"The evidence engine answers {evidence_set} with {evidence.model_id}; it has no "
                f"model {model_id!r}."
            )
        return evidence
    if name not in ENGINES:
        raise UnknownModel(f"No engine is called {name!r}; there are {', '.join(ENGINES)}.")
    chosen = model_id or SHIPPED.get(name)
    if chosen is None:
        raise UnknownModel(f"No model of the engine {name} ships with the product; name one.")
    return _learned(name, chosen)


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
