"""The effects of one evidence set: its own, and those that it borrows from another."""

from collections.abc import Mapping, Sequence

from riskapp.risk import published


def effects(name: str) -> Mapping[str, float]:
    """All parameters of an evidence set but the bases.

    A set that borrows names the families that it replaces; no part of a replaced family is kept.
    """
    stored = published.read(f"evidence/{name}")
    own: dict[str, float] = stored["effects"]
    lender = stored.get("borrows")
    if lender is None:
        return own
    kept = {
        parameter: value
        for parameter, value in effects(lender).items()
        if not is_of(parameter, stored["replaces"])
    }
    return kept | own


def doubts(name: str) -> dict[str, float]:
    """Standard deviation of each family's effect on the log-hazard."""
    stored = published.read(f"evidence/{name}")
    beside = published.read(f"evidence/{name}-counterparts")
    own = {row["family"]: float(row["sd"]) for row in beside["doubts"]}
    lender = stored.get("borrows")
    return own if lender is None else doubts(lender) | own


def is_of(parameter: str, families: Sequence[str]) -> bool:
    """Whether a parameter belongs to one of the families, such as ``hip.parent_hip_fracture``."""
    return any(parameter == family or parameter.startswith(f"{family}.") for family in families)
