"""Models side by side, and what is known of one in shadow, as tables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.actions.registry import problem_with, stored
from riskapp.actions.shadowing import Differences, Shadow
from riskapp.exchange.wording import FIELDS
from riskapp.models import RegisteredModel
from riskapp.modelstore import StoredModel, UnknownModel
from riskapp.risk.design_row import COLUMNS
from riskapp.web.presenters.answer import LEARNED
from riskapp.web.presenters.numbers import plain, signed

OUTCOMES = {"major_osteoporotic": "Major fracture", "hip": "Hip fracture", "any": "Any fracture"}
NOT_TOLD = "–"
MANY = re.compile(r"\d{5,}")  # no year is as long
STEPS = {
    "shadow": ("Let it answer in shadow", "It answers silently beside what is served."),
    "approve": ("Approve", "You stand by it with your name."),
    "serve": ("Serve", "It answers for its engine, folded away, for clinicians."),
    "withdraw": ("Stop serving", "The engine goes back to the model that ships."),
    "retire": ("Retire", "For good. What it answered stays traceable."),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One outcome of one model, as its validation tells it."""

    outcome: str
    events: str
    concordance: str
    ratio: str
    ipa: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model in the table of models; ``problem`` says why its folder is refused."""

    model: RegisteredModel
    engine: str
    people: str
    judged: tuple[Judged, ...]
    how: str
    columns: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A step that can be taken with a model, or why this reader may not."""

    name: str
    label: str
    means: str
    refused: str


def model_row(model: RegisteredModel) -> ModelRow:
    """Shape one model; a folder that was changed gives no number, only the reason."""
    engine = LEARNED.get(model.engine, model.engine)
    try:
        found = stored(model)
    except UnknownModel as changed:
        return ModelRow(model, engine, NOT_TOLD, (), "", (), str(changed))
    people = found.manifest.get("cohort", {}).get("people")
    validation = found.validation
    return ModelRow(
        model=model,
        engine=engine,
        people=f"{people:,}" if isinstance(people, int) else NOT_TOLD,
        judged=tuple(_judged(name, each) for name, each in validation["outcomes"].items()),
        how=MANY.sub(lambda found: f"{int(found[0]):,}", str(validation.get("how", ""))),
        columns=_columns(found),
        problem="",
    )


def doing_in_words(doing: str) -> str:
    """What a run is at, with engines by the names that people know: "Fitting LightGBM"."""
    words = doing.split()
    return " ".join(LEARNED.get(word.lower(), word) for word in words)


def card_of(model: RegisteredModel) -> str:
    """The model's card; empty where its folder is refused."""
    return "" if problem_with(model) else stored(model).card


def offered(possible: Mapping[str, str]) -> tuple[Offered, ...]:
    return tuple(Offered(name, *STEPS[name], refused) for name, refused in possible.items())


def _judged(outcome: str, told: Mapping[str, Any]) -> Judged:
    return Judged(
        outcome=OUTCOMES.get(outcome, outcome),
        events=f"{told['events']:,}" if isinstance(told.get("events"), int) else NOT_TOLD,
        concordance=_number(told, "concordance", 3),
        ratio=_number(told, "observed_over_expected", 2),
        ipa=_number(told, "ipa", 3),
    )


def _number(told: Mapping[str, Any], name: str, digits: int) -> str:
    value = told.get(name)
    if isinstance(value, Mapping):
        value = value.get("value")
    return plain(value, digits) if isinstance(value, int | float) else NOT_TOLD


def _columns(found: StoredModel) -> tuple[str, ...]:
    names = found.parameters.get("columns", [])
    further = found.parameters.get("further", {}).get("columns", [])
    own = {str(one["name"]): str(one["label"]) for one in further}
    return tuple(_label(str(name), own) for name in names)


def _label(column: str, own: Mapping[str, str]) -> str:
    """As the record asks for it; a column of the site has the label that the site gave it."""
    field = COLUMNS[column].field if column in COLUMNS else column
    return FIELDS[field].label if field in FIELDS else own.get(column, column)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One comparison of a model in shadow; every figure in percentage points or per cent."""

    against: str
    outcome: str
    people: int
    mean: str
    limits: str
    middle: str
    agreeing: str
    threshold: str
    up: str
    down: str


def shadow_rows(shadow: Shadow) -> tuple[DifferenceRow, ...]:
    return tuple(_difference(each) for each in shadow.differences)


def _difference(one: Differences) -> DifferenceRow:
    return DifferenceRow(
        against="Evidence" if one.against.startswith("evidence-") else one.against,
        outcome=OUTCOMES[one.outcome],
        people=one.people,
        mean=_points([one.mean]),
        limits=_points(one.limits),
        middle=_points((one.quantiles[0], one.quantiles[2], one.quantiles[4])),
        agreeing=_share(one.agreeing),
        threshold=_share(one.threshold),
        up=_share(one.up),
        down=_share(one.down),
    )


def _points(values: Iterable[float]) -> str:
    return " / ".join(signed(100 * value, 1) for value in values)


def _share(value: float) -> str:
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"
