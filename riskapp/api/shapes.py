"""What the JSON doors take and give, for checking requests and for the OpenAPI description."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from riskapp.api.strict import Strict
from riskapp.exchange.reading import CHOICES, YES_OR_NO
from riskapp.exchange.wording import FIELDS
from riskapp.risk.limits import PROFILES_PER_REQUEST, RANGES
from riskapp.risk.profile import FIELD_NAMES

MOST_ENGINES = 10


def _profile_field(name: str) -> serializers.Field:
    about = {"help_text": FIELDS[name].definition, "allow_null": True, "required": False}
    if name in YES_OR_NO:
        return serializers.BooleanField(**about)
    if name in CHOICES:
        return serializers.ChoiceField(choices=[each.value for each in CHOICES[name]], **about)
    if name == "dxa_date":
        return serializers.DateField(**about)
    if name == "population":
        return serializers.CharField(**about)
    limit = RANGES[name]
    kind = serializers.IntegerField if limit.whole else serializers.FloatField
    return kind(min_value=limit.low, max_value=limit.high, **about)


@extend_schema_field({"type": ["string", "integer", "null"]})
class RowId(serializers.Field):
    """The caller's own name of a row, given back as it came."""


ProfileSerializer = type(
    "ProfileSerializer",
    (serializers.Serializer,),
    {
        "__doc__": "Clinical fields; null or absent means not known, never no.",
        "id": RowId(required=False, help_text="Your own row id, echoed as it was sent."),
        **{name: _profile_field(name) for name in FIELD_NAMES},
    },
)


@extend_schema_field(ProfileSerializer)
class ProfileField(serializers.Field):
    """A profile in any state: the one reader of all doors judges it, not the serializer."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class ScoreOptions(Strict):
    engines = serializers.ListField(
        child=serializers.CharField(max_length=40),
        default=["evidence"],
        min_length=1,
        max_length=MOST_ENGINES,
        error_messages={
            "min_length": "Name at least one engine, such as evidence.",
            "max_length": "At most {max_length} engines can be named.",
        },
    )
    evidence_set = serializers.CharField(
        max_length=40,
        default="frax-2008",
        help_text="frax-2008 follows FRAX; meta-2025 has the newer meta-analyses and borrows the "
        "rest. Thresholds of guidelines were set for the first.",
    )
    unknown_as_no = serializers.BooleanField(default=False)
    clamp_age = serializers.BooleanField(default=False)
    explain = serializers.BooleanField(default=True)
    interval = serializers.BooleanField(default=True)
    guideline = serializers.CharField(
        max_length=40,
        allow_null=True,
        default=None,
        help_text="Code of your own guideline: it comes first, and help is ranked by its decision.",
    )


class ScoreRequest(ScoreOptions):
    verdicts = serializers.BooleanField(default=True)
    profile = ProfileField(required=False)
    profiles = serializers.ListField(
        child=ProfileField(allow_null=True),
        required=False,
        min_length=1,
        max_length=PROFILES_PER_REQUEST,
        error_messages={
            "max_length": "At most {max_length} profiles fit in one request; send several."
        },
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("profile" in attrs) == ("profiles" in attrs):
            raise serializers.ValidationError("Send either profile or profiles.")
        return attrs


class OutcomeShape(serializers.Serializer):
    probability_10y = serializers.FloatField(min_value=0, max_value=1)
    interval_95 = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    interval_95_model = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    interval_95_unknown = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    curve = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class OutcomesShape(serializers.Serializer):
    major_osteoporotic = OutcomeShape()
    hip = OutcomeShape()


class ContributionShape(serializers.Serializer):
    field = serializers.CharField()
    label = serializers.CharField(help_text="For people to read.")
    value = serializers.JSONField()
    unit = serializers.CharField(help_text="UCUM")
    log_hazard = serializers.DictField(child=serializers.FloatField())
    probability = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    wording = serializers.CharField()
    source = serializers.CharField()
    beside = serializers.DictField(
        child=serializers.FloatField(), help_text="the rest of a group, by field"
    )


class ExplanationShape(serializers.Serializer):
    baseline = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    baseline_log_hazard = serializers.DictField(child=serializers.FloatField())
    baseline_means = serializers.CharField()
    contributions = ContributionShape(many=True)


class HelpfulShape(serializers.Serializer):
    field = serializers.CharField()
    expected_interval_width = serializers.FloatField()
    chance_decision_changes = serializers.FloatField(
        allow_null=True, help_text="That the category at the guideline named would be another."
    )
    chance_settles = serializers.FloatField()
    would_settle = serializers.BooleanField()
    categories = serializers.DictField(
        child=serializers.FloatField(), help_text="Chance of each category, were this known."
    )


class FiredRuleShape(serializers.Serializer):
    says = serializers.CharField()
    source = serializers.CharField()
    mark = serializers.CharField(help_text='How far it was checked, e.g. "seen".')


class VerdictShape(serializers.Serializer):
    guideline = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text='"treatment", "classification" or "screening"')
    applies = serializers.BooleanField(allow_null=True)
    why_not = serializers.CharField(allow_blank=True)
    category = serializers.CharField(
        allow_null=True, help_text="Only where it holds whatever is not known."
    )
    at_least = serializers.CharField(
        allow_null=True, help_text="What the known suffices for; see possible for what is left."
    )
    possible = serializers.ListField(child=serializers.CharField())
    within_interval = serializers.ListField(
        child=serializers.CharField(),
        help_text="Other categories at the ends of the 95 % intervals: the verdict is close.",
    )
    level = serializers.IntegerField(allow_null=True)
    asks_for = serializers.CharField(allow_blank=True)
    means = serializers.CharField(allow_blank=True)
    rules = FiredRuleShape(many=True)
    remarks = FiredRuleShape(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    missing_words = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    version = serializers.CharField()
    wording = serializers.CharField()


class EstimateShape(serializers.Serializer):
    engine = serializers.CharField()
    model_id = serializers.CharField()
    evidence_set = serializers.CharField(
        help_text="The published calibration that answers, or that a learned engine starts from."
    )
    population = serializers.CharField()
    trained_on = serializers.CharField(help_text='"published", "simulated" or "cohort ..."')
    outcomes = OutcomesShape()
    explanation = ExplanationShape(allow_null=True)
    unknown = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    would_help_most = HelpfulShape(many=True)
    guidelines = VerdictShape(
        many=True, help_text="Of the evidence engine only; empty for every other engine."
    )


class ScoreResult(serializers.Serializer):
    id = RowId()
    estimates = EstimateShape(many=True)
    refused = serializers.CharField(allow_null=True, help_text="A sentence, or null.")


class ScoreResponse(serializers.Serializer):
    results = ScoreResult(many=True)
    safety = serializers.CharField()


class SiteColumnShape(serializers.Serializer):
    name = serializers.CharField(help_text="As in a profile.")
    label = serializers.CharField()
    ucum = serializers.CharField(help_text='Unit; "1" where there is none.')
    low = serializers.FloatField()
    high = serializers.FloatField()
    yes_no = serializers.BooleanField(help_text="True or false, and nothing between.")
    direction = serializers.CharField(
        help_text='Which way the model was held: "riskier", "safer" or "not_said".'
    )


class ModelShape(serializers.Serializer):
    model_id = serializers.CharField()
    engine = serializers.CharField()
    trained_on = serializers.CharField()
    sha256 = serializers.CharField()
    card = serializers.CharField(help_text="Markdown")
    status = serializers.CharField(
        help_text='"published", "shipped", "trained", "in shadow", "approved", "serving", '
        '"retired", or "not registered"'
    )
    approved_by = serializers.CharField(allow_null=True)
    site_columns = SiteColumnShape(
        many=True, help_text="What the model reads beyond our fields; profiles may hold it."
    )


class PopulationShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    years = serializers.CharField()
    sexes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Whose fractures are published; nobody else is answered for.",
    )
    sources = serializers.ListField(child=serializers.CharField())
    borrowed = serializers.ListField(child=serializers.CharField())
    bases = serializers.DictField(
        child=serializers.CharField(),
        help_text="By evidence set that can answer: how it came by the fracture hazards.",
    )


class ProblemShape(serializers.Serializer):
    type = serializers.CharField(help_text="Address that explains this kind, on this site.")
    title = serializers.CharField(help_text="The kind, the same each time.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="One sentence that a person can act on.")
    instance = serializers.CharField(required=False, help_text="The address that was asked.")
    request_id = serializers.CharField(
        required=False, help_text="Names this request in the site’s logs; X-Request-ID too."
    )
    errors = serializers.DictField(child=serializers.CharField(), required=False)
