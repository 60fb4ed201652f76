"""SMART's scopes in plain words, for who is asked whether an app may."""

from collections.abc import Iterable

from riskapp.exchange.smart_scopes import ANY, OFFLINE, scopes_in

MAY = {"c": "add", "r": "read", "u": "change", "d": "remove", "s": "search"}
THINGS = {
    ANY: "everything in the record",
    "Communication": "notes of what was discussed",
    "Condition": "fractures and diagnoses",
    "AuditEvent": "how advice in the record was taken",
    "DeviceMetric": "precision studies of scanners",
    "DiagnosticReport": "reports",
    "DocumentReference": "links to the patient’s page",
    "ImagingStudy": "scans",
    "MedicationStatement": "treatments",
    "Observation": "measurements",
    "Patient": "name, date of birth, sex and record number",
    "ResearchStudy": "training runs and outcomes",
    "RiskAssessment": "assessments of fracture risk",
}
OF_WHOM = {
    "patient": "of the patient that you choose",
    "user": "of all patients that you can see",
    "system": "of all patients",
}


def in_words(texts: Iterable[str]) -> list[str]:
    """One line for each scope: what may be done, with what, of whom."""
    texts = list(texts)
    lines = []
    for scope in scopes_in(texts):
        may = _listed([MAY[letter] for letter in scope.letters])
        thing = THINGS.get(scope.resource, scope.resource)
        lines.append(f"{may[0].upper()}{may[1:]}: {thing}, {OF_WHOM[scope.level]}")
    if OFFLINE in texts:
        lines.append("Go on until you or your administrator stop it, also while you are away")
    return lines


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
