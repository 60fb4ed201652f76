"""What the FHIR doors serve: one table for the doors, the CapabilityStatement and its test."""

from collections.abc import Mapping

from riskapp.exchange.fhir.writing.capability import Served

BOTH = ("read", "search-type")
EVERY = {"_id": "token", "_lastUpdated": "date"}
OF_A_PERSON = {**EVERY, "patient": "reference", "subject": "reference"}
SERVED: Mapping[str, Served] = {
    "Patient": Served(
        BOTH,
        {
            **EVERY,
            "identifier": "token",
            "name": "string",
            "birthdate": "date",
            "gender": "token",
        },
        "People of the caller's organisation, by its own record numbers.",
    ),
    "RiskAssessment": Served(
        BOTH,
        {**OF_A_PERSON, "date": "date", "identifier": "token", "method": "token"},
        "Stored assessments, by published epidemiology; and by models that a second person "
        "approved. What learned from simulated people is never here.",
    ),
    "Observation": Served(
        BOTH,
        {**OF_A_PERSON, "code": "token", "category": "token", "date": "date"},
        "What was known when an assessment was made. A search names a patient, or an _id.",
    ),
    "DiagnosticReport": Served(
        BOTH,
        {**OF_A_PERSON, "code": "token", "date": "date", "identifier": "token"},
        "The report of an assessment, whose file is a Binary.",
    ),
    "Provenance": Served(
        BOTH,
        {**EVERY, "patient": "reference", "target": "reference", "recorded": "date"},
        "Who asked, what answered, and what it rests on.",
    ),
    "Device": Served(BOTH, EVERY, "The software, in each release and with each model."),
    "Binary": Served(("read",), {}, "The report as PDF; who asks for FHIR gets it in a resource."),
}
# Anybody may read what our codes mean.
DEFINED: Mapping[str, Served] = {
    kind: Served(BOTH, {"_id": "token", "url": "uri"}, "Of our own names.")
    for kind in ("CodeSystem", "ValueSet", "StructureDefinition", "OperationDefinition")
}
