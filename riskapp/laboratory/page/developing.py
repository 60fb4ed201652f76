"""The section about engines that were developed on this cohort: folds, optimism, learning curve."""

from collections.abc import Mapping
from typing import Any

from riskapp.laboratory.page.cells import cell
from riskapp.laboratory.page.markup import Markup, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, signed, with_interval
from riskapp.laboratory.page.plots import Axis, ForestRow, Series, bounds_of, forest, lines, ticks
from riskapp.laboratory.page.resting import resting, top_fifths

Document = Mapping[str, Any]
CHOSEN = (
    "Evidence: the belief, from 0 to 1, that nothing is to be learned beside it. Trust, ridge, "
    "apart: how strongly published effects are held (1: as surely as they were published), "
    "further columns are held at nothing, and a column is held to say the same of both kinds of "
    "fracture; 1e+06 is altogether. Rounds: how many trees."
)


def development(d: Document) -> Markup:
    """Nested cross-validation, optimism and the learning curve."""
    told = d["development"]
    rows = [
        ForestRow(
            name=f"{row['engine']} against evidence",
            people=told["people"],
            events=told["events"],
            value=row["difference"]["value"],
            bounds=bounds_of(row["difference"]["interval"]),
        )
        for row in told["cross_validated"]
    ]
    return joined((
        tag("p", told["how"]),
        table(
            "Nested cross-validation: every person answered by an engine that never saw them",
            ("Engine", "Harrell's C (95 % interval)", "Evidence on the same people",
             "Lowest and highest fold"),
            (
                (
                    row["engine"],
                    with_interval(row["c"]["value"], row["c"]["interval"]),
                    with_interval(row["evidence"]["value"], row["evidence"]["interval"]),
                    " to ".join(figure(end) for end in row["folds_range"]),
                )
                for row in told["cross_validated"]
            ),
        ),
        forest("Harrell's C: paired difference on the same folds", "Difference", rows,
               reference=0.0, is_difference=True, digits=4),
        tag("p", told["verdict"], class_="said"),
        top_fifths(told),
        _optimism(told),
        _chosen(told),
        resting(told),
        _learning(told),
    ))  # fmt: skip


def _optimism(told: Mapping[str, Any]) -> Markup | None:
    if not told["optimism"]:
        return None
    rows = [
        (f"{row['engine']}, {name}", figure(found["apparent"]), _with_error(found),
         figure(found["corrected"]))
        for row in told["optimism"]
        for name, found in (("Harrell's C", row["c"]), ("calibration slope", row["slope"]))
        if found
    ]  # fmt: skip
    return joined((
        tag("h3", "Optimism"),
        table(
            f"Bootstrap with {told['resamples']} fits: what an engine loses on people it was not "
            "fitted to",
            ("Engine and figure", "On its own people", "Optimism (standard error)", "Corrected"),
            rows,
        ),
        tag("p", "Each fit does anew all that led to the engine, on people drawn with "
            "replacement; the mean of what it is better on its own people than on everybody is "
            "taken off (Harrell, Lee and Mark 1996, Stat Med 15:361). The standard error is that "
            "of so few fits.", class_="note"),
    ))  # fmt: skip


def _with_error(found: Mapping[str, Any]) -> str:
    error = found["standard_error"]
    return signed(found["optimism"]) + ("" if error is None else f" ({figure(error)})")


def _chosen(told: Mapping[str, Any]) -> Markup | None:
    rows = [
        (f"{row['engine']}, fold {row['fold']}", row["chosen"])
        for row in told["chosen"]
        if row["chosen"]
    ]
    if not rows:
        return None
    return joined(
        (
            tag("h3", "What each fold chose"),
            table("Settings chosen inside each outer fold", ("Fold", "Chosen"), rows),
            tag("p", CHOSEN, class_="note"),
        )
    )


def _told(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"value": row[name], "interval": row[f"{name}_interval"]}


def _learning(told: Mapping[str, Any]) -> Markup | None:
    points = told["learning_curve"]
    if not points:
        return None
    names = list(dict.fromkeys(row["name"] for row in points))
    series = [
        Series(
            name=name,
            x=[row["events"] for row in points if row["name"] == name],
            y=[row["c"] for row in points if row["name"] == name],
        )
        for name in names
    ]
    drawn = [row["c"] for row in points]
    low = int(20 * min(drawn)) / 20
    high = min(1.0, int(20 * max(drawn) + 1) / 20)
    most = max(row["events"] for row in points)
    step = next(s for s in (5, 10, 20, 50, 100, 200, 500, 1000, 5000, 50_000) if most / s <= 8)
    edge = step * -(-most // step)
    picture = lines(
        "learning", "Learning curve",
        "Concordance on people not fitted to, against the number of events learned from.",
        series, Axis(0, edge, ticks(0, edge, step), "Events learned from", 0),
        Axis(low, high, ticks(low, high, 0.05), "", 2),
    )  # fmt: skip
    return joined((
        tag("h3", "Learning curve"),
        tag("figure", picture),
        table(
            "Harrell's C and log-likelihood per event against evidence, by events learned from "
            "(95 % interval)",
            ("Engine", "Events", "Harrell's C", "C minus evidence", "Log-likelihood per event "
             "minus evidence"),
            (
                (row["name"], count(row["events"]), cell(_told(row, "c")),
                 cell(_told(row, "c_gain"), 4, with_sign=True),
                 signed(row["likelihood_gain"], 4))
                for row in points
            ),
        ),
        tag("p", told["learning_verdict"], class_="said"),
    ))  # fmt: skip
