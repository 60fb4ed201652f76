"""What developed engines rest on, and how often they over-state those at highest risk."""

from collections.abc import Mapping
from typing import Any

from riskapp.laboratory.page.markup import Markup, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, interval, percent

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
            f"{percent(row['top_fifth']['observed'])} ("
            f"{interval([100 * end for end in row['top_fifth']['interval']], 1)})",
            figure(row["top_fifth"]["ratio"], 2),
        )
        for row in told["cross_validated"]
        if row["top_fifth"]
    ]
    if not rows:
        return None
    return joined((
        tag("h3", "The fifth at highest risk"),
        table(
            "Predicted by engines that never saw them, and observed",
            ("Engine", "People", "Events", "Predicted %", "Observed % (95 % interval)",
             "Observed / predicted"),
            rows,
        ),
        tag("p", "Who is ranked highest is there partly by chance, so that learned engines tend "
            "to over-state this fifth: a ratio below 1.", class_="note"),
    ))  # fmt: skip


def resting(told: Mapping[str, Any]) -> Markup | None:
    """Importance with its spread over resamples, and what single inputs do."""
    if not told["rests_on"]:
        return None
    parts = [tag("h3", "What engines rest on")]
    for one in told["rests_on"]:
        name = f"{one['engine']}, {CAUSES[one['cause']]}"
        if not one["columns"]:
            parts.append(tag("p", f"{name}: nothing was learned beside the evidence."))
            continue
        parts.append(_importance(name, one))
        if one["curves"]:
            parts.append(_dependence(name, one))
    parts.append(
        tag("p", "Importance is the mean absolute contribution to the learned log hazard ratio; "
            "what evidence knows already is not in it. The curves are partial dependence "
            "(Friedman 2001) and, where inputs go together, the safer accumulated local effects "
            "(Apley and Zhu 2020). None of it says what causes what.", class_="note")
    )  # fmt: skip
    return joined(parts)


def _importance(name: str, one: Mapping[str, Any]) -> Markup:
    agreed = one["rank_correlation"]
    said = (
        "Resamples learned nothing that could be ordered."
        if agreed is None
        else f"The order of inputs agrees between resamples with a rank correlation of "
        f"{figure(agreed, 2)} (1: always the same order)."
    )
    return joined((
        table(
            f"{name}: importance, and its range over {one['resamples']} fits to parts of the "
            "people",
            ("Input", "Mean absolute log hazard", "Over resamples"),
            (
                (row["label"], figure(row["importance"]), interval(row["interval"]))
                for row in one["columns"]
            ),
        ),
        tag("p", said),
    ))  # fmt: skip


def _dependence(name: str, one: Mapping[str, Any]) -> Markup:
    rows = []
    for curve in one["curves"]:
        last = len(curve["values"]) - 1
        for at in sorted({0, last // 2, last}):
            rows.append((
                curve["label"], f"{curve['values'][at]:.4g}",
                figure(curve["hazard_ratio"][at], 2), figure(curve["accumulated"][at], 2),
            ))  # fmt: skip
    return table(
        f"{name}: hazard beside the average, as one input changes from the lowest to the highest "
        "in a hundred",
        ("Input", "Value", "Partial dependence", "Accumulated local effect"),
        rows,
    )
