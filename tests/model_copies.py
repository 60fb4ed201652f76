"""Trained models without training one."""

import json
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


def site_model(place: Path, model_id: str, ucum: str = "kg") -> Path:
    """Write a model that reads a column of the site, "reach", with the range and effect that the
    shipped Cox model has of the hip axis length.
    """
    text = folders.load(SHIPPED["cox"]).texts[folders.PARAMETERS]
    parameters = json.loads(text.replace("hip_axis_length_mm", "reach"))
    columns = parameters["further"]["columns"]
    declared = columns[-1]
    declared |= {"label": "Reach of the arm", "ucum": ucum}
    # An effect that shows; behind the columns come their bends.
    effect = len(parameters["terms"]) + len(columns) - 1
    for hazard in parameters["hazards"].values():
        hazard["coefficients"][effect] = -0.5
    return copied_model(place, model_id, more={folders.PARAMETERS: json.dumps(parameters)})
