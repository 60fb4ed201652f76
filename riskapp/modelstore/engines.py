"""From the name of an engine to something that answers."""

from functools import lru_cache
from importlib import import_module

from riskapp.risk.errors import UnknownModel
from riskapp.risk.estimate import Engine

ENGINES: tuple[str, ...] = ("evidence",)


def engine_named(name: str, model_id: str | None = None, evidence_set: str = "frax-2008") -> Engine:
    """Return the engine of this name, ready to answer; the same one when asked again.

    Parameters
    ----------
    name : str
        One of ``ENGINES``.
    model_id : str, optional
        A stored model for a learned engine; the evidence engine has none and ignores it.
    evidence_set : str
        Which published calibration the evidence engine uses.

    Raises
    ------
    UnknownModel
        With a sentence that says what is not known, or why the model is refused.
    """
    if name == "evidence":
        return _evidence(evidence_set)
    raise UnknownModel(f"No engine is called {name!r}; there are {', '.join(ENGINES)}.")


@lru_cache(maxsize=8)
def _evidence(evidence_set: str) -> Engine:
    engine: Engine = import_module("riskapp.risk.evidence").EvidenceEngine(evidence_set)
    return engine
