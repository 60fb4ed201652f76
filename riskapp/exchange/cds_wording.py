"""The words of cards: a summary of one line, and its detail in GitHub's markdown.

CDS Hooks 2.0, section "Card Attributes". No name of a person stands in a card, and what another
program wrote is escaped: some clients show markdown as HTML.
"""

import html
import re
from collections.abc import Iterable, Sequence

from riskapp.exchange.evidence_wording import counted_by
from riskapp.exchange.guideline_wording import help_wording, label, named_in_words, verdict_wording
from riskapp.exchange.markdown import markdown_table
from riskapp.exchange.numbers import percent, percent_range
from riskapp.exchange.sentences import listed_in_words
from riskapp.exchange.wording import OUTCOMES, SAFETY, contribution, value_text
from riskapp.risk.estimate import Explanation, HelpfulInput, Outcome, OutcomeEstimate, RiskEstimate
from riskapp.risk.guideline_data import MARKS
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.verdict import Verdict

LONGEST_SUMMARY = 139  # "<140-character", section "Card Attributes"
MOST_REASONS, MOST_NOT_USED = 4, 3
LONGEST_FOREIGN = 200  # characters of a sentence that quotes another program
SEEN = MARKS[0]
# What can stand for something in GitHub's markdown (GFM 0.29, section 6.1), apart from what opens
# a tag: some programs show markdown as HTML without reading it.
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@/])")
MEASURED = (
    "body_mass_index", "femoral_neck_t_score", "total_hip_t_score", "lumbar_spine_t_score",
    "trabecular_bone_score",
)  # fmt: skip


def summary(*candidates: str) -> str:
    """The first that fits; the last is cut where none does."""
    for text in candidates:
        if len(text) <= LONGEST_SUMMARY:
            return text
    return f"{candidates[-1][: LONGEST_SUMMARY - 1]}…"


def risk_in_words(estimate: RiskEstimate) -> str:
    """Both probabilities with the interval of the first, for a summary."""
    major = estimate.outcomes[Outcome.MAJOR_OSTEOPOROTIC]
    hip = estimate.outcomes[Outcome.HIP]
    told = f"10-year risk of major fracture {percent(major.probability_10y)}"
    if interval := _interval(major):
        told += f" ({interval})"
    return f"{told}, hip {percent(hip.probability_10y)}"


def detail(*parts: str) -> str:
    """Paragraphs, and the safety words once at the end."""
    return "\n\n".join((*(part for part in parts if part), f"_{SAFETY}_"))


def numbers(estimate: RiskEstimate) -> str:
    """Probabilities and intervals as a table, and what they rest on."""
    rows = [
        (told.capitalize(), percent(one.probability_10y), _interval(one) or "not asked for")
        for outcome, told in OUTCOMES.items()
        for one in (estimate.outcomes[outcome],)
    ]
    people = population(estimate.population).name
    return (
        f"**10-year probability** by published results ({people}; "
        f"{counted_by(estimate.evidence_set)}), death competing:\n\n"
        + markdown_table(("", "Probability", "95\u00a0% interval"), rows).rstrip()
    )


def verdict(told: Verdict) -> str:
    """What the guideline says, by which rule, and how far the rule was checked."""
    parts = ["**The guideline.**", verdict_wording(told), *filter(None, [told.means])]
    if told.within_interval:
        others = listed_in_words([f"“{one}”" for one in told.within_interval], "or")
        parts.append(f"The verdict is close: within the 95\u00a0% interval it could be {others}.")
    parts += told.notes
    sources = dict.fromkeys(f"{rule.source}{mark(rule.mark)}" for rule in told.rules)
    if sources:
        parts.append(f"Rule: {'; '.join(sources)}.")
    return " ".join(parts)


def mark(how: str) -> str:
    """How far a rule was checked, where it was not seen at its source."""
    return "" if how == SEEN else f"; {how}"


def reasons(explanation: Explanation | None, profile: RiskProfile) -> str:
    """What moves the number most; without sums, what is known that counts."""
    if explanation is None:
        known = _known(profile)
        return f"**Known and counted:** {listed_in_words(known, 'and')}." if known else ""
    ranked = sorted(
        (one for one in explanation.contributions if one.probability is not None),
        key=lambda one: -abs((one.probability or {})[Outcome.MAJOR_OSTEOPOROTIC]),
    )
    if not ranked:
        return ""
    lines = "\n".join(f"- {contribution(one)}" for one in ranked[:MOST_REASONS])
    return f"**What goes with it**, beside people of the same age and sex:\n\n{lines}"


def not_known(estimate: RiskEstimate) -> str:
    """What is averaged over."""
    if not estimate.unknown:
        return "Everything that the estimate uses is known."
    told = named_in_words(estimate.unknown, ())
    return f"**Not known**, averaged over and never read as no: {told}."


def not_used(sentences: Sequence[str]) -> str:
    """Why entries of the record did not count; these sentences may quote other programs."""
    if not sentences:
        return ""
    lines = "\n".join(f"- {escaped(one)}" for one in sentences[:MOST_NOT_USED])
    more = len(sentences) - MOST_NOT_USED
    rest = f"\n- and {more} more" if more > 0 else ""
    return f"**In the record and not used:**\n\n{lines}{rest}"


def remarks(warnings: Sequence[str]) -> str:
    """What limits the number, such as a scan of long ago."""
    return f"**To be considered:** {' '.join(warnings)}" if warnings else ""


def help_told(one: HelpfulInput) -> str:
    """What knowing one answer would do to the verdict."""
    return help_wording(
        one.field, one.chance_decision_changes or 0.0, one.chance_settles, dict(one.categories)
    )


def escaped(text: str) -> str:
    """Text of another program as plain text in markdown, on one line and not too long."""
    plain = " ".join(text.split())
    short = plain if len(plain) <= LONGEST_FOREIGN else f"{plain[: LONGEST_FOREIGN - 1]}…"
    return html.escape(SPECIAL.sub(r"\\\1", short), quote=False)


def _known(profile: RiskProfile) -> list[str]:
    """Risk factors that are there, and measurements."""
    there: Iterable[str] = (label(name) for name in FACTORS if getattr(profile, name))
    measured = (
        f"{label(name)} {value_text(name, value)}"
        for name in MEASURED
        if (value := getattr(profile, name)) is not None
    )
    return [*there, *measured]


def _interval(one: OutcomeEstimate) -> str | None:
    interval = one.interval_95
    return None if interval is None else percent_range((interval.lower, interval.upper))
