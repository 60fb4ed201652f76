"""What must not be read although it has the shape: FHIR R4, extensibility and versions."""

from riskapp.exchange.fhir.shapes import Resource, text

# Elements that R4 does not have. Most turn the meaning over (``taken`` "n"), and R5 has the
# medicine under another name: https://hl7.org/fhir/R4/<kind>-version-maps.html and
# https://hl7.org/fhir/R5/medicationrequest.html (recalled, to be confirmed).
OF_OTHER_VERSIONS = {
    "MedicationStatement": ("taken", "notTaken", "wasNotTaken", "medication"),
    "MedicationRequest": ("medication",),
    "MedicationAdministration": ("notGiven", "wasNotGiven", "medication"),
    "MedicationDispense": ("notDone", "medication"),
    "FamilyMemberHistory": ("notDone",),
    "Procedure": ("notDone", "notPerformed"),
}


def why_not_to_be_read(resource: Resource) -> str:
    """Why a resource cannot be taken at its word, as the end of a sentence; blank where it can."""
    if _is_modified(resource):
        return "it carries an extension that changes its meaning and is not known here"
    if text(resource.get("implicitRules")):
        return "it follows rules (implicitRules) that are not known here"
    for name in OF_OTHER_VERSIONS.get(text(resource.get("resourceType")), ()):
        if name in resource:
            return f"its element {name} is of another version of FHIR; R4 is read here"
    return ""


def _is_modified(resource: Resource) -> bool:
    """Whether a part carries a modifier extension; what is contained is a resource of its own."""
    if resource.get("modifierExtension"):
        return True
    waiting = [value for name, value in resource.items() if name != "contained"]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict | list) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list):
            waiting += part
        elif part.get("modifierExtension"):
            return True
        else:
            waiting += part.values()
    return False
