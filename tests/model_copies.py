"""A trained model without training one."""

from collections.abc import Mapping
from pathlib import Path

from riskapp.modelstore import SHIPPED, folders


def copied_model(
    place: Path,
    model_id: str,
    trained_on: str = "cohort example",
    more: Mapping[str, str] | None = None,
) -> Path:
    """Write a model that answers like the shipped Cox model, under another name."""
    shipped = folders.load(SHIPPED["cox"])
    manifest = {**shipped.manifest, "model_id": model_id, "trained_on": trained_on}
    folders.write(place, model_id, manifest, {**shipped.texts, **(more or {})})
    return place / model_id
