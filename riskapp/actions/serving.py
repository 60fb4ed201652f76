"""Which model answers for an engine: the one an organisation approved, else the shipped one."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from riskapp.models import RegisteredModel, ServedModel
from riskapp.models.composed import Composed
from riskapp.modelstore import SHIPPED, StoredModel, UnknownModel, engine_named, load
from riskapp.modelstore.parameters import site_columns_of
from riskapp.modelstore.self_test import passing, withheld
from riskapp.risk.errors import EngineWithheld
from riskapp.risk.estimate import Engine
from riskapp.risk.evidence_sets import fingerprint
from riskapp.risk.site_columns import SiteColumn, agreed

EVIDENCE = "evidence"
Stamps = tuple[tuple[str, int, int], ...]
# Models that answer, seen or unseen: what they read beyond our fields is asked and kept.
LIVE = (RegisteredModel.Status.SHADOW, RegisteredModel.Status.SERVING)
LIVE_MODELS = Composed(
    lambda: RegisteredModel.objects.filter(status__in=LIVE).order_by("registered_at"),
    "organisation",
)
# Models that a second person stood by.
APPROVED = (RegisteredModel.Status.APPROVED, RegisteredModel.Status.SERVING)


def engines_for(
    names: Iterable[str], evidence_set: str, organisation_id: UUID | None = None
) -> list[Engine]:
    """The engines of these names, each once, as the organisation is served.

    Raises
    ------
    UnknownModel
        If no engine has the name.
    EngineWithheld
        If one failed its self-test, or the folder of a served model was changed.
    """
    distinct = tuple(dict.fromkeys(names))
    served = _served(organisation_id) if set(distinct) - {EVIDENCE} else {}
    return [
        served_engine(served[name])
        if name in served
        else engine_named(name, evidence_set=evidence_set)
        for name in distinct
    ]


@lru_cache(maxsize=64)
def trained_day(model_id: str) -> date | None:
    """When a model was trained, as its manifest has it; None where it cannot be read any more."""
    try:
        return date.fromisoformat(load(model_id).manifest["created"])
    except (UnknownModel, KeyError, TypeError, ValueError):
        return None


def served_engine(model: RegisteredModel) -> Engine:
    """The engine of a model that serves, once it has answered as it did when it was approved.

    Raises
    ------
    EngineWithheld
        In a sentence: who asks for an engine cannot mend its model.
    """
    try:
        engine = engine_as_registered(model)
    except UnknownModel as refusal:
        raise EngineWithheld(withheld(model.engine, str(refusal))) from refusal
    return passing(engine, model.golden, f"{model.approved_at} {_stamps_of(model)}")


def answers(name: str, organisation_id: UUID | None) -> bool:
    """Whether a model of the engine ships with the product or serves the organisation."""
    return name == EVIDENCE or name in SHIPPED or name in _served(organisation_id)


def site_columns(organisation_id: UUID | None) -> tuple[SiteColumn, ...]:
    """The organisation's own columns that its models in shadow and serving read, each once."""
    if organisation_id is None:
        return ()
    live = LIVE_MODELS.by(organisation_id)
    return agreed(column for model in live for column in reads(model))


def reads(model: RegisteredModel) -> tuple[SiteColumn, ...]:
    """The site's own columns that a model reads; none where its folder is refused."""
    try:
        return _columns(model.model_id, model.sha256, _stamps_of(model))
    except UnknownModel:
        return ()  # its own page says why


def columns_of(model: StoredModel) -> tuple[SiteColumn, ...]:
    """The same of a folder that was just read, whose digest names all that it holds."""
    try:
        return _columns(model.model_id, model.sha256, ())
    except UnknownModel:  # changed since then
        return site_columns_of(model)


def engine_as_registered(model: RegisteredModel) -> Engine:
    """The engine of a registered model; its folder is checked when first loaded, and if touched.

    Raises
    ------
    UnknownModel
        If the folder is not what was registered, or the evidence that it starts from is not.
    """
    if problem := outdated(model):
        raise UnknownModel(problem)
    return _engine(model.engine, model.model_id, model.sha256, _stamps_of(model))


def outdated(model: RegisteredModel) -> str:
    """Why a model has to be approved anew before it answers; empty if it has not."""
    if model.golden is None and model.status in APPROVED:
        return (
            f"Model {model.model_id} has no golden estimates, which are kept since it was approved:"
            " let a second person approve it anew."
        )
    if model.evidence in ("", fingerprint()):
        return ""
    return (
        f"Model {model.model_id} starts from the published evidence, which has changed since it "
        "was looked at: judge it again, and let a second person approve it anew."
    )


def refuse_changed(model_ids: Iterable[str]) -> None:
    """Refuse folders that are not what was registered here under their ids.

    A manifest that fits its files says that a folder is whole, not that it is the one which was
    looked at: at a shell, where models are named by folder, the registry knows that. Models that
    nobody registered are the affair of who names them.

    Raises
    ------
    UnknownModel
    """
    # A machine that only trains or scores has no database.
    if RegisteredModel._meta.db_table not in connection.introspection.table_names():
        return
    for model in RegisteredModel.objects.filter(model_id__in=set(model_ids)):
        _as_registered(model.model_id, model.sha256)


def _served(organisation_id: UUID | None) -> dict[str, RegisteredModel]:
    if organisation_id is None:
        return {}
    rows = ServedModel.objects.filter(
        organisation_id=organisation_id, model__status=RegisteredModel.Status.SERVING
    ).select_related("model")
    return {row.engine: row.model for row in rows}


def _stamps_of(model: RegisteredModel) -> Stamps:
    """Name, size and time of each file: whoever changes one changes these."""
    folder = Path(settings.MODEL_DIR) / model.model_id
    if not folder.is_dir():
        return ()
    found = ((path.name, path.stat()) for path in sorted(folder.iterdir()))
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


@lru_cache(maxsize=32)
def _engine(name: str, model_id: str, sha256: str, stamps: Stamps) -> Engine:
    _as_registered(model_id, sha256)
    return engine_named(name, model_id=model_id)


@lru_cache(maxsize=128)
def _columns(model_id: str, sha256: str, stamps: Stamps) -> tuple[SiteColumn, ...]:
    return site_columns_of(_as_registered(model_id, sha256))


def _as_registered(model_id: str, sha256: str) -> StoredModel:
    model = load(model_id)
    if model.sha256 != sha256:
        raise UnknownModel(
            f"Model {model_id} was changed after it was registered, so it does not answer."
        )
    return model
