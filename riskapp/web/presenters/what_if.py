"""What-if: the answers that can be moved, and two people side by side on one axis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from riskapp.actions.scoring import Scored
from riskapp.actions.supposing import Person
from riskapp.exchange.another_wording import person_with
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.wording import FIELDS, value_text
from riskapp.risk.bone_density import Site
from riskapp.risk.profile import RiskProfile
from riskapp.web.presenters.drawn_rows import DrawnRows, Told, drawn_rows
from riskapp.web.presenters.fields import Choice, kind_of, yes_no
from riskapp.web.presenters.guideline_lines import drawn_lines
from riskapp.web.presenters.numbers import percent, signed

PREFIX = "if-"  # before the names of what-if's own answers, so that none is the record's
MAJOR, HIP = "major_osteoporotic", "hip"
# Ends and step of each slider: what people commonly have. The box beside it takes all that the
# record takes.
SLIDERS: dict[str, tuple[float, float, float]] = {
    "weight_kg": (35, 130, 0.5),
    "body_mass_index": (15, 45, 0.5),
    "femoral_neck_t_score": (-5, 2, 0.1),
    "falls_last_year": (0, 5, 1),
    "glucocorticoid_dose_mg_daily": (0, 30, 0.5),
}
YES_NO = ("current_smoker", "alcohol_3_or_more_units_daily", "glucocorticoids")
ORDER = (
    "weight_kg",
    "body_mass_index",
    "femoral_neck_t_score",
    "falls_last_year",
    "current_smoker",
    "alcohol_3_or_more_units_daily",
    "glucocorticoids",
    "glucocorticoid_dose_mg_daily",
)
NOTES = {"glucocorticoid_dose_mg_daily": "Counts where glucocorticoids are answered yes."}


@dataclass(frozen=True, slots=True)
class Control:
    """One answer that can be moved; ``at`` is where a slider stands, known or not."""

    field: str
    label: str
    unit: str
    value: str
    recorded: str
    is_yes_no: bool
    choices: tuple[Choice, ...]
    low: str
    high: str
    step: str
    at: str
    spoken: str
    note: str
    is_moved: bool

    @property
    def name(self) -> str:
        return PREFIX + self.field


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """The answer: this person and another."""

    who: str
    is_moved: bool
    major: DrawnRows
    hip: DrawnRows
    major_change: str
    hip_change: str
    verdicts: tuple[str, ...]  # of this person and of the other, where they can be told
    guideline: str
    warnings: tuple[str, ...]
    query: str  # of an address that says the same again
    spoken: str


def recorded_values(profile: RiskProfile) -> dict[str, str]:
    """What is known of each answer that can be moved, as its control shows it; blank if not."""
    shown: dict[str, Any] = {name: getattr(profile, name) for name in (*YES_NO, *SLIDERS)}
    shown["femoral_neck_t_score"] = profile.t_score(Site.FEMORAL_NECK)
    # Without a height a weight says nothing; the index then is what can be moved.
    hidden = "weight_kg" if profile.height_cm is None else "body_mass_index"
    shown["body_mass_index"] = profile.bmi_kg_m2
    return {name: _written(name, shown[name]) for name in ORDER if name != hidden}


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    decimals = 0 if name == "falls_last_year" else 1
    return f"{value:.{decimals}f}".removesuffix(".0")


def changes_of(recorded: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """What was moved, as it was sent; a box that holds what is recorded changes nothing."""
    return {
        name: sent[PREFIX + name].strip()
        for name, before in recorded.items()
        if PREFIX + name in sent and sent[PREFIX + name].strip() != before
    }


def controls(recorded: Mapping[str, str], changes: Mapping[str, str]) -> tuple[Control, ...]:
    """The controls as they stand."""
    return tuple(_control(name, before, changes) for name, before in recorded.items())


def _control(name: str, before: str, changes: Mapping[str, str]) -> Control:
    value = changes.get(name, before)
    unit = FIELDS[name].unit
    low, high, step = SLIDERS.get(name, (0.0, 0.0, 0.0))
    is_yes_no = kind_of(name) == "yes_no"
    return Control(
        field=name,
        label=FIELDS[name].label,
        unit=unit,
        value=value,
        recorded=_in_words(name, before),
        is_yes_no=is_yes_no,
        choices=yes_no(value) if is_yes_no else (),
        low=f"{low:g}",
        high=f"{high:g}",
        step=f"{step:g}",
        at=value or f"{(low + high) / 2:g}",
        spoken=_in_words(name, value),
        note=NOTES.get(name, ""),
        is_moved=name in changes,
    )


def _in_words(name: str, written: str) -> str:
    if not written:
        return "not known"
    if written in ("true", "false"):
        return "yes" if written == "true" else "no"
    try:
        return value_text(name, float(written.replace(",", ".")))
    except ValueError:
        return written


def two_people(
    person: Person, changes: Mapping[str, str], base: Scored, other: Scored
) -> TwoPeople:
    """Both on one axis for each outcome."""
    before, after = (estimate_json(one.estimates[0]) for one in (base, other))
    lines = drawn_lines(before, base.profile.age_years)
    who = person_with(_as_read(other, changes), person.is_woman)

    def drawn(outcome: str) -> DrawnRows:
        told = [Told("As recorded", before["outcomes"][outcome])]
        if changes:
            told.append(Told("The other person", after["outcomes"][outcome], is_main=True))
        return drawn_rows(told, lines.get(outcome, ()))

    def change(outcome: str) -> str:
        both = (one["outcomes"][outcome]["probability_10y"] for one in (before, after))
        first, second = both
        return signed(100 * (second - first))

    return TwoPeople(
        who=who,
        is_moved=bool(changes),
        major=drawn(MAJOR),
        hip=drawn(HIP),
        major_change=change(MAJOR),
        hip_change=change(HIP),
        verdicts=tuple(one["guidelines"][0]["at_least"] or "" for one in (before, after)),
        guideline=before["guidelines"][0]["name"],
        warnings=tuple(one for one in after["warnings"] if one not in before["warnings"]),
        query=urlencode({PREFIX + name: value for name, value in changes.items()}),
        spoken=_spoken(who, after),
    )


def _as_read(other: Scored, changes: Mapping[str, str]) -> dict[str, object]:
    """What was moved, as the engine read it."""
    known = recorded_values(other.profile)
    told: dict[str, object] = {}
    for name in changes:
        written = known.get(name, "")
        told[name] = written == "true" if written in ("true", "false") else written
        if name in SLIDERS and written:
            told[name] = float(written)
    return told


def _spoken(who: str, estimate: Mapping[str, Any]) -> str:
    major, hip = (percent(estimate["outcomes"][one]["probability_10y"]) for one in (MAJOR, HIP))
    return f"{who}: major osteoporotic fracture {major}, hip fracture {hip}."
