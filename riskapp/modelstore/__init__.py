"""Stored models: found by id, checked by hash, read from text. Never a pickle.

``engine_named`` is what the product asks; everything heavy is imported only when it is needed.
"""

from typing import TYPE_CHECKING, Any

from riskapp.modelstore.folders import StoredModel, listed, load, look_also_in, refused
from riskapp.risk.errors import UnknownModel

if TYPE_CHECKING:
    from riskapp.modelstore.engines import ENGINES, SHIPPED, engine_named

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


def __getattr__(name: str) -> Any:
    """Load what computes with the first who asks: Django names the site's folder at every start."""
    if name not in __all__:
        raise AttributeError(f"{__name__} has no {name}")
    from riskapp.modelstore import engines

    return getattr(engines, name)
