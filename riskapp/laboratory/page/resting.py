"""What developed engines rest on, and how often they over-state those at highest risk."""

from collections.abc import Mapping
from typing import Any

from riskapp.laboratory.page.cells import cell, share
from riskapp.laboratory.page.markup import Markup, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, interval, percent
from riskapp.laboratory.page.plots import Series, axis_over, lines

# Weaker pairs are in the JSON.
MOST_PAIRS = 5
Document = Mapping[str, Any]

CAUSES = {
    "hip": "hip fracture",
    "other_major_osteoporotic": "other major fracture",
    "death": "death",
}


def top_fifths(told: Mapping[str, Any]) -> Markup | None:
    """Predicted and observed in the fifth at highest risk, by engines that never saw them."""
    rows = [
        (
            row["engine"],
            count(row["top_fifth"]["people"]),
            count(row["top_fifth"]["events"]),
            percent(row["top_fifth"]["predicted"]),
            share(row["top_fifth"]["observed"], row["top_fifth"]["interval"]),
            cell(
                {
                    "value": row["top_fifth"]["ratio"],
                    "interval": row["top_fifth"]["ratio_interval"],
                },
                2,
            ),
        )
        for row in told["cross_validated"]
        if row["top_fifth"]
    ]
    if not rows:
        return None
    return joined((
        tag("h3", "The fifth at highest risk"),
        table(
            "Predicted by engines that never saw them, and observed (95 % interval)",
            ("Engine", "People", "Events", "Predicted", "Observed",
             "Observed / expected"),
            rows,
        ),
        tag("p", "Who is ranked highest is there partly by chance, so that learned engines tend "
            "to over-state this fifth: a ratio below 1.", class_="note"),
    ))  # fmt: skip


def on_inputs(d: Document) -> Markup:
    """Every engine by what an input moves, and learned ones by their parts beside the evidence."""
    parts: list[Markup | None] = [_moved(d), tag("p", d["methods"]["moved"], class_="note")]
    if d["rests_on"]:
        parts.append(tag("h3", "What learned engines add to the evidence"))
        parts += [_cause(f"{one['label']}, {CAUSES[one['cause']]}", one) for one in d["rests_on"]]
        parts.append(tag("p", d["methods"]["rests_on"], class_="note"))
    return joined(parts)


def _moved(d: Document) -> Markup:
    """A line for each input, a column for each engine, what moves the first most on top."""
    told = {(row["key"], row["blank"]): row["moved"] for row in d["missing_data"] if row["moved"]}
    asked = [one for one in d["candidates"] if any(key == one["key"] for key, _ in told)]
    if not asked:
        return tag("p", "No input is known of five people: nothing can be left blank.")
    inputs = [blank for key, blank in told if key == asked[0]["key"]]
    inputs.sort(key=lambda blank: -told[asked[0]["key"], blank]["value"])
    return table(
        "How far the probability moves, in percentage points, where an input is not known (95 % "
        "interval)",
        ("Input", *(one["label"] for one in asked)),
        (
            (blank, *(cell(_points(told.get((one["key"], blank))), 2) for one in asked))
            for blank in inputs
        ),
        stacked=len(asked) > 3,
    )


def _points(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {"value": 100 * told["value"], "interval": [100 * end for end in told["interval"]]}


def resting(told: Mapping[str, Any]) -> Markup | None:
    """Of engines that were developed here, with the spread over resamples."""
    if not told["rests_on"]:
        return None
    parts = [tag("h3", "What engines rest on when fitted to all these people")]
    parts += [_cause(f"{one['engine']}, {CAUSES[one['cause']]}", one) for one in told["rests_on"]]
    return joined(parts)


def explanation(told: Mapping[str, Any], methods: str) -> Markup:
    """The same of one stored model, as a page of its own."""
    parts = [_cause(CAUSES[one["cause"]], one) for one in told["rests_on"]]
    return joined((parts, tag("p", methods, class_="note")))


def _cause(name: str, one: Mapping[str, Any]) -> Markup:
    if not one["columns"]:
        return tag("p", f"{name}: nothing was learned beside the evidence.", class_="said")
    return joined((tag("h4", name), _importance(name, one), _dependence(name, one),
                   _pairs(name, one)))  # fmt: skip


def _importance(name: str, one: Mapping[str, Any]) -> Markup:
    header, several = ["Input", "Log hazard"], one["resamples"] > 1
    if several:
        header.append(f"Over {one['resamples']} fits to parts of the people")
    on_probability = "probability" in one["columns"][0]
    if on_probability:
        header += ["Hip fracture, percentage points", "Major fracture, percentage points"]
    rows = []
    for row in one["columns"]:
        cells = [row["label"], figure(row["importance"])]
        if several:
            cells.append(interval(row["interval"]))
        if on_probability:
            moved = row["probability"]
            cells += [figure(100 * moved[name], 2) for name in ("hip", "major_osteoporotic")]
        rows.append(cells)
    return joined((
        table(f"{name}: how much each input adds on average", header, rows),
        tag("p", _agreed(one)) if several else None,
    ))  # fmt: skip


def _agreed(one: Mapping[str, Any]) -> str:
    agreed = one["rank_correlation"]
    if agreed is None:
        return "The fits learned nothing that could be ordered."
    return (
        f"The order of inputs agrees between fits with a rank correlation of {figure(agreed, 2)} "
        "(1: always the same order)."
    )


def _dependence(name: str, one: Mapping[str, Any]) -> Markup | None:
    if not one["curves"]:
        return None
    drawn = [_picture(one, curve) for curve in one["curves"] if len(curve["values"]) > 2]
    rows = []
    for curve in one["curves"]:
        last = len(curve["values"]) - 1
        for at in sorted({0, last // 2, last}):
            rows.append((
                curve["label"], f"{curve['values'][at]:.4g}",
                figure(curve["hazard_ratio"][at], 2), figure(curve["accumulated"][at], 2),
            ))  # fmt: skip
    return joined(
        (
            tag("div", (tag("figure", each) for each in drawn), class_="three") if drawn else None,
            table(
                f"{name}: hazard beside the average as one input changes",
                ("Input", "Value", "Partial dependence", "Accumulated local effect"),
                rows,
            ),
        )
    )


def _picture(one: Mapping[str, Any], curve: Mapping[str, Any]) -> Markup:
    values = curve["values"]
    drawn = [*curve["hazard_ratio"], *curve["accumulated"], 1.0]
    across = axis_over(min(values), max(values), curve["label"], within=True)
    who = one.get("key", one["engine"])
    return lines(
        f"rests-{who}-{one['cause']}-{curve['column']}".replace(" ", "-"),
        f"{curve['label']} and {CAUSES[one['cause']]}, {who}",
        "Ratio of the hazard to the average (upwards) as this input changes (across); the table "
        "below holds the numbers.",
        [
            Series(name="partial dependence", x=values, y=curve["hazard_ratio"], points=False),
            Series(name="accumulated local effect", x=values, y=curve["accumulated"],
                   points=False),
        ],
        across, axis_over(min(drawn), max(drawn), ""), height=200,
    )  # fmt: skip


def _pairs(name: str, one: Mapping[str, Any]) -> Markup | None:
    return table(
        f"{name}: inputs that are read together",
        ("Pair", "Mean interaction, log hazard"),
        (
            (f"{pair['first']} and {pair['second']}", figure(pair["strength"]))
            for pair in one.get("interactions", ())[:MOST_PAIRS]
        ),
    )
