"""Stored models: found by id, checked by hash, read from text. Never a pickle.

``engine_named`` is what the product asks; everything heavy is imported only when it is needed.
"""

from riskapp.modelstore.engines import ENGINES, SHIPPED, engine_named
from riskapp.modelstore.folders import StoredModel, listed, load, look_also_in, refused
from riskapp.risk.errors import UnknownModel

__all__ = [
    "ENGINES",
    "SHIPPED",
    "StoredModel",
    "UnknownModel",
    "engine_named",
    "listed",
    "load",
    "look_also_in",
    "refused",
]
