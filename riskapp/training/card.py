"""The model card, generated: what it was trained on, how well it does, what it cannot do."""

from collections.abc import Mapping
from typing import Any

from riskapp.modelstore import StoredModel
from riskapp.training.simulation.assumptions import ASSUMPTIONS

OUTCOME_NAMES = {
    "major_osteoporotic": "Major osteoporotic fracture",
    "hip": "Hip fracture",
}
ENGINE_NAMES = {
    "cox": "cause-specific Cox regression, the evidence's doubts as its prior",
    "xgboost": "cause-specific boosted trees (XGBoost), Poisson loss",
    "lightgbm": "cause-specific boosted trees (LightGBM), Poisson loss",
    "neural": "cause-specific small networks (PyTorch) on top of the Cox regression, Poisson loss",
    "ensemble": "weighted sum of Cox, XGBoost, LightGBM and networks, weighed by people left out",
}
CAUSE_NAMES = {
    "hip": "hip fracture",
    "other_major_osteoporotic": "other major fracture",
    "death": "death",
}
INTERVALS = (
    "over the evidence's own doubts, narrowed by the events of the cohort, and over what is not "
    "known, apart and jointly"
)


def card_markdown(
    manifest: Mapping[str, Any], validation: Mapping[str, Any], parameters: Mapping[str, Any]
) -> str:
    """Write the card of one model."""
    cohort, engine = manifest["cohort"], manifest["engine"]
    simulated = manifest["trained_on"] == "simulated"
    lines = [f"# {manifest['model_id']}", ""]
    if simulated:
        lines += [
            "**Simulated.** Trained on people who never lived. Its numbers show that the road "
            "works; they are evidence about nobody. Clinicians only, folded away and marked; "
            "never for a patient, a guideline verdict, a CDS card or FHIR.",
            "",
        ]
    lines += [
        f"- Engine: {ENGINE_NAMES.get(engine, engine)}",
        f"- Starts from: {_start(parameters)}",
        f"- Trained on: {manifest['trained_on']}, {cohort['people']} people of population "
        f"{', '.join(parameters['populations'])}, "
        + ", ".join(
            f"{count} {outcome.replace('_', ' ')}" for outcome, count in cohort["events"].items()
        ),
        f"- Followed for at most {cohort['longest_follow_up_years']:g} years; "
        f"seed {manifest['recipe']['seed']}; created {manifest['created']}",
        f"- Learned from: {', '.join(parameters['read'])}",
        f"- Intervals: {INTERVALS}",
        "- Libraries: "
        + ", ".join(f"{name} {number}" for name, number in manifest["library_versions"].items()),
    ]
    if "counted" in cohort:
        lines.append(f"- Counted: {cohort['counted']}")
    for title, counts in (
        ("Rows left out", cohort["left_out"]),
        ("People for whom it was drawn", {k: n for k, n in parameters["drawn"].items() if n}),
    ):
        if counts:
            told = ", ".join(f"{name} ({count})" for name, count in counts.items())
            lines.append(f"- {title}: {told}")
    lines += [f"- {sentence}" for sentence in (*parameters["notes"], *cohort["remarks"])]
    lines += ["", *_levels(parameters), "", *_validation(validation)]
    if simulated:
        lines += ["", *_assumptions()]
    lines += ["", *_limits(simulated, parameters["anchored"])]
    return "\n".join(lines) + "\n"


def _start(parameters: Mapping[str, Any]) -> str:
    if not parameters["anchored"]:
        return "nothing; for comparison only"
    return (
        f"the published evidence ({parameters['evidence_set']}); where the cohort taught nothing, "
        "its number is the evidence's"
    )


def _levels(parameters: Mapping[str, Any]) -> list[str]:
    """How far each cause departs from where the engine started."""
    lines = ["## What was learned", ""]
    for cause, name in CAUSE_NAMES.items():
        first, last = (parameters["level_per_year"][cause][i] for i in (0, -1))
        learned = (
            "who is at more risk and who at less"
            if cause in parameters["hazards"]
            else "nothing about who is at more risk"
        )
        chosen = parameters["chosen"].get(cause, {})
        told = ", ".join(f"{key} {value:g}" for key, value in chosen.items())
        level = (
            f"times {first:.2f} in the first and {last:.2f} in the tenth year"
            if parameters["anchored"]
            else f"{first:.2g} per year in the first and {last:.2g} in the tenth"
        )
        lines.append(
            f"- {name[0].upper()}{name[1:]}: {learned}; level {level}"
            + (f"; chosen: {told}." if told else ".")
        )
    return lines


def summary(model: StoredModel) -> str:
    """One line for a listing."""
    found = model.validation["outcomes"]
    told = "; ".join(
        f"{OUTCOME_NAMES[name].lower()} C {each['concordance']:.3f}" + _ratio(each)
        for name, each in found.items()
    )
    return (
        f"{model.model_id}  {model.engine}  {model.trained_on}  "
        f"{model.manifest['cohort']['people']} people  {told}"
    )


def _ratio(found: Mapping[str, Any]) -> str:
    if "observed_over_expected" not in found:
        return f" (against {found['recorded']})"
    return f", observed/expected {found['observed_over_expected']:.2f}"


def cards_page(models: tuple[StoredModel, ...]) -> str:
    """All cards as one page of the documentation."""
    head = "# Model cards\n\nGenerated by `python manage.py models --write-docs`; do not edit.\n"
    body = (model.card.replace("\n## ", "\n### ").replace("# ", "## ", 1) for model in models)
    return head + "".join(
        f"\n{card}\nSHA-256 `{m.sha256}`\n" for m, card in zip(models, body, strict=True)
    )


def _validation(validation: Mapping[str, Any]) -> list[str]:
    lines = ["## How well it does", "", f"On {validation['how']}."]
    for name, found in validation["outcomes"].items():
        head = (
            f"**{OUTCOME_NAMES[name]}:** {found['events']} events in {found['people']} people "
            f"over all their follow-up; C {found['concordance']:.3f}"
        )
        if "fifths" not in found:
            lines += ["", f"{head}. Held against {found['recorded']}, for its order alone."]
            continue
        lines += [
            "",
            f"{head}; within ten years predicted {100 * found['predicted']:.2f} %, observed "
            f"{100 * found['observed']:.2f} %, observed / expected "
            f"{found['observed_over_expected']:.2f}{_accuracy(found)}.",
            "",
            "| fifth of predicted risk | people | events | predicted % | observed % |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {number} | {fifth['people']} | {fifth['events']} | "
            f"{100 * fifth['predicted']:.2f} | {100 * fifth['observed']:.2f} |"
            for number, fifth in enumerate(found["fifths"], start=1)
        ]
    return lines


def _accuracy(found: Mapping[str, Any]) -> str:
    ipa = found.get("ipa")
    return "" if ipa is None else f"; index of prediction accuracy {100 * ipa:.1f} %"


def _assumptions() -> list[str]:
    lines = [
        "## What the simulated people assume",
        "",
        "Risk factors, body mass index, T-scores, fractures and deaths follow the evidence "
        "engine for its population. Beyond it:",
        "",
        "| what | value | unit | mark | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.meaning} | {each.value:g} | {each.unit} | {each.mark} | {each.source} |"
        for each in ASSUMPTIONS.values()
    ]
    lines += [
        "",
        "The image features act on fractures by what they say beyond age, sex and T-score; on "
        "death they do not act. A fracture changes neither the hazard of another nor of death.",
    ]
    return lines


def _limits(simulated: bool, anchored: bool) -> list[str]:
    lines = [
        "## Limits",
        "",
        "- What was learned holds for people like those it was trained on; beyond their ages, "
        "values and population the evidence goes on, and a warning says so."
        if anchored
        else "- Speaks about the population and the ages it was trained on, and refuses others.",
        "- Hazards beyond the first ten years are not estimated.",
        "- One fracture is taken not to change the hazard of the next. Where it does, major "
        "fracture is over-stated: compare predicted and observed above.",
        "- Contributions are associations within the training people, never causes.",
        "- The estimates are for people who take no treatment for osteoporosis.",
    ]
    if simulated:
        lines.append(
            "- It cannot know more than what the simulator was told; agreement with the "
            "evidence engine is by construction and is no validation."
        )
    else:
        lines.append(
            "- It learned from the people of one file, who were not simulated. Whether it holds "
            "for others is shown only where it is judged on them; the figures above are not that."
        )
    return lines
