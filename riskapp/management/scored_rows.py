"""Rows of a table answered: one row for each person and engine, wherever they are worked out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskapp.actions.scoring import EVIDENCE, Scored, score_many, site_columns
from riskapp.exchange.tables import MISFIT
from riskapp.modelstore import engine_named
from riskapp.risk.estimate import Engine, EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.profile import FIELD_NAMES

OUTCOMES = (Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP)
COLUMNS: dict[str, type] = {
    "id": str,
    "engine": str,
    "model_id": str,
    "evidence_set": str,
    "population": str,
    **{
        f"{outcome.value}_10y{part}": float
        for outcome in OUTCOMES
        for part in ("", "_lower", "_upper")
    },
    "unknown": str,
    "warnings": str,
    "refused": str,
}


def engines_of(options: Mapping[str, Any]) -> list[Engine]:
    """Those that were asked for, ready to answer."""
    # Each engine answers once, however often it is named.
    names = list(dict.fromkeys(options["engine"] or [EVIDENCE]))
    learned = [name for name in names if name != EVIDENCE]
    return [
        # Beside learned engines the model is theirs; alone, evidence has to know it.
        engine_named(
            name,
            None if name == EVIDENCE and learned else options["model_id"],
            options["evidence_set"],
        )
        for name in names
    ]


def names_read(engines: Sequence[Engine]) -> tuple[str, ...]:
    """The columns that are read: the contract's fields, and those that the models learned from."""
    return (*FIELD_NAMES, *(column.name for column in site_columns(engines)))


def answers(
    rows: Sequence[Mapping[str, Any]],
    engines: Sequence[Engine],
    how: EstimateOptions,
    options: Mapping[str, Any],
    ignored: str,
) -> Iterator[dict[str, Any]]:
    """One row for each person and engine, in order."""
    names = names_read(engines)
    asked = [told(row, names, options) for row in rows if MISFIT not in row]
    scored = iter(score_many(asked, engines=engines, options=how, clamp_age=options["clamp_age"]))
    for row in rows:
        found = str(row[MISFIT]) if MISFIT in row else next(scored)
        given_id, named_population = row.get("id"), _population(row, options)
        beside = {
            "id": "" if given_id is None else str(given_id),
            "population": "" if named_population is None else str(named_population),
        }
        for engine in engines:
            named = beside | {
                "engine": engine.name,
                "model_id": engine.model_id,
                "evidence_set": engine.evidence_set,
            }
            answer = found.by_engine[engine.name] if isinstance(found, Scored) else found
            if isinstance(found, Scored) and isinstance(answer, RiskEstimate):
                # In every row, as rows travel further than what a terminal said: a misspelt name
                # must not pass for "not known".
                said = (ignored, *found.warnings) if ignored else found.warnings
                yield named | _cells(answer, said)
            else:
                yield named | {"refused": str(answer)}


def told(
    row: Mapping[str, Any], names: Sequence[str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What a row answers of these names, with the population that was named for all."""
    return {name: row.get(name) for name in names} | {"population": _population(row, options)}


def _population(row: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    given = row.get("population")
    blank = given is None or not str(given).strip()
    return options["population"] if blank and options["population"] else given


def _cells(estimate: RiskEstimate, warnings: Sequence[str]) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "evidence_set": estimate.evidence_set,
        "population": estimate.population,
        "unknown": ";".join(estimate.unknown),
        "warnings": " ".join((*warnings, *estimate.warnings)),
        "refused": "",
    }
    for outcome in OUTCOMES:
        answer = estimate.outcomes[outcome]
        cells[f"{outcome.value}_10y"] = answer.probability_10y
        if answer.interval_95 is not None:
            cells[f"{outcome.value}_10y_lower"] = answer.interval_95.lower
            cells[f"{outcome.value}_10y_upper"] = answer.interval_95.upper
    return cells
