"""Sections that set engines, groups of people and states of knowledge beside each other."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from riskapp.laboratory.groups import OVERALL
from riskapp.laboratory.page.cells import cell
from riskapp.laboratory.page.markup import Markup, Part, joined, table, tag
from riskapp.laboratory.page.numbers import count, percent
from riskapp.laboratory.page.performance import reason
from riskapp.laboratory.page.plots import ForestRow, bounds_of, forest

Document = Mapping[str, Any]


def differences(d: Document) -> Markup:
    """Paired differences between engines on the same people."""
    if not d["differences"]:
        return tag("p", "One engine was asked, so there is nothing to compare.", class_="said")
    rows = [
        ForestRow(
            name=f"{row['label']} against {row['against_label']}",
            people=d["compared_on"]["people"],
            events=d["compared_on"]["events"],
            value=row["value"],
            bounds=bounds_of(row["interval"]),
        )
        for row in d["differences"]
        if row["what"] == "Harrell's C"
    ]
    others = dict.fromkeys(row["against"] for row in d["differences"])
    return joined((
        forest("Harrell's C: difference on the same people", "Difference", rows,
               reference=0.0, is_difference=True, digits=4),
        [_against(d, other) for other in others],
        tag("p", d["methods"]["differences"], class_="note"),
    ))  # fmt: skip


def _against(d: Document, other: str) -> Markup:
    """Every other figure of each engine less that of one, a line for each figure."""
    own = [row for row in d["differences"] if row["against"] == other]
    keys = dict.fromkeys(row["key"] for row in own)
    names = {row["key"]: row["label"] for row in own}
    told = {(row["what"], row["key"]): row for row in own}
    # Of the areas that of the last year; all are in the JSON.
    last = f"AUC at {d['outcome']['horizon']} years"
    figures = [
        what
        for what in dict.fromkeys(row["what"] for row in own)
        if what == last or not what.startswith("AUC at ")
    ]
    return table(
        f"Other figures: difference from {own[0]['against_label']} on the same people "
        "(95 % interval)",
        ("Figure", *(names[key] for key in keys)),
        (
            (
                what,
                *(cell(told.get((what, key)), _digits(what), with_sign=True) for key in keys),
            )
            for what in figures
            if what != "Harrell's C"
        ),
        stacked=True,
    )


def _digits(what: str) -> int:
    if what.startswith("Net benefit"):
        return 1
    return 2 if what in ("Observed / expected", "Calibration slope") else 4


def reclassification(d: Document) -> Markup:
    """Who would change sides of a guideline's threshold."""
    if not d["reclassification"]:
        return tag("p", reason(d, "Reclassification"), class_="said")
    rows = [
        (
            f"{row['label']} against {row['against_label']}",
            percent(row["threshold"]),
            count(row["up"]),
            count(row["down"]),
            cell(row["events_nri"], with_sign=True),
            cell(row["nonevents_nri"], with_sign=True),
        )
        for row in d["reclassification"]
    ]
    return joined((
        table(
            "Moved across the threshold, and net reclassification by outcome (95 % interval)",
            ("Engines", "Threshold", "Moved up", "Moved down", "With the outcome",
             "Without it"),
            rows,
        ),
        tag("p", d["methods"]["reclassification"], class_="note"),
    ))  # fmt: skip


def subgroups(d: Document) -> Markup:
    """How well each engine ranks people of one age, sex, population, scanner or period."""
    parts: list[Part] = []
    for one in d["candidates"]:
        own = [row for row in d["subgroups"] if row["key"] == one["key"] and row["by"] != OVERALL]
        rows: list[ForestRow] = []
        for by, group in groupby(own, key=lambda row: row["by"]):
            rows.append(ForestRow(name=str(by)))
            rows += [
                ForestRow(
                    name=row["group"],
                    people=row["people"],
                    events=row["events"],
                    value=row["c"]["value"] if row["c"] else None,
                    bounds=bounds_of(row["c"]["interval"]) if row["c"] else None,
                    said=row["said"],
                )
                for row in group
            ]
        overall = d["results"][one["key"]]["harrell"]["value"]
        parts.append(forest(f"{one['label']}: Harrell's C by group", "Harrell's C", rows,
                            reference=overall))  # fmt: skip
    return joined((parts, tag("p", d["methods"]["subgroups"], class_="note")))


def missing_data(d: Document) -> Markup:
    """What remains when an input is left blank."""
    parts = []
    for one in d["candidates"]:
        rows = [
            (
                row["blank"],
                count(row["people"]),
                cell(row["c"]),
                cell(row["change"], 4, with_sign=True),
                percent(row["predicted"]),
                cell(row["observed_over_expected"], 2),
            )
            for row in d["missing_data"]
            if row["key"] == one["key"]
        ]
        if not rows:
            continue
        parts.append(table(
            f"{one['label']}: with one input left blank in everybody (95 % interval)",
            ("Left blank", "People", "Harrell's C", "Change", "Mean predicted",
             "Observed / expected"),
            rows,
        ))  # fmt: skip
    return joined((parts, tag("p", d["methods"]["missing_data"], class_="note")))
