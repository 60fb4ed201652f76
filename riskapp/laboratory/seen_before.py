"""Whether an engine was fitted to the very people that it is judged on."""

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.fingerprint import share_seen
from riskapp.laboratory.asking import Candidate
from riskapp.modelstore import load
from riskapp.risk.errors import UnknownModel

FLATTERS = "so its figures here are of its own people and flatter."


def seen_before(candidate: Candidate, cohort: Cohort) -> str:
    """A sentence, or nothing where there is no sign of it.

    By what the model kept of its table, whatever the file is called; and by the name of the file,
    where the model kept nothing. A simulated file has the same name for every seed.
    """
    engine = candidate.engine
    if engine.trained_on == "published":
        return ""
    share = _share(engine.model_id, cohort)
    if share == 1:
        return f"{candidate.label} was fitted to this very table, {FLATTERS}"
    if share > 0:
        return (
            f"{candidate.label} was fitted to about {100 * share:.0f} % of these people, {FLATTERS}"
        )
    if engine.trained_on == cohort.trained_on != "simulated":
        return (
            f"{candidate.label} was fitted to a cohort of this name. Unless these are other "
            "people, its figures here flatter."
        )
    return ""


def _share(model_id: str, cohort: Cohort) -> float:
    try:
        manifest = load(model_id).manifest
    except UnknownModel:  # fitted in memory
        return 0.0
    described = [manifest.get("cohort", {}), manifest.get("recalibrated", {}).get("cohort", {})]
    note = cohort.made_by.get("simulated")
    if note is not None and any(
        told.get("made_by", {}).get("simulated") == note for told in described
    ):
        return 1.0
    return max(share_seen(told.get("fingerprint"), cohort) for told in described)
