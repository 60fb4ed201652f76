"""The record as the form shows it: which fields stand together, and what kind each one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from riskapp.exchange.reading import REQUIRED
from riskapp.exchange.wording import CHOICES, FIELDS
from riskapp.risk.guideline_data import fields_read
from riskapp.risk.modifier_reading import counted
from riskapp.risk.predicting import USED
from riskapp.risk.profile import RiskProfile

NOT_KNOWN = ""

# The form's order. Sex comes from the patient's record and is not asked.
EVERYDAY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Person", ("population", "age_years", "weight_kg", "height_cm")),
    (
        "Fractures and falls",
        (
            "prior_fragility_fracture", "prior_fracture_site", "prior_fracture_months_ago",
            "falls_last_year", "parent_hip_fracture",
        ),
    ),
    (
        "Health and habits",
        (
            "current_smoker", "alcohol_3_or_more_units_daily", "glucocorticoids",
            "rheumatoid_arthritis", "secondary_osteoporosis", "osteoporosis_treatment",
        ),
    ),
    (
        "Bone density",
        (
            "dxa_manufacturer", "femoral_neck_bmd_g_cm2", "femoral_neck_t_score",
            "lumbar_spine_bmd_g_cm2", "lumbar_spine_t_score", "lumbar_texture_score",
        ),
    ),
)  # fmt: skip
MORE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "More on history",
        (
            "number_of_prior_fractures", "glucocorticoid_dose_mg_daily",
            "glucocorticoid_duration_months", "osteoporosis_treatment_years",
            "type_2_diabetes_years", "postmenopausal", "body_mass_index",
        ),
    ),
    (
        "More on bone",
        (
            "dxa_date", "total_hip_bmd_g_cm2", "total_hip_t_score", "hip_axis_length_mm",
            "trabecular_bone_score", "l1_attenuation_hu", "l1_vbmd_mg_cm3",
        ),
    ),
)  # fmt: skip
ASKED: tuple[str, ...] = tuple(name for _, names in (*EVERYDAY, *MORE) for name in names)
NOT_ASKED_OF: dict[str, tuple[str, ...]] = {"male": ("postmenopausal",)}
# Beside which there often is something to say, besides yes/no questions.
SAID_BESIDE = ("weight_kg", "height_cm", "femoral_neck_t_score")

# What a contribution stands under in the waterfall.
_GROUPS: dict[str, tuple[str, ...]] = {
    "Bone": (
        "femoral_neck_bmd_g_cm2", "femoral_neck_t_score", "total_hip_bmd_g_cm2",
        "total_hip_t_score", "lumbar_spine_bmd_g_cm2", "lumbar_spine_t_score",
        "hip_axis_length_mm",
    ),
    "Image": (
        "trabecular_bone_score", "lumbar_texture_score", "l1_attenuation_hu", "l1_vbmd_mg_cm3",
    ),
    "Medication": (
        "glucocorticoids", "glucocorticoid_dose_mg_daily", "glucocorticoid_duration_months",
        "osteoporosis_treatment", "osteoporosis_treatment_years",
    ),
    "Body and habits": (
        "weight_kg", "height_cm", "body_mass_index", "current_smoker",
        "alcohol_3_or_more_units_daily",
    ),
    "Person": ("age_years", "sex", "population", "postmenopausal"),
}  # fmt: skip
HISTORY, OF_CLINIC = "History", "This clinic’s own"
_GROUP_OF = {field: heading for heading, fields in _GROUPS.items() for field in fields}


@cache
def kept_only() -> frozenset[str]:
    """Kept with the record for other engines and later evidence; the estimate leaves them out."""
    beside = ("dxa_manufacturer", "osteoporosis_treatment_years", "total_hip_bmd_g_cm2")
    return frozenset(ASKED).difference(USED, counted(), beside)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be picked."""

    value: str
    text: str
    is_picked: bool
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Answers that stand under one heading; without a heading they stand by themselves."""

    heading: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question with its present answer."""

    name: str
    kind: str  # yes_no, choice, date, number
    label: str
    unit: str
    definition: str
    value: str
    choices: tuple[Choice, ...] = ()
    choice_groups: tuple[ChoiceGroup, ...] = ()
    problem: str = ""
    origin: str = ""  # where a value that nobody typed comes from
    measure: object | None = None  # its boxes, where it can be written in several units
    beside: object | None = None  # the line beside it
    source: str = ""  # of its effect on the estimate

    @property
    def described_by(self) -> str:
        return f"{self.name}-note"

    @property
    def is_kept_only(self) -> bool:
        return self.name in kept_only() and not self.is_for_guidelines

    @property
    def is_for_guidelines(self) -> bool:
        """Whether no estimate uses it, but a guideline's rule does."""
        return self.name in kept_only() and self.name in fields_read()

    @property
    def is_needed(self) -> bool:
        """Whether it can never be left as not known."""
        return self.name in REQUIRED

    @property
    def is_said_beside(self) -> bool:
        """Whether a line is kept free, so that what appears in it moves nothing."""
        return self.kind == "yes_no" or self.name in SAID_BESIDE


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Questions that stand under one heading."""

    heading: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """The whole form: what is asked every day, and the rest folded away."""

    groups: tuple[FieldGroup, ...]
    more: tuple[FieldGroup, ...]

    @property
    def more_filled(self) -> int:
        return sum(field.value != NOT_KNOWN for group in self.more for field in group.fields)

    @property
    def more_is_open(self) -> bool:
        fields = (field for group in self.more for field in group.fields)
        return any(field.value != NOT_KNOWN or field.problem for field in fields)


def record(
    answers: Mapping[str, str],
    populations: tuple[ChoiceGroup, ...],
    *,
    problems: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    further: Sequence[FieldGroup] = (),
    measures: Mapping[str, object] | None = None,
    beside: Mapping[str, object] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Record:
    """Lay out the form with the answers so far, as the texts that the page sends back."""
    grouped = {"population": populations}

    def shape(name: str) -> Field:
        value = answers.get(name, NOT_KNOWN)
        wording = FIELDS[name]
        return Field(
            name=name,
            kind=kind_of(name),
            label=wording.label,
            unit=wording.unit,
            definition=wording.definition,
            value=value,
            choices=() if name in grouped else _choices(name, value),
            choice_groups=grouped.get(name, ()),
            problem=(problems or {}).get(name, ""),
            origin=(origins or {}).get(name, ""),
            measure=(measures or {}).get(name),
            beside=(beside or {}).get(name),
            source=(sources or {}).get(name, ""),
        )

    unasked = NOT_ASKED_OF.get(answers.get("sex", ""), ())

    def group(heading: str, names: tuple[str, ...]) -> FieldGroup:
        return FieldGroup(heading, tuple(shape(name) for name in names if name not in unasked))

    return Record(
        groups=tuple(group(*one) for one in EVERYDAY),
        more=(*(group(*one) for one in MORE), *further),
    )


@cache
def kind_of(name: str) -> str:
    """The kind of control, from the type that the profile declares."""
    declared = _declared_type(name)
    if name == "population" or (isinstance(declared, type) and issubclass(declared, StrEnum)):
        return "choice"
    if declared is bool:
        return "yes_no"
    return "date" if declared is date else "number"


@cache
def _types() -> dict[str, Any]:
    return get_type_hints(RiskProfile)


def _declared_type(name: str) -> Any:
    declared = _types()[name]
    options = [option for option in get_args(declared) if option is not NoneType]
    return options[0] if options else declared


def _choices(name: str, value: str) -> tuple[Choice, ...]:
    kind = kind_of(name)
    if kind == "yes_no":
        return yes_no(value)
    if kind != "choice":
        return ()
    listed = {NOT_KNOWN: "Not known", **CHOICES[name]}
    return tuple(Choice(sent, text, value == sent) for sent, text in listed.items())


def yes_no(value: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(sent, text, value == sent)
        for sent, text in (("true", "Yes"), ("false", "No"), (NOT_KNOWN, "Not known"))
    )


def group_of(field: str) -> str:
    """The heading that a contribution stands under."""
    return _GROUP_OF.get(field, HISTORY if field in FIELDS else OF_CLINIC)


def label_of(field: str) -> str:
    """A field's name in words; a group that learned engines made keeps its own name."""
    return FIELDS[field].label if field in FIELDS else field.replace("_", " ").capitalize()
