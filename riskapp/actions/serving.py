"""Which model answers for an engine: the one an organisation approved, else the shipped one."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from riskapp.models import RegisteredModel, ServedModel
from riskapp.modelstore import SHIPPED, UnknownModel, engine_named, load
from riskapp.risk.estimate import Engine

EVIDENCE = "evidence"


def engines_for(
    names: Iterable[str], evidence_set: str, organisation_id: UUID | None = None
) -> list[Engine]:
    """The engines of these names, each once, as the organisation is served.

    Raises
    ------
    UnknownModel
        If no engine has the name, or the folder of a served model was changed.
    """
    distinct = tuple(dict.fromkeys(names))
    served = _served(organisation_id) if set(distinct) - {EVIDENCE} else {}
    return [
        engine_as_registered(served[name])
        if name in served
        else engine_named(name, evidence_set=evidence_set)
        for name in distinct
    ]


def answers(name: str, organisation_id: UUID | None) -> bool:
    """Whether a model of the engine ships with the product or serves the organisation."""
    return name == EVIDENCE or name in SHIPPED or name in _served(organisation_id)


def engine_as_registered(model: RegisteredModel) -> Engine:
    """The engine of a registered model; its folder is checked when first loaded, and if touched.

    Raises
    ------
    UnknownModel
        If the folder is not what was registered.
    """
    stamps = _stamps(Path(settings.MODEL_DIR) / model.model_id)
    return _engine(model.engine, model.model_id, model.sha256, stamps)


def _served(organisation_id: UUID | None) -> dict[str, RegisteredModel]:
    if organisation_id is None:
        return {}
    rows = ServedModel.objects.filter(
        organisation_id=organisation_id, model__status=RegisteredModel.Status.SERVING
    ).select_related("model")
    return {row.engine: row.model for row in rows}


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of each file: whoever changes one changes these."""
    if not folder.is_dir():
        return ()
    found = ((path.name, path.stat()) for path in sorted(folder.iterdir()))
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


@lru_cache(maxsize=32)
def _engine(
    name: str, model_id: str, sha256: str, stamps: tuple[tuple[str, int, int], ...]
) -> Engine:
    if load(model_id).sha256 != sha256:
        raise UnknownModel(
            f"Model {model_id} was changed after it was registered, so it does not answer."
        )
    return engine_named(name, model_id=model_id)
