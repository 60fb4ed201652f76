"""What the JSON doors of scans take and give."""

from rest_framework import serializers

from imaging.limits import LIMITS
from riskapp.api.pages import PageShape
from riskapp.api.strict import Strict
from riskapp.models.scan import Scan


class ScanRequest(Strict):
    patient = serializers.UUIDField()
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, use_url=False), min_length=1
    )


class ScanAccepted(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Scan.Status.values)
    status_url = serializers.CharField()


class VersionShape(serializers.Serializer):
    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField()
    origin = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(allow_null=True)
    software_version = serializers.CharField()


class PictureShape(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    slice_index = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()


class DifferenceShape(serializers.Serializer):
    field = serializers.CharField()
    scan = serializers.CharField()
    record = serializers.CharField()


class IdentityShape(serializers.Serializer):
    told = serializers.BooleanField(help_text="Whether the files name anybody.")
    sentence = serializers.CharField()
    differences = DifferenceShape(many=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(allow_null=True)


class ScanShape(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    uploaded_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField()
    sha256 = serializers.CharField()
    status = serializers.ChoiceField(choices=Scan.Status.values)
    reason = serializers.CharField(allow_null=True)
    identity = IdentityShape(help_text="What the files say of the person, beside the record.")
    kind = serializers.DictField(allow_null=True)
    spacing = serializers.DictField(allow_null=True)
    quality = serializers.ListField(child=serializers.DictField())
    regions = serializers.ListField(child=serializers.DictField())
    measurements = serializers.ListField(child=serializers.DictField())
    profile_fields = serializers.DictField(help_text="What it fills into a record.")
    pictures = PictureShape(many=True)
    versions = VersionShape(many=True)
    safety = serializers.CharField()


class ScanSummary(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    uploaded_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    sha256 = serializers.CharField()
    status = serializers.ChoiceField(choices=Scan.Status.values)
    reason = serializers.CharField(allow_null=True)


class ScanPage(PageShape):
    results = ScanSummary(many=True)


class RegionRequest(Strict):
    id = serializers.CharField(max_length=LIMITS.region_id_letters)
    label = serializers.CharField(max_length=LIMITS.region_label_letters, required=False)
    polygon = serializers.JSONField(help_text="Corners as [column, row] in pixels.")
    outline = serializers.ChoiceField(
        choices=["area", "line", "points"],
        required=False,
        help_text="What the corners are; as in the region corrected, else area.",
    )
    slice_index = serializers.IntegerField(min_value=0, allow_null=True, required=False)
    depth_slices = serializers.JSONField(allow_null=True, required=False)


class RegionsRequest(Strict):
    regions = RegionRequest(many=True, allow_empty=False, max_length=LIMITS.regions)
