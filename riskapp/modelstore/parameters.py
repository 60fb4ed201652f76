"""Stored parameters turned into an engine that answers, and the shared parts of them made."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from riskapp.modelstore.folders import StoredModel
from riskapp.risk.anchor import CAUSES
from riskapp.risk.boosting import READERS
from riskapp.risk.cox import Basis, CoxHazard, cox_hazard
from riskapp.risk.ensemble import EnsembleHazard
from riskapp.risk.further_columns import TERMS, FurtherColumns, Quantiles
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.learned_model import CauseHazard, declared
from riskapp.risk.neural import neural_hazard
from riskapp.risk.posterior import posterior
from riskapp.risk.profile import FACTORS
from riskapp.risk.reach import reach_from
from riskapp.risk.scaled import ScaledHazard
from riskapp.risk.site_columns import Direction, SiteColumn
from riskapp.risk.site_people import AS_PUBLISHED, Departure, SitePeople

# From a model and one cause's stored part to its hazard.
HazardReader = Callable[[StoredModel, Mapping[str, Any], Basis], CauseHazard]


def _cox(model: StoredModel, stored: Mapping[str, Any], basis: Basis) -> CauseHazard:
    return cox_hazard(basis, stored)


def _beside(stored: Mapping[str, Any], basis: Basis) -> CoxHazard | None:
    return cox_hazard(basis, stored["beside"]) if "beside" in stored else None


def _boosted(model: StoredModel, stored: Mapping[str, Any], basis: Basis) -> CauseHazard:
    beside = _beside(stored, basis)
    if "trees" not in stored:
        assert beside is not None  # nothing at all is not stored
        return beside
    whole = READERS[model.engine](model.texts[stored["trees"]])
    return replace(
        whole,
        reads=basis.surprising,
        slope=stored["slope"],
        constant=stored["constant"],
        beside=beside,
    )


def _neural(model: StoredModel, stored: Mapping[str, Any], basis: Basis) -> CauseHazard:
    beside = _beside(stored, basis)
    if "weights" not in stored:
        assert beside is not None  # nothing at all is not stored
        return beside
    whole = neural_hazard(
        model.blobs[stored["weights"]],
        basis.columns,
        basis.surprising,
        stored["slope"],
        stored["constant"],
    )
    return replace(whole, beside=beside)


def _ensemble(model: StoredModel, stored: Mapping[str, Any], basis: Basis) -> CauseHazard:
    members = [
        HAZARD_READERS[name](_member(model, name), own, basis)
        for name, own in stored["members"].items()
    ]
    weights = tuple(stored["weights"][name] for name in stored["members"])
    return EnsembleHazard(tuple(members), weights, stored["constant"])


def _member(model: StoredModel, engine: str) -> StoredModel:
    """One member of an ensemble, whose files carry its name in front."""
    before = f"{engine}-"
    texts = {k.removeprefix(before): v for k, v in model.texts.items() if k.startswith(before)}
    blobs = {k.removeprefix(before): v for k, v in model.blobs.items() if k.startswith(before)}
    return replace(model, engine=engine, texts=texts, blobs=blobs)


HAZARD_READERS: dict[str, HazardReader] = {
    "cox": _cox,
    **dict.fromkeys(READERS, _boosted),
    "neural": _neural,
    "ensemble": _ensemble,
}


def engine_from(model: StoredModel) -> LearnedEngine:
    """Build the engine that a stored model describes."""
    parameters = model.parameters
    columns = tuple(parameters["columns"])
    further = further_from(parameters["further"])
    basis = Basis(columns, tuple(parameters["terms"]), further)
    read = HAZARD_READERS[model.engine]
    return LearnedEngine(
        name=model.engine,
        model_id=model.model_id,
        trained_on=model.trained_on,
        populations=tuple(parameters["populations"]),
        age_years=(parameters["age_years"][0], parameters["age_years"][1]),
        columns=columns,
        read=tuple(parameters["read"]),
        further=further,
        hazards={
            cause: _scaled(read(model, stored, basis), parameters.get("slopes", {}).get(cause, 1.0))
            for cause, stored in parameters["hazards"].items()
        },
        level_per_year={cause: np.array(parameters["level_per_year"][cause]) for cause in CAUSES},
        uncertainty={
            cause: posterior(basis, stored) for cause, stored in parameters["uncertainty"].items()
        },
        seen={name: (low, high) for name, (low, high) in parameters["seen"].items()},
        reach=reach_from(parameters["reach"]) if "reach" in parameters else None,
        anchored=parameters["anchored"],
        # One that was fitted from sums took everybody as published.
        people=people_from(parameters["people"]) if "people" in parameters else AS_PUBLISHED,
    )


def site_columns_of(model: StoredModel) -> tuple[SiteColumn, ...]:
    """The site's own columns that a stored model reads, without building its engine."""
    return declared(further_from(model.parameters["further"]))


def _scaled(hazard: CauseHazard, slope: float) -> CauseHazard:
    """What was learned, times what a recalibration found of its spread."""
    return hazard if slope == 1.0 else ScaledHazard(hazard, slope)


def further_stored(further: FurtherColumns) -> dict[str, Any]:
    """The distribution of the further columns as plain lists."""
    return {
        "columns": [asdict(column) for column in further.columns],
        "quantiles": {
            name: {"values": each.values.tolist(), "scores": each.scores.tolist()}
            for name, each in further.quantiles.items()
        },
        "lines": further.lines.tolist(),
        "beside": further.beside.tolist(),
        "covariance": further.covariance.tolist(),
    }


def further_from(stored: Mapping[str, Any]) -> FurtherColumns:
    """Read the distribution back from its stored lists."""
    columns = tuple(
        SiteColumn(**{**column, "direction": Direction(column["direction"])})
        for column in stored["columns"]
    )
    yes = sum(column.yes_no for column in columns)
    numbers = len(columns) - yes
    return FurtherColumns(
        columns=columns,
        quantiles={
            name: Quantiles(np.array(each["values"]), np.array(each["scores"]))
            for name, each in stored["quantiles"].items()
        },
        lines=np.array(stored["lines"], dtype=np.float64).reshape(len(columns), len(TERMS)),
        beside=np.array(stored["beside"], dtype=np.float64).reshape(numbers, yes),
        covariance=np.array(stored["covariance"], dtype=np.float64).reshape(numbers, numbers),
    )


def people_stored(people: SitePeople) -> dict[str, Any]:
    """How people differ from the published ones, as plain lists."""
    return {
        "t_score": {"line": list(people.t_score.line), "spread": people.t_score.spread},
        "log_bmi": {"line": list(people.log_bmi.line), "spread": people.log_bmi.spread},
        "log_odds": dict(zip(FACTORS, people.log_odds, strict=True)),
        "ages_years": list(people.ages_years),
    }


def people_from(stored: Mapping[str, Any]) -> SitePeople:
    """Read it back."""
    t_score, log_bmi = (
        Departure(tuple(stored[name]["line"]), stored[name]["spread"])
        for name in ("t_score", "log_bmi")
    )
    youngest, oldest = stored["ages_years"]
    return SitePeople(
        t_score=t_score,
        log_bmi=log_bmi,
        log_odds=tuple(stored["log_odds"][name] for name in FACTORS),
        ages_years=(youngest, oldest),
    )
