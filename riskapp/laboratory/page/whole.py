"""The whole report: one page that opens from a disk, prints, and loads nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from riskapp.laboratory.page import comparing, people, performance
from riskapp.laboratory.page.developing import development
from riskapp.laboratory.page.markup import Markup, Part, joined, table, tag
from riskapp.laboratory.page.numbers import count, figure, interval
from riskapp.laboratory.page.resting import explanation, on_inputs
from riskapp.laboratory.page.words import words

Document = Mapping[str, Any]
Section = tuple[str, str, Callable[[Document], Markup]]


def report(document: Document) -> str:
    """HTML of everything that the JSON holds."""
    title = _title(document)
    sections = _sections(document)
    return _page(
        title,
        _heading(document, title),
        _contents(sections),
        (
            tag("section", tag("h2", name), write(document), class_="section", id=ident)
            for ident, name, write in sections
        ),
        tag("p", document["safety"], class_="safety-words"),
    )


def explanation_page(told: Document, cohort: str, methods: str, safety: str) -> str:
    """HTML of what one stored model rests on among the people of one cohort."""
    title = f"What {told['model']} rests on"
    heading = tag(
        "header",
        tag("p", "Trabecula laboratory", class_="eyebrow"),
        tag("h1", title),
        tag("p", f"{told['people']} people of {cohort} · {told['engine']} · parts beside the "
            "published evidence"),
        class_="page-heading",
    )  # fmt: skip
    section = tag("section", explanation(told, methods), class_="section")
    return _page(title, heading, section, tag("p", safety, class_="safety-words"))


def _page(title: str, *parts: Part) -> str:
    """A file that loads nothing."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", title),
        # The style sheet is ours and holds no "<".
        tag("style", Markup(style)),
    )  # fmt: skip
    body = tag("main", *parts, class_="page")
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', body), lang='en')}\n"


def _title(d: Document) -> str:
    doing = "Development and validation" if d["development"] else "Validation"
    return f"{doing} report: {d['outcome']['label'].lower()}, {d['cohort']['name']}"


def _sections(d: Document) -> list[Section]:
    found: list[Section] = [
        ("summary", "In short", _summary),
        ("cohort", "People", people.cohort),
        ("engines", "Engines", people.engines),
        ("discrimination", "Discrimination", performance.discrimination),
        ("calibration", "Calibration", performance.calibration),
        ("accuracy", "Overall accuracy", performance.accuracy),
        ("decisions", "Decisions at guidelines' thresholds", performance.decisions),
        ("differences", "Engines beside each other", comparing.differences),
        ("reclassification", "Reclassification", comparing.reclassification),
        ("subgroups", "Groups of people", comparing.subgroups),
        ("missing", "Missing data", comparing.missing_data),
        ("resting", "What engines rest on", on_inputs),
    ]
    if d["development"]:
        found.append(("development", "Development on this cohort", development))
    return [
        *found,
        ("limits", "What cannot be said", _limits),
        ("tripod", "TRIPOD+AI", lambda d: _checklist(d["tripod"], "Item")),
        ("probast", "PROBAST+AI self-assessment", lambda d: _checklist(d["probast"], "Question")),
        ("words", "Words", lambda d: words()),
        ("made", "How this report was made", _made),
    ]


def _heading(d: Document, title: str) -> Markup:
    made = d["made"]
    return tag(
        "header",
        tag("p", "Trabecula laboratory", class_="eyebrow"),
        tag("h1", title),
        tag("p", f"{made['date']} · {d['cohort']['name']} · judged over "
            f"{d['outcome']['horizon']} years by the {d['outcome']['ranked_by']}"),
        class_="page-heading",
    )  # fmt: skip


def _contents(sections: list[Section]) -> Markup:
    items = (tag("li", tag("a", name, href=f"#{ident}")) for ident, name, _ in sections)
    return tag("nav", tag("ol", items, class_="contents"), aria_label="Contents")


def _summary(d: Document) -> Markup:
    first = d["candidates"][0]
    c = d["results"][first["key"]]["harrell"]
    facts = [
        ("People compared", count(d["compared_on"]["people"]), ""),
        (d["outcome"]["label"], count(d["compared_on"]["events"]), "events"),
        (f"Harrell's C, {first['label']}", figure(c["value"]), interval(c["interval"])),
    ]
    calibration = d["results"][first["key"]]["calibration"]
    if calibration:
        ratio = calibration["observed_over_expected"]
        facts.append((f"Observed / expected, {first['label']}", figure(ratio["value"], 2),
                      interval(ratio["interval"], 2)))  # fmt: skip
    listed = tag(
        "dl",
        (
            tag("div", tag("dt", name), tag("dd", value, tag("span", under, class_="under")))
            for name, value, under in facts
        ),
        class_="headline",
    )
    warned = (
        tag("p", one["seen_these_people"], class_="said is-caution")
        for one in d["candidates"]
        if one["seen_these_people"]
    )
    explained = tag("p", "What the words mean stands ", tag("a", "at the end", href="#words"), ".",
                    class_="note")  # fmt: skip
    return joined((listed, warned, (tag("p", sentence) for sentence in d["summary"]), explained))


def _limits(d: Document) -> Markup:
    said = tag("ul", (tag("li", sentence) for sentence in d["cannot_be_said"]), class_="said")
    absent = table(
        "Measures that were left out",
        ("Measure", "Why"),
        ((one["what"], one["why"]) for one in d["left_out_measures"]),
    )
    return joined((said, absent))


def _checklist(checklist: Mapping[str, Any], number: str) -> Markup:
    def named(item: Mapping[str, Any]) -> str:
        topic = item.get("topic") or f"{item['part'].capitalize()}: {item['domain'].lower()}"
        return f"{item['item']} {topic}"

    rows = [
        (
            named(item),
            item["asks"],
            joined((tag("span", item["status"], class_="status"), item["answer"])),
        )
        for item in checklist["items"]
    ]  # fmt: skip
    told = table(f"{checklist['title']}: {checklist['source']}", (number, "Asks", "Answer"), rows)
    note = tag("p", f"{checklist['mark'].capitalize()}.", class_="note")
    return joined((told, note))


def _made(d: Document) -> Markup:
    made = d["made"]
    facts = [
        ("Product", f"Trabecula {made['version']}"),
        ("Command", made["command"]),
        ("Cohort file", f"{d['cohort']['name']}, SHA-256 {made['cohort_sha256']}"),
        ("Seed", str(made["seed"])),
        ("Resamples", str(made["resamples"])),
        ("Libraries", ", ".join(f"{name} {number}" for name, number in made["libraries"].items())),
    ]
    return tag("dl", ((tag("dt", name), tag("dd", value)) for name, value in facts), class_="facts")
