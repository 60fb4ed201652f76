"""Pictures of stored visits are laid upon each other before their regions are compared by name."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from imaging.result import Measured
from riskapp.actions import comparing_scans
from riskapp.actions.comparing_scans import changes_of
from riskapp.actions.confirming import confirm
from riskapp.actions.stored_bytes import keep
from riskapp.models import Patient, Scan, ScanPicture
from tests.imaging.test_visits import lifted, visit
from tests.people import add_version


def stored(patient: Patient, by: User, measured: Measured) -> Scan:
    scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256="1" * 64)
    version = add_version(scan, by, measured.measurement)
    for position, one in enumerate(measured.pictures):
        ScanPicture.objects.create(
            version=version, position=position, name=one.name, title=one.title,
            sha256=keep([one.png])[0], width=one.width, height=one.height,
            slice_index=one.slice_index,
        )  # fmt: skip
    confirm(by=by, scan=scan, number=1)
    return scan


def test_regions_of_stored_visits_are_compared_where_they_lie_on_the_same_bone(
    owner: User, patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = visit(tmp_path, "20200101", 0, 0), visit(tmp_path, "20220101", 3, 12)
    stored(patient, owner, before)
    second = stored(patient, owner, after)
    (pair,) = changes_of(by=owner, patient=patient)
    assert pair.comparison is not None
    assert {change.region for change in pair.comparison.changes} >= {"L2", "L3"}

    with monkeypatch.context() as patched:
        patched.setattr(comparing_scans, "MOST_ALIGNED", 0)
        (pair,) = changes_of(by=owner, patient=patient)
        assert "not laid upon each other" in (pair.refused or "")

    # The same names, one vertebra higher.
    regions = [lifted(region, 150) for region in after.measurement.regions[1:]]
    version = second.versions.get()
    version.result = replace(after.measurement, regions=tuple(regions)).to_store()
    version.save()
    (pair,) = changes_of(by=owner, patient=patient)
    left = {change.region for change in pair.comparison.changes} if pair.comparison else set()
    assert not left & {"L2", "L3", "L4", "L1-L4"}
