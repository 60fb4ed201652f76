"""PROBAST+AI (Moons 2025, doi:10.1136/bmj-2024-082505): a self-assessment as far as a run goes."""

from typing import Any

from riskapp.laboratory.checklists.reading import Answer, Document, answered

FEW_EVENTS = 100  # as a rule of thumb for judging a model: Vergouwe 2005, J Clin Epidemiol 58:475


def probast(document: Document) -> dict[str, Any]:
    """Every signalling question with what the run can say; the judgement is the author's."""
    return answered("probast_ai", document, WHOLE, IN_PART)


def _origin(d: Document) -> str:
    simulated = [one["label"] for one in d["candidates"] if one["trained_on"] == "simulated"]
    if d["cohort"]["trained_on_as"] == "simulated":
        return "No: these people were simulated. The run shows that the road works, no more."
    if simulated:
        return f"Models fitted to simulated people are among those judged: {', '.join(simulated)}."
    return f"The file is {d['cohort']['name']}; its origin is the author's to describe."


def _design(d: Document) -> str:
    years = d["cohort"]["follow_up"][d["outcome"]["name"]]["longest_years"]
    return f"People were followed forward for up to {years:.1f} years."


def _chosen(d: Document) -> str:
    return f"{d['cohort']['left_out_rows']} rows were left out, with reasons in the report."


def _horizon(d: Document) -> str:
    seen = d["cohort"]["follow_up"][d["outcome"]["name"]]
    return (
        f"Horizon {d['outcome']['horizon']} years; median follow-up "
        f"{seen['median_years'] or 0:.1f} years, {seen['followed_10_years']} people seen for ten."
    )


def _missing(d: Document) -> str:
    death = (
        "death counts as a competing event"
        if d["cohort"]["death_recorded"]
        else "death is not coded, so the dead count as seen until then"
    )
    return (
        "Yes for predictors: what is not known was integrated over, nobody was left out for it. "
        f"Censoring is weighed by its own distribution; {death}."
    )


def _events(d: Document) -> str:
    events = d["compared_on"]["events"]
    enough = isinstance(events, int) and events >= FEW_EVENTS
    return f"{'Probably yes' if enough else 'Probably no'}: {events} events were judged on."


def _beyond_apparent(d: Document) -> str:
    own = [one["seen_these_people"] for one in d["candidates"] if one["seen_these_people"]]
    if own:
        return f"No. {' '.join(own)}"
    return "Yes, as far as models keep a trace of their people: nobody here left one."


def _resampling(d: Document) -> str:
    if d["development"]:
        return "Yes: each fold chose its settings anew, inside its own people."
    return "No model was fitted in this run; intervals resample people, not fits."


def _measures(d: Document) -> str:
    absent = [one["what"] for one in d["left_out_measures"]]
    return "Yes." if not absent else f"In part: left out were {', '.join(absent).lower()}."


def _prepared(d: Document) -> str:
    return "Yes: one reader prepared every row, by the same code."


def _at_hand(d: Document) -> str:
    return "Columns that know the future are refused by the reader; the rest is the author's."


WHOLE: dict[str, Answer] = {
    "D2.2": _prepared,
    "D4.2": lambda d: "Yes: numbers stay numbers; nothing was cut into classes before fitting.",
    "D4.3": _missing,
    "D4.4": lambda d: "Rare events were given no weight.",
    "D4.5": lambda d: (
        "Yes: effects are drawn to the published evidence, by a strength chosen inside."
    ),
    "E2.2": _prepared,
    "E4.1": _beyond_apparent,
    "E4.2": _events,
    "E4.3": _missing,
    "E4.4": lambda d: "Rare events were given no weight.",
    "E4.5": lambda d: "Yes: rows of one person never lie on both sides of a split.",
    "E4.6": _resampling,
    "E4.7": _measures,
}
IN_PART: dict[str, Answer] = {
    "D1.1": _origin,
    "D1.2": _design,
    "D1.3": _chosen,
    "D2.4": _at_hand,
    "D3.4": _horizon,
    "D4.1": _events,
    "E1.1": _origin,
    "E1.2": _design,
    "E1.3": _chosen,
    "E2.4": _at_hand,
    "E3.4": _horizon,
}
