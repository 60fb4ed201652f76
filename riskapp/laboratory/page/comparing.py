"""Sections that set engines, groups of people and states of knowledge beside each other."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from riskapp.laboratory.page.markup import Markup, Part, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, percent, signed, with_interval
from riskapp.laboratory.page.performance import reason
from riskapp.laboratory.page.plots import ForestRow, bounds_of, forest

Document = Mapping[str, Any]


def differences(d: Document) -> Markup:
    """Paired differences between engines on the same people."""
    if not d["differences"]:
        return tag("p", "One engine was asked, so there is nothing to compare.", class_="said")
    drawn = []
    for what, group in groupby(d["differences"], key=lambda row: row["what"]):
        rows = [
            ForestRow(
                name=f"{row['label']} against {row['against_label']}",
                people=d["compared_on"]["people"],
                events=d["compared_on"]["events"],
                value=row["value"],
                bounds=bounds_of(row["interval"]),
            )
            for row in group
        ]
        drawn.append(forest(f"{what}: difference on the same people", "Difference", rows,
                            reference=0.0, is_difference=True, digits=4))  # fmt: skip
    return joined((drawn, tag("p", d["methods"]["differences"], class_="note")))


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
            signed(row["events_nri"]),
            signed(row["nonevents_nri"]),
        )
        for row in d["reclassification"]
    ]
    return joined((
        table(
            "Moved across the threshold, and net reclassification by outcome",
            ("Engines", "Threshold", "Moved up", "Moved down", "With the outcome",
             "Without it"),
            rows,
        ),
        tag("p", d["methods"]["reclassification"], class_="note"),
    ))  # fmt: skip


def subgroups(d: Document) -> Markup:
    """Discrimination and calibration by age, sex, population and scanner."""
    parts: list[Part] = []
    for one in d["candidates"]:
        own = [row for row in d["subgroups"] if row["key"] == one["key"]]
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
        parts.append(_ratios(one, own))
    return joined((parts, tag("p", d["methods"]["subgroups"], class_="note")))


def _ratios(one: Mapping[str, Any], own: Sequence[Mapping[str, Any]]) -> Markup | None:
    rows = [
        (
            f"{row['by']}: {row['group']}",
            percent(row["predicted"]),
            percent(row["observed"]),
            with_interval(row["observed_over_expected"], row["observed_over_expected_interval"], 2),
        )
        for row in own
        if row["observed_over_expected"] is not None
    ]
    return table(
        f"{one['label']}: observed over expected by group (95 % interval)",
        ("Group", "Predicted", "Observed", "Observed / expected"),
        rows,
    )


def missing_data(d: Document) -> Markup:
    """What remains when an input is left blank."""
    parts = []
    for one in d["candidates"]:
        rows = [
            (
                row["blank"],
                count(row["people"]),
                figure(row["c"]),
                signed(row["change"]) if row["change"] is not None else "",
                percent(row["predicted"]),
                figure(row["observed_over_expected"], 2),
            )
            for row in d["missing_data"]
            if row["key"] == one["key"]
        ]
        parts.append(table(
            f"{one['label']}: with one input left blank in everybody",
            ("Left blank", "People", "Harrell's C", "Change", "Mean predicted",
             "Observed / expected"),
            rows,
        ))  # fmt: skip
    return joined((parts, tag("p", d["methods"]["missing_data"], class_="note")))
