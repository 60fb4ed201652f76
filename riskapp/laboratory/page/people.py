"""Sections about the cohort and the engines that were asked."""

from collections.abc import Mapping
from typing import Any

from riskapp.laboratory.page.markup import Markup, joined, table, tag
from riskapp.laboratory.page.numbers import DASH, count, figure, percent
from riskapp.laboratory.page.plots import histogram

Document = Mapping[str, Any]


def cohort(d: Document) -> Markup:
    """Who was followed, for how long, what is known of them."""
    people = d["cohort"]
    first = (
        tag(
            "p",
            "The file holds one time and one event for each person: first events only. "
            "A hip fracture that came after another fracture is not counted.",
        )
        if people["first_events_only"]
        else None
    )
    return joined((
        tag("h3", "How people came into the analysis"),
        _flow(d),
        first,
        tag("h3", "Follow-up"),
        _follow_up(people),
        tag("h3", "Characteristics at baseline"),
        _characteristics(people),
        tag("h3", "What is not known"),
        _missing(people),
    ))  # fmt: skip


def _flow(d: Document) -> Markup:
    people, compared = d["cohort"], d["compared_on"]
    rows = [("Rows of the file", count(people["rows"] + people["left_out_rows"]))]
    rows += [(f"Left out: {reason}", count(n)) for reason, n in people["left_out"].items()]
    rows.append(("Asked about", count(people["rows"])))
    rows += [
        (f"Refused by {one['label']}: {reason}", count(n))
        for one in d["candidates"]
        for reason, n in one["refused"].items()
    ]
    rows += [
        ("Answered by every engine, and so compared", count(compared["people"])),
        (f"Of these with the outcome: {d['outcome']['label'].lower()}", count(compared["events"])),
    ]
    return table("From the file to the comparison", ("Step", "People"), rows)


def _follow_up(people: Mapping[str, Any]) -> Markup:
    return table(
        "Events and follow-up of each outcome; counts below 5 are hidden",
        ("Outcome", "Events", "Within 10 years", "Person-years", "Per 1,000 person-years",
         "Median follow-up (years)", "Longest (years)", "Followed for 10 years"),
        (
            (
                told["label"],
                count(told["events"]),
                count(told["events_within_10_years"]),
                count(round(told["person_years"])),
                figure(told["per_1000_person_years"], 1),
                figure(told["median_years"], 1),
                figure(told["longest_years"], 1),
                count(told["followed_10_years"]),
            )
            for told in people["follow_up"].values()
        ),
    )  # fmt: skip


def _characteristics(people: Mapping[str, Any]) -> Markup:
    def shown(row: Mapping[str, Any]) -> str:
        if row["kind"] == "yes_no":
            return f"{count(row['yes'])} ({percent(row['share'])})"
        if "median" not in row:
            return DASH
        digits = 2 if abs(row["median"]) < 10 else 1
        ends = " to ".join(figure(row[end], digits) for end in ("lower_quartile", "upper_quartile"))
        return f"{figure(row['median'], digits)} ({ends})"

    return table(
        "Median (quartiles) or number (share), of those in whom it is known",
        ("Characteristic", "Known in", "Median or number"),
        (
            (f"{row['label']}{', ' + row['unit'] if row['unit'] else ''}", count(row["known"]),
             shown(row))
            for row in people["characteristics"]
        ),
    )  # fmt: skip


def _missing(people: Mapping[str, Any]) -> Markup:
    known = [row for row in people["missing"] if row["share_not_known"] < 1]
    never = [row["label"].lower() for row in people["missing"] if row["share_not_known"] == 1]
    return joined((
        table(
            "Inputs that are known in somebody",
            ("Input", "Known in", "Not known in", "Share not known"),
            ((row["label"], count(row["known"]), count(row["not_known"]),
              percent(row["share_not_known"])) for row in known),
        ),
        tag("p", f"Known in nobody: {', '.join(never)}.", class_="note") if never else None,
    ))  # fmt: skip


def engines(d: Document) -> Markup:
    """What was asked, what it was trained on, how many it answered."""
    rows = [
        (
            one["label"],
            joined((one["trained_on"], " ", simulated(one))),
            tag("code", one["model_id"]),
            count(one["answered"]),
            count(one["refused_number"]),
        )
        for one in d["candidates"]
    ]
    warned = [
        tag("p", one["seen_these_people"], class_="said is-caution")
        for one in d["candidates"]
        if one["seen_these_people"]
    ]
    return joined((
        table("Engines and what they were trained on",
              ("Engine", "Trained on", "Model", "Answered", "Refused"), rows),
        warned,
        tag("h3", "What they answered"),
        _predicted(d),
    ))  # fmt: skip


def _predicted(d: Document) -> Markup:
    edges = [100 * edge for edge in d["predicted_edges"]]
    series = [
        (one["label"], d["results"][one["key"]]["predicted"]["shares"]) for one in d["candidates"]
    ]
    picture = histogram(
        "predicted", "Histogram of predicted probabilities",
        "Share of people by predicted probability; the quartiles are in the table.",
        edges, series,
        "Predicted probability, %",
    )  # fmt: skip
    rows = [
        (
            one["label"],
            *(percent(d["results"][one["key"]]["predicted"][name])
              for name in ("mean", "lower_quartile", "median", "upper_quartile")),
        )
        for one in d["candidates"]
    ]  # fmt: skip
    told = table(
        "Predicted probabilities",
        ("Engine", "Mean", "Lower quartile", "Median", "Upper quartile"),
        rows,
    )
    return tag("div", tag("figure", picture), told, class_="side-by-side")


def simulated(one: Mapping[str, Any]) -> Markup | None:
    """The mark that stands beside every number of an engine that learned from nobody real."""
    if one["trained_on"] != "simulated":
        return None
    return tag("span", "simulated people", class_="badge is-simulated")
