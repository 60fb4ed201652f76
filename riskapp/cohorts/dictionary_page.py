"""The data dictionary of a cohort as one page: HTML that prints, or Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from riskapp.cohorts.summary import HIDDEN
from riskapp.exchange.markdown import markdown_table
from riskapp.exchange.wording import SAFETY

OUTCOME_WORDS = {
    "hip": "Hip fracture",
    "major_osteoporotic": "Major osteoporotic fracture",
    "any": "Any fracture",
    "death": "Death",
}
# The house's tokens, as far as a page of tables needs them; dark on screens only, white on paper.
STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #13212b; --ink-soft: #42505a;
  --line: #d5dde1; --accent: #09556e; --sunk: #f3f6f7;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #11191f; --ink: #e7edf0;
  --ink-soft: #abbac3; --line: #2e3c46; --accent: #82cbe2; --sunk: #19242b } }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem 1rem 3rem;
  font: .875rem/1.25rem var(--sans);
  color: var(--ink); background: var(--paper); font-variant-numeric: tabular-nums }
h1 { font: 600 1.75rem/2.25rem var(--sans); margin: 0 0 .5rem }
h2 { font: 600 1.25rem/1.75rem var(--sans); margin: 1.5rem 0 .5rem }
p, ul { margin: 0 0 .75rem; max-width: 48rem } .soft, footer { color: var(--ink-soft) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
caption { text-align: start; color: var(--ink-soft); padding-bottom: .25rem }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: start;
  vertical-align: top }
thead th { border-bottom: 2px solid var(--ink-soft) } tbody th { font-weight: 600 }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .75rem }
@page { size: A4 landscape; margin: 12mm }
@media print { body { max-width: none; padding: 0; font-size: 8pt; line-height: 1.3 }
  .scroll { overflow: visible } tr { break-inside: avoid } thead { display: table-header-group } }
"""


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and a table that may be absent."""

    title: str
    sentences: Sequence[str] = ()
    caption: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def page_html(summary: Mapping[str, Any], title: str) -> str:
    """Lay the dictionary out as one file that opens and prints without a network."""
    body = "\n".join(_section_html(each) for each in sections(summary))
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>Data dictionary: {escape(title)}</title><style>{STYLE}</style></head>",
            f"<body><main><h1>Data dictionary: {escape(title)}</h1>",
            body,
            f"</main><footer>{escape(SAFETY)}</footer></body></html>\n",
        ]
    )


def page_markdown(summary: Mapping[str, Any], title: str) -> str:
    """The same page in Markdown."""
    parts = [f"# Data dictionary: {title}\n"]
    for each in sections(summary):
        parts.append(f"## {each.title}\n")
        parts += [f"{sentence}\n" for sentence in each.sentences]
        if each.rows:
            parts.append(f"{each.caption}\n")
            rows = [[cell.replace("|", "\\|") for cell in row] for row in each.rows]
            parts.append(markdown_table(each.header, rows))
    return "\n".join([*parts, SAFETY, ""])


def _section_html(section: Section) -> str:
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in section.sentences)
    return f"<section><h2>{escape(section.title)}</h2>{told}{_table_html(section)}</section>"


def _table_html(section: Section) -> str:
    if not section.rows:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in section.header)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in section.rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(section.title)}">'
        f"<table><caption>{escape(section.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def sections(summary: Mapping[str, Any]) -> list[Section]:
    """The page's parts, from ``summarise``."""
    return [
        _people(summary),
        _outcomes(summary),
        *(_by_age(name, told) for name, told in summary["outcomes"].items()),
        _missing(summary),
        _spreads(summary),
    ]


def _people(summary: Mapping[str, Any]) -> Section:
    sentences = [f"{summary['rows']:,} rows about {summary['people']:,} people."]
    if summary["about"]:
        sentences.insert(0, str(summary["about"]))
    if summary["trained_on"] == "simulated":
        sentences.append("These people are simulated.")
    for what, words in (("populations", "population"), ("dxa_manufacturers", "DXA scanner")):
        told = ", ".join(f"{name} {number}" for name, number in summary[what].items())
        sentences.append(f"By {words}: {told}.")
    sentences += list(summary["remarks"])
    return Section(
        "People",
        sentences,
        f"Rows left out, by reason ({HIDDEN} where fewer than five).",
        ("Reason", "Rows"),
        [(reason, _text(number)) for reason, number in summary["left_out"].items()],
    )


def _outcomes(summary: Mapping[str, Any]) -> Section:
    sentences = [
        "Only first events are counted: nobody was followed past the first of any kind."
        if summary["first_events_only"]
        else "Each outcome has its own follow-up: one does not end the wait for another; "
        "death ends all."
    ]
    after = summary["hip_fractures_after_another"]
    if after is not None:
        sentences.append(f"Hip fractures that come after another fracture: {after}.")
    return Section(
        "Outcomes",
        sentences,
        "Follow-up per outcome, in years.",
        (
            "Outcome",
            "Events",
            "Person-years",
            "Median observed",
            "Median of those without",
            "Longest",
            "Still observed at",
        ),  # fmt: skip
        [
            (
                OUTCOME_WORDS[name],
                _text(told["events"]),
                f"{told['person_years']:,.0f}",
                _text(told["median_years_observed"]),
                _text(told["median_years_of_those_without"]),
                _text(told["longest_years"]),
                ", ".join(f"{at}: {number}" for at, number in told["still_observed"].items()),
            )
            for name, told in summary["outcomes"].items()
        ],
    )


def _by_age(name: str, told: Mapping[str, Any]) -> Section:
    return Section(
        f"{OUTCOME_WORDS[name]} by sex and age",
        (),
        "Age at baseline.",
        ("Sex", "Age", "People", "Events", "Person-years"),
        [
            tuple(_text(row[part]) for part in ("sex", "age", "people", "events", "person_years"))
            for row in told["by_sex_and_age"]
        ],
    )


def _missing(summary: Mapping[str, Any]) -> Section:
    columns = summary["columns"]
    event = OUTCOME_WORDS[columns[0]["event"]].lower()
    shares = ("known_share", "known_share_with_event", "known_share_without_event",
              "known_share_women", "known_share_men")  # fmt: skip
    return Section(
        "What is known",
        ("Not known is never read as no, nor filled in here.",),
        f"Share of people in whom it is known; with and without the event: {event}.",
        ("Column", "Known", "Of all", "With event", "Without", "Women", "Men"),
        [
            (each["label"], _text(each["known"]), *(_percent(each[name]) for name in shares))
            for each in columns
        ],
    )


def _spreads(summary: Mapping[str, Any]) -> Section:
    return Section(
        "Columns",
        ("Percentiles are of all in whom it is known, and given for fifty people or more.",),
        "What each column is, and its spread.",
        (
            "Name",
            "Label",
            "Unit",
            "Accepted",
            "Mean (SD) or yes",
            "5th, 50th, 95th percentile",
            "From",
        ),  # fmt: skip
        [
            (
                each["name"],
                each["label"],
                "" if each["unit"] == "1" else each["unit"],
                " to ".join(f"{end:g}" for end in each["range"]),
                _middle(each),
                ", ".join(f"{value:g}" for value in each.get("percentiles_5_50_95", ())),
                "the site" if each["declared_by_site"] else "the contract",
            )
            for each in summary["columns"]
        ],
    )


def _middle(each: Mapping[str, Any]) -> str:
    if "yes_share" in each:
        return _percent(each["yes_share"])
    return f"{each['mean']:g} ({each['sd']:g})" if "mean" in each else ""


def _percent(given: float | str | None) -> str:
    return given if isinstance(given, str) else "" if given is None else f"{100 * given:.1f} %"


def _text(given: Any) -> str:
    if given is None:
        return ""
    return f"{given:,}" if isinstance(given, int) else f"{given}"
