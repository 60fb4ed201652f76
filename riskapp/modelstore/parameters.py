"""Stored parameters, all text, turned into an engine that answers."""

from dataclasses import replace
from typing import Any

import numpy as np

from riskapp.modelstore.folders import StoredModel
from riskapp.risk.boosting import READERS
from riskapp.risk.cox import cox_hazard
from riskapp.risk.image_features import N_TERMS, ImageFeatures
from riskapp.risk.learned import HAZARDS, LearnedEngine


def engine_from(model: StoredModel) -> LearnedEngine:
    """Build the engine that a stored model describes."""
    parameters = model.parameters
    columns = tuple(parameters["columns"])
    common: dict[str, Any] = {
        "name": model.engine,
        "model_id": model.model_id,
        "trained_on": model.trained_on,
        "population": parameters["population"],
        "age_years": tuple(parameters["age_years"]),
        "columns": columns,
        "baseline_per_year": {
            cause: np.array(parameters["baseline_hazard_per_year"][cause]) for cause in HAZARDS
        },
        "image_features": image_features_from(parameters["image_features"]),
        "seen": {name: tuple(limits) for name, limits in parameters["seen"].items()},
    }
    if model.engine == "cox":
        hazards = {cause: cox_hazard(columns, parameters["cox"][cause]) for cause in HAZARDS}
        drawn = {cause: hazard.drawn_log_hazard_ratio for cause, hazard in hazards.items()}
        return LearnedEngine(**common, hazards=hazards, drawn=drawn)
    read = READERS[model.engine]
    boosted = {
        cause: replace(
            read(model.texts[parameters["trees"][cause]]), slope=parameters["slope"][cause]
        )
        for cause in HAZARDS
    }
    return LearnedEngine(**common, hazards=boosted)


def image_features_from(stored: dict[str, Any]) -> ImageFeatures:
    """Read the distribution of the image features back from its stored lists."""
    names = tuple(stored["names"])
    return ImageFeatures(
        names=names,
        coefficients=np.array(stored["coefficients"], dtype=np.float64).reshape(-1, N_TERMS),
        covariance=np.array(stored["covariance"], dtype=np.float64).reshape(len(names), len(names)),
    )
