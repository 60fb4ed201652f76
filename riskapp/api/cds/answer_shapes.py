"""What CDS Hooks 2.0 answers, for the OpenAPI description."""

from rest_framework import serializers

from riskapp.api.cds.shapes import CodingShape, ResourceField
from riskapp.exchange.cds_codes import Kind


class ServiceShape(serializers.Serializer):
    hook = serializers.CharField()
    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    prefetch = serializers.DictField(child=serializers.CharField())
    usageRequirements = serializers.CharField()


class ServicesShape(serializers.Serializer):
    services = ServiceShape(many=True)


class TopicShape(serializers.Serializer):
    system = serializers.CharField()
    code = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    display = serializers.CharField()


class SourceShape(serializers.Serializer):
    label = serializers.CharField()
    url = serializers.CharField()
    topic = TopicShape()


class ActionShape(serializers.Serializer):
    type = serializers.ChoiceField(choices=["create", "delete"])
    description = serializers.CharField()
    resource = ResourceField(required=False, help_text="A ServiceRequest; never a medicine.")
    resourceId = serializers.CharField(required=False)


class SuggestionShape(serializers.Serializer):
    label = serializers.CharField()
    uuid = serializers.UUIDField()
    isRecommended = serializers.BooleanField(required=False)
    actions = ActionShape(many=True)


class LinkShape(serializers.Serializer):
    label = serializers.CharField()
    url = serializers.CharField()
    type = serializers.ChoiceField(choices=["absolute", "smart"])
    appContext = serializers.CharField(required=False)


class CardShape(serializers.Serializer):
    uuid = serializers.UUIDField()
    summary = serializers.CharField(max_length=139)
    detail = serializers.CharField(help_text="GitHub’s markdown.")
    indicator = serializers.ChoiceField(choices=["info", "warning", "critical"])
    source = SourceShape()
    suggestions = SuggestionShape(many=True, required=False)
    selectionBehavior = serializers.ChoiceField(choices=["at-most-one"], required=False)
    overrideReasons = CodingShape(many=True)
    links = LinkShape(many=True)


class CardsShape(serializers.Serializer):
    cards = CardShape(many=True, help_text="Empty where there is nothing worth a word.")


class ReasonCount(serializers.Serializer):
    reason = serializers.CharField()
    count = serializers.IntegerField()


class KindShape(serializers.Serializer):
    kind = serializers.CharField()
    words = serializers.CharField()
    shown = serializers.IntegerField()
    accepted = serializers.IntegerField()
    overridden = serializers.IntegerField()
    ignored = serializers.IntegerField(help_text="Of which nothing was told.")
    reasons = ReasonCount(many=True)


class CommentShape(serializers.Serializer):
    on = serializers.DateField()
    words = serializers.CharField(help_text="What the card was about.")
    reason = serializers.CharField()
    text = serializers.CharField()


class FeedbackReportShape(serializers.Serializer):
    since = serializers.DateField(allow_null=True)
    kinds = KindShape(many=True)
    comments = CommentShape(many=True, help_text="The newest 50.")
