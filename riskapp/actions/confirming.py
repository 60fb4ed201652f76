"""A clinician has looked at the regions and stands by them."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.looking import look_again
from riskapp.actions.returning import promise_returns
from riskapp.models import MeasurementVersion, Scan


@transaction.atomic
def confirm(*, by: User, scan: Scan, number: int) -> MeasurementVersion:
    """Mark one version as confirmed for use; the first confirmation stays.

    Raises
    ------
    NotFound
        If the scan is another organisation's or has no such version.
    Refused
        If a newer version counts, or the version holds no measurement.
    """
    find_scan(by=by, id=scan.id)
    version = MeasurementVersion.objects.filter(scan=scan, number=number).first()
    if version is None:
        raise NotFound("There is no such version.")
    if scan.versions.filter(number__gt=number).exists():
        raise Refused({"version": "There is a newer version; look at that one."})
    if version.result["status"] != "measured":
        raise Refused({"version": "There is no measurement to confirm."})
    if version.confirmed_at is None:
        version.confirmed_at, version.confirmed_by = timezone.now(), by
        version.save(update_fields=["confirmed_at", "confirmed_by"])
        auditing.record(
            by=by, action="scan.confirm", target=f"{scan.id}/{number}", patient=scan.patient_id
        )
        look_again(scan.patient_id)
        promise_returns(by=by, version=version)
    return version
