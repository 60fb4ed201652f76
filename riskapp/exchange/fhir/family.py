"""The family's history: whether a parent broke a hip."""

from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import effective
from riskapp.exchange.fhir.gathering import Gathering, Told, key_of
from riskapp.exchange.fhir.shapes import mappings, text, words_of

READ = {"completed", "partial"}


def read_family_member(gathering: Gathering, entry: Entry) -> None:
    """Tell of a parent's hip fracture; what is not listed was perhaps not asked."""
    resource = entry.resource
    status = text(resource.get("status"))
    if status not in READ:
        gathering.pass_over(entry, f"its status is {status}" if status else "it has no status")
        return
    relation = words_of(resource.get("relationship")) or "a relative of unknown kind"
    meant, _ = gathering.meanings(resource.get("relationship"))
    if not any(one.name == "parent" for one in meant):
        gathering.pass_over(entry, f"{relation} is no parent by blood", "parent_hip_fracture")
        return
    when = effective(resource, "date")
    for condition in mappings(resource.get("condition")):
        # What an illness led to, as osteoporosis to a fracture, stands in its outcome.
        for concept in (condition.get("code"), condition.get("outcome")):
            about, by = gathering.meanings(concept)
            if any(one.name in ("hip_fracture", "parent_hip_fracture") for one in about):
                words = f"{relation}: {words_of(concept)}"
                key = key_of(by)
                gathering.tell(Told("parent_hip_fracture", True, entry.label, when, key, words))
                return
    gathering.pass_over(
        entry,
        f"no hip fracture of the {relation} is listed, which does not say that there was none",
        "parent_hip_fracture",
    )
