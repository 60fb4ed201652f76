"""TRIPOD+AI (Collins 2024, doi:10.1136/bmj-2023-078378): what a run says to each item."""

from typing import Any

from riskapp.laboratory.checklists.reading import Answer, Document, answered
from riskapp.laboratory.groups import OVERALL
from riskapp.laboratory.page.numbers import percent, with_interval


def tripod(document: Document) -> dict[str, Any]:
    """Every item with its answer from the run, or the mark that it is the author's."""
    return answered("tripod_ai", document, WHOLE, IN_PART)


def _title(d: Document) -> str:
    doing = "Development and internal validation" if d["development"] else "Validation"
    return (
        f"{doing} of models of {d['outcome']['label'].lower()} within {d['outcome']['horizon']} "
        f"years in {d['cohort']['name']}; the people that it is meant for are the author's to name."
    )


def _objectives(d: Document) -> str:
    names = ", ".join(one["label"] for one in d["candidates"])
    if d["development"]:
        return f"Development and internal validation of {', '.join(d['development']['engines'])}."
    return f"External validation of models fitted before: {names}."


def _sources(d: Document) -> str:
    return (
        f"Evaluation: {d['cohort']['trained_on_as']}. "
        + " ".join(f"{one['label']}: {one['trained_on']}." for one in d["candidates"])
        + " Why these data, and whom they stand for, is the author's."
    )


def _left_out(d: Document) -> str:
    reasons = "; ".join(f"{reason}: {n}" for reason, n in d["cohort"]["left_out"].items())
    return f"Rows left out: {reasons or 'none'}."


def _preparation(d: Document) -> str:
    return (
        "Every value was held against a range of plausible values with its unit; contradictions "
        "and look-ahead were refused; densities were converted to the NHANES III reference. "
        + _left_out(d)
    )


def _outcome(d: Document) -> str:
    first = " Only first events are in the file." if d["cohort"]["first_events_only"] else ""
    return (
        f"{d['outcome']['label']}, judged over {d['outcome']['horizon']} years by the "
        f"{d['outcome']['ranked_by']}.{first} How fractures were found and confirmed is the "
        "author's."
    )


def _predictors(d: Document) -> str:
    known = [row["label"] for row in d["cohort"]["missing"] if row["known"]]
    return f"Known in this cohort: {', '.join(known).lower()}, besides age and sex."


def _size(d: Document) -> str:
    c = d["compared_on"]
    return (
        f"All people of the file: {c['people']} people and {c['events']} events were compared. "
        "Whether that suffices is shown by the intervals; no calculation was made beforehand."
    )


def _missing(d: Document) -> str:
    return (
        "What is not known was integrated over (the mean of the probability over its distribution "
        "given what is known), never filled in; what that costs is in the table of missing data. "
        + _left_out(d)
    )


def _use(d: Document) -> str | None:
    told = d["development"]
    return told and (
        f"{told['folds']}-fold nested cross-validation, repeated over people and not rows; "
        f"{told['resamples']} bootstrap fits for optimism."
    )


def _functional(d: Document) -> str | None:
    told = d["development"]
    return told and " ".join(told["how_fitted"])


def _measures(d: Document) -> str:
    return (
        "Harrell's and Uno's C, time-dependent AUC, Brier score and its scaled form, calibration "
        "curve and slope, observed over expected, net benefit, reclassification, a test of "
        "proportional hazards, and paired differences, with 95 % intervals by formula or by "
        f"{d['made']['resamples']} draws of people; what was left out, and why, is in its own "
        "section."
    )


def _computed(d: Document) -> str:
    names = "; ".join(f"{one['label']} (model {one['model_id']})" for one in d["candidates"])
    return f"By the product itself, one person at a time, without any refit: {names}."


def _fairness(d: Document) -> str | None:
    groups = dict.fromkeys(row["by"] for row in d["subgroups"] if row["by"] != OVERALL)
    if not groups:
        return None
    return f"Performance is shown by {', '.join(groups).lower()}; nothing was adjusted for it."


def _output(d: Document) -> str:
    marks = ", ".join(percent(mark["threshold"]) for mark in d["thresholds"])
    return (
        f"A probability within {d['outcome']['horizon']} years with death competing; no classes. "
        f"Thresholds looked at are those of guidelines: {marks}."
    )


def _flow(d: Document) -> str:
    c, k = d["compared_on"], d["cohort"]
    return (
        f"{k['rows'] + k['left_out_rows']} rows, {k['left_out_rows']} left out, {k['rows']} asked "
        f"about, {c['people']} answered by every engine; {c['events']} had the outcome; median "
        f"follow-up {k['follow_up'][d['outcome']['name']]['median_years'] or 0:.1f} years."
    )


def _specification(d: Document) -> str:
    return (
        "Each model is a folder of text with a hash, from which anybody with the product can "
        "compute a probability: " + ", ".join(one["model_id"] for one in d["candidates"]) + "."
    )


def _performance(d: Document) -> str:
    told = []
    for one in d["candidates"]:
        c = d["results"][one["key"]]["harrell"]
        told.append(f"{one['label']} {with_interval(c['value'], c['interval'])}")
    return "Harrell's C: " + "; ".join(told) + ". The rest is in the sections above."


def _limits(d: Document) -> str:
    return " ".join(d["cannot_be_said"])


def _poor_inputs(d: Document) -> str:
    return (
        "In use, a value outside its plausible range is refused with a sentence, a blank is "
        "averaged over and widens the interval, and people unlike those of development are warned "
        "about."
    )


WHOLE: dict[str, Answer] = {
    "4": _objectives,
    "11": _missing,
    "12a": _use,
    "12b": _functional,
    "12c": _functional,
    "12e": _measures,
    "12f": lambda d: "No model was updated in this run.",
    "12g": _computed,
    "13": lambda d: "Rare events were given no weight.",
    "15": _output,
    "20a": _flow,
    "20b": lambda d: "See the tables of people, follow-up and missing data.",
    "21": lambda d: _size(d).split(" Whether")[0],
    "22": _specification,
    "23a": _performance,
    "24": lambda d: "No model was updated in this run.",
    "27a": _poor_inputs,
}
IN_PART: dict[str, Answer] = {
    "1": _title,
    "5a": _sources,
    "6b": _left_out,
    "7": _preparation,
    "8a": _outcome,
    "9a": _predictors,
    "9b": _predictors,
    "10": _size,
    "12d": lambda d: (
        "Performance by population, scanner and calendar period is shown where there are several."
    ),
    "14": _fairness,
    "16": lambda d: "What each model was trained on is in the table of engines.",
    "18f": lambda d: f"The code is Trabecula {d['made']['version']}; the command is in the report.",
    "20c": lambda d: "What each model was trained on is in the table of engines.",
    "23b": lambda d: (
        "Performance by population, scanner and calendar period is shown where there are several."
    ),
    "26": _limits,
    "27b": lambda d: "Inputs are a form or a table; clinicians read the result with its interval.",
}
