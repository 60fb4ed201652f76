"""A clinician has looked at the regions and stands by them."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.returning import promise_returns
from riskapp.models import MeasurementVersion, Scan

SIDE_IN_DOUBT = (
    "What the file says of the side of the body does not agree with itself or with the picture: "
    "check the side, say that you did, and confirm again."
)


def side_in_doubt(result: Mapping[str, Any]) -> bool:
    """Whether a measurement says that its side, left or right, is contradicted."""
    return any(one["code"] == "laterality_contradicts" for one in result["quality"])


@needs(Ability.WORK_ON_SCANS)
@transaction.atomic
def confirm(*, by: User, scan: Scan, number: int, side_checked: bool = False) -> MeasurementVersion:
    """Mark one version as confirmed for use; the first confirmation stays.

    Where the side of the body is in doubt, ``side_checked`` says that it was looked at.

    Raises
    ------
    NotFound
        If the scan is another organisation's or has no such version.
    Refused
        If a newer version counts, the version holds no measurement, or its side is in doubt and
        nobody checked it.
    """
    find_scan(by=by, id=scan.id)
    version = MeasurementVersion.objects.filter(scan=scan, number=number).first()
    if version is None:
        raise NotFound("There is no such version.")
    if scan.versions.filter(number__gt=number).exists():
        raise Refused({"version": "There is a newer version; look at that one."})
    if version.result["status"] != "measured":
        raise Refused({"version": "There is no measurement to confirm."})
    if version.confirmed_at is None and side_in_doubt(version.result) and not side_checked:
        raise Refused({"side_checked": SIDE_IN_DOUBT})
    if version.confirmed_at is None:
        version.confirmed_at, version.confirmed_by = timezone.now(), by
        version.save(update_fields=["confirmed_at", "confirmed_by"])
        auditing.record(
            by=by, action="scan.confirm", target=f"{scan.id}/{number}", patient=scan.patient_id
        )
        look_again(scan.patient_id)
        promise_returns(by=by, version=version)
    return version
