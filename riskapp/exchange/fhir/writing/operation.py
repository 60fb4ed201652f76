"""The operation `$assess`: what goes in and what comes out, in one table."""

from dataclasses import dataclass

from riskapp.exchange.fhir.writing.codes import HOME, Json

OPERATION = f"{HOME}/OperationDefinition/assess"
ALL_OPERATION = f"{HOME}/OperationDefinition/assess-all"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``type`` is FHIR's. All but ``record`` may stand in the address too."""

    type: str
    means: str
    most: str = "1"


RECORD = "record"
PARAMETERS: dict[str, Parameter] = {
    RECORD: Parameter(
        "Resource",
        "The record of one person: a Bundle, or single resources. In place of Parameters the "
        "Bundle itself may be the body.",
        "*",
    ),
    "patient": Parameter(
        "string", "Which Patient, where the record holds several: its id or fullUrl."
    ),
    "population": Parameter(
        "code",
        "Whose fracture and death rates apply, such as gb. It is never guessed: without it the "
        "country of the Patient's address counts, then what the site has configured.",
    ),
    "evidence-set": Parameter("code", "frax-2008 (unless said) or meta-2025."),
    "guideline": Parameter("code", "Whose category is told as qualitativeRisk."),
    "clamp-age": Parameter(
        "boolean", "Compute an age outside 40 to 90 at the nearer limit, and say so."
    ),
    "persist": Parameter(
        "boolean",
        "Store the assessment under the person with this record number, who is registered where "
        "they are new. Without it nothing is stored.",
    ),
    "include": Parameter("code", "all: a Bundle with report, observations and provenance."),
}


# Of `$assess-all`, which answers from what is known here.
ALL_PARAMETERS: dict[str, Parameter] = {
    "patient": Parameter(
        "Reference", "Whom to answer for, as Patient/id; everybody unless named.", "*"
    ),
    **{name: PARAMETERS[name] for name in ("population", "evidence-set", "guideline", "clamp-age")},
}


def all_operation_definition() -> Json:
    return {
        "resourceType": "OperationDefinition",
        "id": "assess-all",
        "url": ALL_OPERATION,
        "name": "AssessAll",
        "title": "Estimate the 10-year probability of fracture for many people",
        "kind": "operation",
        "description": "Asynchronous (Prefer: respond-async), as FHIR Bulk Data: the answer is a "
        "manifest of NDJSON files with a RiskAssessment, or an OperationOutcome, for each person. "
        "Nothing is stored with them.",
        "affectsState": False,
        "code": "assess-all",
        "resource": ["RiskAssessment"],
        "system": False,
        "type": True,
        "instance": False,
        "parameter": [
            {
                "name": name,
                "use": "in",
                "min": 0,
                "max": one.most,
                "documentation": one.means,
                "type": one.type,
            }
            for name, one in ALL_PARAMETERS.items()
        ],
    }


def operation_definition() -> Json:
    return {
        "resourceType": "OperationDefinition",
        "id": "assess",
        "url": OPERATION,
        "name": "Assess",
        "title": "Estimate the 10-year probability of fracture",
        "kind": "operation",
        "description": "A person's record in, their RiskAssessment out.",
        "affectsState": True,
        "code": "assess",
        "resource": ["RiskAssessment"],
        "system": False,
        "type": True,
        "instance": False,
        "parameter": [
            *(
                {
                    "name": name,
                    "use": "in",
                    "min": 1 if name == RECORD else 0,
                    "max": one.most,
                    "documentation": one.means,
                    "type": one.type,
                }
                for name, one in PARAMETERS.items()
            ),
            {
                "name": "return",
                "use": "out",
                "min": 1,
                "max": "1",
                "documentation": "A RiskAssessment; with include=all a Bundle.",
                "type": "Any",
            },
        ],
    }
