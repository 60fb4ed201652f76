"""Sections about how well each engine ranks, how true its level is, and what it would decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from riskapp.laboratory.page.cells import cell, share
from riskapp.laboratory.page.markup import Markup, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, p_value, percent, signed
from riskapp.laboratory.page.people import simulated
from riskapp.laboratory.page.plots import Axis, Series, lines, ticks

Document = Mapping[str, Any]


def named(one: Mapping[str, Any]) -> Markup:
    """An engine's name, with the mark "simulated" where it belongs."""
    return joined((one["label"], " ", simulated(one)))


def discrimination(d: Document) -> Markup:
    """Harrell's and Uno's C, and the area under the curve year by year."""
    rows = [
        (
            named(one),
            *(
                cell(d["results"][one["key"]][name])
                for name in ("harrell", "uno", "integrated_auc", "auc_yes_or_no")
            ),
        )
        for one in d["candidates"]
    ]
    header = ["Engine", "Harrell's C", "Uno's C", "AUC, mean over the years",
              "AUC, happened or not (DeLong)"]  # fmt: skip
    if not any(d["results"][one["key"]]["auc_yes_or_no"] for one in d["candidates"]):
        rows, header = [row[:-1] for row in rows], header[:-1]
    return joined((
        table("How well engines rank people (95 % interval)", header, rows),
        tag("p", d["methods"]["discrimination"], class_="note"),
        tag("h3", "Year by year"),
        _by_year(d),
        tag("h3", "Whether it lasts"),
        _lasting(d),
    ))  # fmt: skip


def _by_year(d: Document) -> Markup:
    several = [d["results"][one["key"]]["auc"] for one in d["candidates"]]
    series = [
        Series(
            name=one["label"],
            x=[point["year"] for point in curve],
            y=[point["value"] for point in curve],
        )
        for one, curve in zip(d["candidates"], several, strict=True)
    ]
    shown = [y for one in series for y in one.y if y is not None]
    if not shown:
        return tag("p", "Fewer than five events by every year: no area is shown.", class_="said")
    low = min(0.5, *(int(10 * value) / 10 for value in shown))
    picture = lines(
        "auc", "Area under the ROC curve (AUC) by year",
        "How well each engine tells those with the outcome by the end of a year from those "
        "still without it; every value is in the table.",
        series, Axis(1, 10, ticks(1, 10, 1), "Years since baseline", 0),
        Axis(low, 1.0, ticks(low, 1.0, 0.1), "", 1),
    )  # fmt: skip
    beside = table(
        "AUC by the end of each year (95 % interval)",
        ("Year", "Events", *(one["label"] for one in d["candidates"])),
        (
            (str(points[0]["year"]), count(points[0]["events"]), *(cell(each) for each in points))
            for points in zip(*several, strict=True)
        ),
        stacked=True,
    )
    return joined((tag("figure", picture), beside))


def _lasting(d: Document) -> Markup:
    tested = [
        (named(one), d["results"][one["key"]]["proportional_hazards"]) for one in d["candidates"]
    ]
    rows = [
        (name, figure(found["statistic"], 2), p_value(found["p"]))
        for name, found in tested
        if found
    ]
    if not rows:
        return tag("p", "Too few events, or predictions too much alike, to test.", class_="said")
    return joined((
        table("Test of proportional hazards of the prediction, 1 degree of freedom",
              ("Engine", "Chi-squared", "P"), rows),
        tag("p", d["methods"]["lasting"], class_="note"),
    ))  # fmt: skip


def calibration(d: Document) -> Markup:
    """Predicted against observed."""
    judged = [one for one in d["candidates"] if d["results"][one["key"]]["calibration"]]
    if not judged:
        return tag("p", reason(d, "Calibration"), class_="said")
    told = {one["key"]: d["results"][one["key"]]["calibration"] for one in judged}
    highest = max(
        max(point["predicted"], point["observed"])
        for each in told.values()
        for point in (*each["curve"], *each["fifths"])
    )
    top = next((end for end in (0.1, 0.2, 0.4, 0.6, 0.8) if highest <= end), 1.0)
    axis = [100 * value for value in ticks(0, top, top / 5)]
    series = [
        Series(
            name=one["label"],
            x=[100 * point["predicted"] for point in told[one["key"]]["curve"]],
            y=[100 * point["observed"] for point in told[one["key"]]["curve"]],
            lower=_per_cent(told[one["key"]], "lower") if one is judged[0] else None,
            upper=_per_cent(told[one["key"]], "upper") if one is judged[0] else None,
            points=False,
        )
        for one in judged
    ]
    picture = lines(
        "calibration", "Calibration curve",
        "Observed (upwards) against predicted probability (across), in per cent, with the 95 % "
        "band of the first engine, as several would hide each other; "
        "the dotted line is where both are equal.",
        series, Axis(0, 100 * top, axis, "Predicted, %", 0),
        Axis(0, 100 * top, axis, "", 0), diagonal=True,
    )  # fmt: skip
    return joined((
        tag("figure", picture, class_="square"),
        table(
            f"Everybody, by {d['outcome']['horizon']} years (95 % interval)",
            ("Engine", "Predicted", "Observed", "Observed / expected", "Slope",
             "Mean distance (ICI)"),
            (
                (
                    named(one),
                    percent(told[one["key"]]["predicted"]),
                    share(told[one["key"]]["observed"], told[one["key"]]["observed_interval"]),
                    cell(told[one["key"]]["observed_over_expected"], 2),
                    cell(told[one["key"]]["slope"], 2),
                    percent(told[one["key"]]["ici"]),
                )
                for one in judged
            ),
        ),
        tag("p", d["methods"]["calibration"], class_="note"),
        tag("h3", "Everybody and groups of people"),
        [_groups(d, one) for one in judged],
        tag("h3", "By fifths of predicted probability"),
        [_fifths(one, told[one["key"]]["fifths"]) for one in judged],
    ))  # fmt: skip


def _per_cent(told: Mapping[str, Any], end: str) -> list[float]:
    return [100 * point[end] for point in told["curve"]]


def _groups(d: Document, one: Mapping[str, Any]) -> Markup:
    """Level and spread of one engine among everybody and in each group, in one table."""
    own = [row for row in d["subgroups"] if row["key"] == one["key"]]
    return table(
        f"{one['label']}: level and spread by group (95 % interval)",
        ("Group", "People", "Events", "Predicted", "Observed", "Observed / expected", "Slope"),
        (
            (
                _group(row, d["outcome"]["horizon"]),
                count(row["people"]),
                count(row["events"]),
                percent(row["predicted"]),
                share(row["observed"], row["observed_interval"]),
                cell(row["observed_over_expected"], 2),
                cell(row["slope"], 2),
            )
            for row in own
        ),
    )


def _group(row: Mapping[str, Any], horizon: int) -> str:
    sooner = f" (by {row['horizon']} years)" if row["horizon"] < horizon else ""
    return f"{row['by']}: {row['group']}{sooner}"


def _fifths(one: Mapping[str, Any], fifths: Sequence[Mapping[str, Any]]) -> Markup:
    if not fifths:
        words = "a fifth holds nobody who was followed that long."
        return tag("p", f"{one['label']}: not shown, as {words}", class_="said")
    names: Sequence[str] = ("Lowest fifth", "Second", "Third", "Fourth", "Top fifth")
    if len(fifths) != len(names):
        # Many have the very same prediction, and stay together.
        names = [f"Group {place} of {len(fifths)}" for place in range(1, len(fifths) + 1)]
    return table(
        f"{one['label']}: predicted and observed (95 % interval)",
        ("Fifth", "People", "Events", "Predicted", "Observed", "Observed / expected"),
        (
            (
                name,
                count(fifth["people"]),
                count(fifth["events"]),
                percent(fifth["predicted"]),
                share(fifth["observed"], fifth["interval"]),
                cell({"value": fifth["ratio"], "interval": fifth["ratio_interval"]}, 2),
            )
            for name, fifth in zip(names, fifths, strict=True)
        ),
    )


def accuracy(d: Document) -> Markup:
    """Brier score and what it gains over knowing nothing of the person."""
    judged = [one for one in d["candidates"] if d["results"][one["key"]]["brier"]]
    if not judged:
        return tag("p", reason(d, "Brier score"), class_="said")
    return joined((
        table(
            "Brier score (lower is better) and its gain over one number for everybody (IPA), with "
            "95 % intervals",
            ("Engine", "Brier score", "IPA", "Brier score, mean over the years",
             "IPA, mean over the years"),
            (
                (
                    named(one),
                    cell(d["results"][one["key"]]["brier"], 4),
                    cell(d["results"][one["key"]]["ipa"]),
                    cell(d["results"][one["key"]]["integrated_brier"], 4),
                    cell(d["results"][one["key"]]["integrated_ipa"]),
                )
                for one in judged
            ),
        ),
        tag("p", d["methods"]["accuracy"], class_="note"),
    ))  # fmt: skip


def decisions(d: Document) -> Markup:
    """Net benefit over thresholds, and at those of guidelines."""
    told = d["decision"]
    if told is None:
        return tag("p", reason(d, "Decision curve"), class_="said")
    x = [100 * value for value in told["thresholds"]]
    per_1000 = {key: [_times(v) for v in values] for key, values in told["net_benefit"].items()}
    series = [
        Series(name=one["label"], x=x, y=per_1000[one["key"]], points=False)
        for one in d["candidates"]
    ]
    series.append(Series(name="Treat everybody", x=x, y=[_times(v) for v in told["treat_all"]],
                         points=False))  # fmt: skip
    high = max([v for one in series for v in one.y if v is not None] + [1.0])
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200) if high / s <= 6)
    top = step * -(-high // step)
    edge = max(x)
    marks = [100 * mark["threshold"] for mark in d["thresholds"]]
    picture = lines(
        "decision", "Decision curve",
        "Net benefit for 1,000 people over thresholds; dashed uprights are thresholds of "
        "guidelines, whose values are in the table.",
        series, Axis(0, edge, ticks(0, edge, edge / 5), "Threshold probability, %", 0),
        Axis(-step, top, ticks(-step, top, step), "", 0), marks=marks,
    )  # fmt: skip
    rows = [
        (
            f"{percent(mark['threshold'])} ({mark['guideline']})",
            *(_benefit(mark["net_benefit"][one["key"]]) for one in d["candidates"]),
            signed(_times(mark["treat_all"]), 1),
        )
        for mark in d["thresholds"]
    ]
    header = ("Threshold", *(one["label"] for one in d["candidates"]), "Treat everybody")
    return joined((
        tag("figure", picture),
        table("Net benefit for 1,000 people at thresholds of guidelines (95 % interval)", header,
              rows, stacked=True),
        tag("p", d["methods"]["decisions"], class_="note"),
    ))  # fmt: skip


def _times(value: float | None) -> float | None:
    return None if value is None else 1000 * value


def _benefit(told: Mapping[str, Any]) -> Markup:
    ends = told["interval"] and [1000 * end for end in told["interval"]]
    return cell({"value": _times(told["value"]), "interval": ends}, 1, with_sign=True)


def reason(d: Document, what: str) -> str:
    """Why a measure is not there."""
    for one in d["left_out_measures"]:
        if what in one["what"]:
            return f"{one['what']}: left out. {one['why']}"
    return f"{what} could not be computed."
