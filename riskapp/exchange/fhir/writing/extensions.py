"""What we say that FHIR R4 has no element for: one table for writing and for the definitions."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension of ours.

    Attributes
    ----------
    on : tuple of str
        Elements that may carry it.
    type : str
        Of its value; blank where it has parts instead.
    parts : mapping of name to type
        A name that ends with ``?`` may be left out; a bar stands between types.
    """

    title: str
    means: str
    on: tuple[str, ...]
    type: str = ""
    parts: dict[str, str] = field(default_factory=dict)


EXTENSIONS: dict[str, Extension] = {
    "interval-95": Extension(
        "95 % interval",
        "2.5th to 97.5th percentile of the probability over the uncertainty of the model's "
        "parameters and over the unknown inputs, jointly. It says how sure the number is.",
        ("RiskAssessment.prediction",),
        "Range",
    ),
    "interval-95-model": Extension(
        "95 % interval over the model alone",
        "The part of the interval that the model's parameters make.",
        ("RiskAssessment.prediction",),
        "Range",
    ),
    "interval-95-unknown": Extension(
        "95 % interval over what is not known",
        "The part of the interval that the unknown inputs make.",
        ("RiskAssessment.prediction",),
        "Range",
    ),
    "fraction": Extension(
        "Probability as a fraction",
        "The same probability from 0 to 1, digit for digit as every other door gives it.",
        ("RiskAssessment.prediction",),
        "decimal",
    ),
    "contribution": Extension(
        "What one known input goes with",
        "Percentage points beside the mean of people of the same age and sex. They sum, with that "
        "mean, to the probability. It goes with the input and is not caused by it.",
        ("RiskAssessment.prediction",),
        parts={"field": "code", "points": "decimal", "words": "string", "source?": "string"},
    ),
    "baseline": Extension(
        "Mean of people of the same age and sex",
        "What the contributions are counted from, in per cent.",
        ("RiskAssessment.prediction",),
        "decimal",
    ),
    "input": Extension(
        "One known input",
        "What was known, from where, and under which code it was found.",
        ("RiskAssessment",),
        parts={
            "field": "code",
            "value": "boolean|CodeableConcept|Quantity|date|code",
            "origin": "string",
            "source?": "Reference",
            "effective?": "dateTime",
            "code?": "Coding",
        },
    ),
    "passed-over": Extension(
        "What was read and not used",
        "A resource that could have given an input, and why it did not.",
        ("RiskAssessment",),
        parts={"resource": "string", "field?": "code", "why": "string"},
    ),
    "unknown": Extension(
        "An input that is not known",
        "It was averaged over, and never read as no.",
        ("RiskAssessment",),
        "code",
    ),
    "trained-on": Extension(
        "What the engine learned from",
        "published, or a cohort by its name. What learned from simulated people is never sent.",
        ("RiskAssessment",),
        "string",
    ),
    "origin": Extension(
        "Where an answer came from",
        "typed, record, scan with its id and version, or imported with its id.",
        ("Observation",),
        "string",
    ),
}
