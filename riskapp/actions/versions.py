"""Which models and tables a number was made of, as hashes to be kept beside it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from riskapp.modelstore import UnknownModel, load
from riskapp.risk import published

# Folders of published tables that an estimate, its verdicts or its words rest on.
TABLES = ("evidence", "modifiers", "people", "populations", "guidelines", "treatments")


@cache
def table_hashes() -> Mapping[str, str]:
    """SHA-256 of each folder's files, its first 16 digits; they do not change while we run."""
    return {name: published.sha256_of_all(name)[:16] for name in TABLES}


@cache
def tables_hash() -> str:
    """One short hash of them all."""
    return published.sha256_of_all(*TABLES)[:16]


def versions(model_ids: Mapping[str, str]) -> dict[str, Any]:
    """The tables, and of each learned engine the hash of its model's manifest."""
    models = {engine: model_hash(model_id) for engine, model_id in model_ids.items()}
    known = {engine: sha256 for engine, sha256 in models.items() if sha256}
    return {"tables": dict(table_hashes()), "models": known}


def model_hash(model_id: str) -> str | None:
    """Of a stored model's manifest; None where there is no such folder, as for evidence."""
    try:
        return load(model_id).sha256
    except UnknownModel:
        return None


def changed_tables(then: Mapping[str, str]) -> list[str]:
    """Names of the folders that are others now."""
    now = table_hashes()
    return [name for name, sha256 in then.items() if now.get(name) != sha256]
