"""From a plan to the same model folder at the server and at every site."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.modelstore import folders
from riskapp.risk.anchor import CAUSES, CLINICAL
from riskapp.risk.learned import LearnedEngine
from riskapp.training.card import card_markdown
from riskapp.training.federated.plan import Plan
from riskapp.training.federated.together import Ask, Federation
from riskapp.training.fitting import DEFAULT_SEED, Fitted, engine_of
from riskapp.training.judged_by import Judge
from riskapp.training.storing import ten_years
from riskapp.training.sums.from_sums import (
    BANDS_YEARS,
    RECIPES,
    basis_for,
    fit_from_totals,
    learning_of,
)
from riskapp.training.sums.learner import Described, Learner
from riskapp.training.writing import as_json

PLAN = "plan.json"
NOT_JUDGED = (
    "nobody yet: the server has no people, and each site judges the model on its own (the command "
    "that joined printed it there)"
)


def new_plan(
    study: str,
    sites: tuple[str, ...],
    engine: str,
    populations: tuple[str, ...],
    *,
    causes: tuple[str, ...] = CAUSES,
    read: tuple[str, ...] = CLINICAL,
    seed: int = DEFAULT_SEED,
    simulated: bool = False,
) -> Plan:
    """Propose a plan that sites can then agree on."""
    learning = learning_of(causes, RECIPES[engine])
    return Plan(
        study=study,
        populations=populations,
        sites=tuple(sorted(sites)),
        engine=engine,
        causes=causes,
        columns=learning.columns,
        read=read,
        bands_years=BANDS_YEARS,
        settings=learning.settings,
        seed=seed,
        simulated=simulated,
    )


def lead(plan: Plan, ask: Ask, model_id: str, place: Path) -> Path:
    """Fit by a plan, write the model's folder and give it to every site.

    Raises
    ------
    UnusableCohort
        If the plan cannot be followed, or a site refuses or is lost.
    UnknownModel
        If the id is taken or cannot name a folder.
    """
    folders.refuse_taken(place, model_id)
    if plan.bands_years != BANDS_YEARS or tuple(plan.columns) != CLINICAL:
        raise UnusableCohort("This product learns from clinical columns in bands of one year.")
    federation = Federation(plan, ask)
    learner = Learner(plan.learning, federation.total, len(basis_for(plan.read).names))
    fitted, described = fit_from_totals(plan.engine, learner, plan.read, plan.populations)
    told = _bundle(plan, fitted, described, model_id)
    folder = write_given(told, place)
    federation.finish(told)
    return folder


def write_given(told: str, place: Path) -> Path:
    """Write the folder that the server described: the same bytes everywhere.

    Raises
    ------
    UnknownModel
        If the id is taken or cannot name a folder.
    """
    bundle = json.loads(told)
    model_id = str(bundle["manifest"]["model_id"])
    folders.write(place, model_id, bundle["manifest"], bundle["texts"])
    return place / model_id


def engine_given(told: str) -> LearnedEngine:
    """Return the engine that the server described."""
    bundle = json.loads(told)
    manifest, texts = bundle["manifest"], bundle["texts"]
    fitted = Fitted(manifest["engine"], json.loads(texts[folders.PARAMETERS]), texts, {})
    return engine_of(fitted, manifest["trained_on"], manifest["model_id"])


def judged_here(told: str, cohort: Cohort, judge: Judge) -> dict[str, Any]:
    """Compare a model with what became of a site's own people, who were among those trained on."""
    return judge(ten_years(engine_given(told), cohort), cohort.follow_up)


def _bundle(plan: Plan, fitted: Fitted, described: Described, model_id: str) -> str:
    sites = len(plan.sites)
    cohort = {
        "made_by": {},
        "sites": sites,
        "people": described.people,
        "events": described.events,
        "longest_follow_up_years": BANDS_YEARS[-1],
        "left_out": {},
        "remarks": [
            f"Trained together by {sites} sites on masked sums; no row left a site, and every "
            f"site is in every sum. Plan {plan.digest[:12]}."
        ],
    }
    manifest: Mapping[str, Any] = {
        "model_id": model_id,
        "engine": plan.engine,
        "trained_on": plan.trained_on,
        "created": datetime.now(UTC).date().isoformat(),
        "recipe": {"engine": plan.engine, "seed": plan.seed, "settings": dict(plan.settings)},
        "cohort": cohort,
        "library_versions": {name: version(name) for name in ("numpy", "scipy")},
    }
    validation: dict[str, Any] = {"how": NOT_JUDGED, "outcomes": {}}
    texts = {
        **fitted.texts,
        PLAN: plan.text(),
        folders.PARAMETERS: as_json(fitted.parameters),
        folders.VALIDATION: as_json(validation),
        folders.CARD: card_markdown(manifest, validation, fitted.parameters),
    }
    return json.dumps({"manifest": manifest, "texts": texts})
