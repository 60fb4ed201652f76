"""A measured scan as the worker leaves it, without measuring one."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from imaging.intake.gathering import gather
from imaging.keeping.splitting import split
from riskapp.actions.looking import look_again
from riskapp.actions.stored_bytes import keep
from riskapp.models import (
    Job,
    MeasurementVersion,
    Patient,
    Scan,
    ScanFile,
    ScanIdentity,
    ScanPicture,
)
from tests.exchange.dicom_scans import dxa

# The smallest PNG there is: one transparent pixel.
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478"
    "da63fcffff3f030005fe02fea7d6059a0000000049454e44ae426082"
)
CT = {"modality": "ct", "body_part": "abdomen", "view": "axial", "laterality": "unknown"}


def result(**changes: Any) -> dict[str, Any]:
    regions = [
        {
            "id": f"L{level}",
            "label": f"L{level}",
            "method": "by shape",
            "confidence": 0.8,
            "polygon": [[50, 50 * level], [90, 50 * level], [90, 50 * level + 40]],
            "slice_index": None,
            "depth_slices": None,
        }
        for level in (1, 2, 3, 4)
    ]
    score = {
        "name": "lumbar_texture_score",
        "region": "L1-L4",
        "value": 0.71251234567,
        "unit": "1",
        "method": "GLCM correlation",
        "source": "IBSI NI2N",
        "precision": "not established",
    }
    made = {
        "status": "measured",
        "reason": None,
        "kind": {
            "modality": "dxa",
            "body_part": "lumbar_spine",
            "view": "ap",
            "laterality": "unknown",
        },
        "spacing": {"mm": [1.05, 0.6], "source": "ExposedArea"},
        "quality": [{"code": "spur", "severity": "warning", "advice": "Look at L4 again."}],
        "regions": regions,
        "measurements": [score],
        "size": [300, 160],
    }
    return made | changes


def stored_scan(
    patient: Patient, by: User, status: str = "measured", reason: str = "", **changes: Any
) -> Scan:
    scan = Scan.objects.create(
        patient=patient, uploaded_by=by, sha256="ab" * 32, status=status, reason=reason
    )
    if status in ("queued", "measuring"):
        look_again(patient.id)
        return scan
    job = Job.objects.create(scan=scan, asked_by=by, run_after=timezone.now(), status="done")
    if status != "measured":
        changes |= {"status": status, "reason": reason, "regions": [], "measurements": []}
    version = MeasurementVersion.objects.create(
        scan=scan,
        number=1,
        made_by=by,
        origin="automatic",
        software_version="test",
        job=job,
        result=result(**changes),
    )
    ScanPicture.objects.create(
        version=version,
        position=0,
        name="image.png",
        title="Lumbar spine",
        sha256=keep([ONE_PIXEL])[0],
        width=160,
        height=300,
    )
    look_again(patient.id)
    return scan


def dicom_scan(patient: Patient, owner: User, folder: Path) -> Scan:
    """A measured scan of a person whose files carry a name, confirmed to be the patient's."""
    measured = dxa(folder)
    stored = measured.result.to_store()
    scan = stored_scan(
        patient, owner, **{name: stored[name] for name in ("regions", "measurements", "size")}
    )
    parts = split(gather([folder]))
    sha256, size = keep([next(parts.files(b"secret"))])
    ScanFile.objects.create(scan=scan, position=0, sha256=sha256, size_bytes=size)
    (one,) = parts.identities
    ScanIdentity.objects.create(
        scan=scan,
        identifier=one.identifier,
        name=one.name,
        birth_date=one.birth_date,
        sex=one.sex,
        accession_number=one.accession_number,
        study_uid=one.study_uid,
        frame_uid=one.frame_uid,
        instances=[[one.series_uid, one.instance_uid]],
        confirmed_at=timezone.now(),
        confirmed_by=owner,
    )
    return scan
