"""What a run found and what it cannot say, each in a sentence."""

from collections.abc import Mapping
from typing import Any

from riskapp.laboratory.page.numbers import figure, interval, signed

Document = Mapping[str, Any]

FEW_EVENTS = 100
# Beyond this a sample was hardly drawn from the people that an engine speaks about.
ODD_RATIO = 2.5

METHODS = {
    "discrimination": "Harrell 1982, doi:10.1001/jama.1982.03320430047030, over the whole "
    "follow-up; Uno 2011, doi:10.1002/sim.4154, within the horizon. Whoever died without the "
    "outcome stays on as one who never has it (Wolbers 2009, doi:10.1097/EDE.0b013e3181a39056). "
    "The AUC of a year is that of the probability by that year, weighted for people lost before.",
    "lasting": "A small P says that what a prediction stands for changes over the years, as where "
    "it tells the first years better than the last; in many people it says so of changes that do "
    "not matter (scaled Schoenfeld residuals against the rank of time, deaths taken as lost; "
    "Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515).",
    "calibration": "Observed is the cumulative incidence with death competing (Aalen and Johansen "
    "1978). The slope is 1 where the spread of predictions came true, below 1 where it is too "
    "wide (van Geloven 2022, doi:10.1136/bmj-2021-069249).",
    "accuracy": "Weighted for people lost before the horizon (Gerds and Schumacher 2006, "
    "doi:10.1002/bimj.200610301). IPA: the share by which the Brier score is below that of the "
    "one cumulative incidence for everybody (Kattan and Gerds 2018, "
    "doi:10.1186/s41512-018-0029-2).",
    "decisions": "Net benefit: people with the outcome who are treated, less the others who are, "
    "weighed by the odds of the threshold (Vickers and Elkin 2006, doi:10.1177/0272989X06295361), "
    "with death competing.",
    "differences": "The same people are resampled for both engines; an interval that holds 0 shows "
    "no difference. Harrell's C, observed over expected and the slope go by formulas for their "
    "errors, the rest by the draws. Many figures are compared, and one in twenty intervals misses "
    "by chance.",
    "reclassification": "Net reclassification at one threshold is shown because it is asked for; "
    "it can rise without an engine being better (Hilden and Gerds 2014, doi:10.1002/sim.5804).",
    "subgroups": "Groups with fewer than 10 events have no figure of their own. Differences "
    "between groups were not tested: few events and many groups make chance look like findings.",
    "moved": "The mean distance between what an engine says of a person and what it says where "
    "this one input is not known: of the whole answer, with what the evidence holds. Inputs that "
    "go together stand in for each other, so that each alone may move little.",
    "rests_on": "Beside the published evidence: what the evidence knows already is not in these "
    "parts. Log hazard is the mean absolute part in the logarithm of the hazard ratio; percentage "
    "points say how far ten-year probabilities move where that part is taken away from every "
    "cause at once. Partial dependence (Friedman 2001, doi:10.1214/aos/1013203451) averages over "
    "people who may not exist; accumulated local effects (Apley and Zhu 2020, "
    "doi:10.1111/rssb.12377) look only at people near each value, and are the safer of the two "
    "where inputs go together. The curves span the 1st to the 99th percentile. None of it says "
    "what causes what.",
    "missing_data": "Each line blanks one input in everybody who has it and asks again: the same "
    "people, less known. Of more than 400 people up to 200 with the outcome and 200 without it "
    "were drawn, and weighed for that. The last line judges only those in whom every usual input "
    "is known.",
}


def cannot_be_said(d: Document) -> list[str]:
    """What a reader must not take from the report."""
    said = []
    if not d["cohort"]["death_recorded"]:
        said.append(
            "Death is not coded in this file, so people who died count as followed until then. The "
            "share that fractures within the horizon cannot be observed, and nothing absolute is "
            "claimed: no calibration, no Brier score, no net benefit, no reclassification."
        )
    if not d["outcome"]["level_comparable"]:
        said.append(
            f"No engine gives a probability of {d['outcome']['label'].lower()}. The "
            f"{d['outcome']['ranked_by']} ranks people here; its level is another event's, and is "
            "not compared with what was observed."
        )
    if d["outcome"]["horizon"] < 10:
        said.append(
            f"Nobody was followed for ten years; the horizon is {d['outcome']['horizon']}, and ten "
            "years are not judged."
        )
    if d["cohort"]["first_events_only"]:
        said.append("Only first events are in the file, so a later hip fracture is not counted.")
    events = d["compared_on"]["events"]
    if not isinstance(events, int) or events < FEW_EVENTS:
        said.append(f"{events} events are few: intervals are wide, and small differences are lost.")
    return [*said, *_of_engines(d)]


def _of_engines(d: Document) -> list[str]:
    said = [one["seen_these_people"] for one in d["candidates"] if one["seen_these_people"]]
    simulated = [one["label"] for one in d["candidates"] if one["trained_on"] == "simulated"]
    if simulated:
        said.append(
            f"{', '.join(simulated)} learned from simulated people; agreement with evidence is by "
            "construction."
        )
    for one in d["candidates"]:
        calibration = d["results"][one["key"]]["calibration"]
        ratio = calibration and calibration["observed_over_expected"]["value"]
        if ratio and not 1 / ODD_RATIO <= ratio <= ODD_RATIO:
            said.append(
                f"Observed is {figure(ratio, 1)} times what {one['label']} expects: a file that "
                "was enriched with fractures, or robbed of them, by design tells nothing of levels."
            )
    if d["cohort"]["trained_on_as"] == "simulated":
        said.append("These people were simulated: the figures say nothing about anybody.")
    said.append(
        "How people were recruited, how fractures were confirmed and who was treated are not in "
        "the file; they decide whom these figures speak about."
    )
    return said


def summary(d: Document) -> list[str]:
    """The main findings, in the order a reader wants them."""
    outcome = d["outcome"]["label"].lower()
    compared = d["compared_on"]
    first = d["candidates"][0]
    c = d["results"][first["key"]]["harrell"]
    said = [
        f"In {compared['people']} people with {compared['events']} events ({outcome}), "
        f"{first['label']} ranked two comparable people rightly in {100 * c['value']:.1f} of 100 "
        f"pairs (Harrell's C {figure(c['value'])}, 95 % interval {interval(c['interval'])})."
    ]
    own = {one["key"] for one in d["candidates"] if one["seen_these_people"]}
    for row in d["differences"]:
        if row["what"] != "Harrell's C" or row["interval"] is None:
            continue
        low, high = row["interval"]
        verdict = (
            "which shows no difference" if low <= 0 <= high
            else "which is better" if low > 0 else "which is worse"
        )  # fmt: skip
        ends = f"{signed(low)} to {signed(high)}"
        if row["key"] in own:
            verdict += ", on people that it was fitted to"
        said.append(
            f"{row['label']}: {signed(row['value'])} against {row['against_label']} ({ends}), "
            f"{verdict}."
        )
    if d["development"]:
        said.append(f"By nested cross-validation: {d['development']['verdict']}")
    calibration = d["results"][first["key"]]["calibration"]
    if calibration:
        ratio = calibration["observed_over_expected"]
        said.append(
            f"Observed over expected for {first['label']} is {figure(ratio['value'], 2)} "
            f"({interval(ratio['interval'], 2)})."
        )
    return said
