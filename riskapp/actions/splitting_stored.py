"""Scans that were stored with their identity: taken apart where they lie, and put back as asked.

Each original is set aside first, under its scan and place, so that nothing is lost whoever dies
when, and all of it can be undone until a person lets the originals go. The models come from the
registry that is given, because a migration has those of its own time.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps as present
from django.apps.registry import Apps
from django.conf import settings
from django.db import connection, transaction

from imaging.errors import MeasuringBroke
from imaging.isolated.storing import keep_isolated
from riskapp.actions import auditing
from riskapp.actions.stored_bytes import keep, keep_received, lent, open_kept, open_stored, path_of
from riskapp.actions.taking_apart import identity_of, renewing_key

log = logging.getLogger(__name__)
PIECE_BYTES = 2**20
CHAINED = "riskapp_trailhead"  # the table that comes with the chain
BY = "update of stored scans"  # nobody asked for it singly
WAITING = ("queued", "measuring")


@dataclass(slots=True)
class Counts:
    """How many scans were taken apart, given to the worker to do so, not kept, and left."""

    split: int = 0
    given_to_worker: int = 0
    not_kept: int = 0
    left: int = 0


def split_stored(registry: Apps = present) -> Counts:
    """Take apart every scan that has files and no identity record; safe to run again."""
    counts = Counts()
    scans = _model(registry, "Scan").objects.filter(identity=None, files__isnull=False)
    for scan in scans.distinct().order_by("uploaded_at"):
        setattr(counts, what := _split_one(scan, registry), getattr(counts, what) + 1)
    _remove({sha256 for _, _, _, sha256 in _set_aside()}, registry)
    return counts


def join_stored(registry: Apps = present) -> int:
    """Undo it for every scan whose originals are still there; return how many."""
    count = 0
    for folder in _folders():
        scan = _model(registry, "Scan").objects.filter(id=folder.name).first()
        if scan is None:
            continue
        originals = [one for one in _set_aside() if one[0] == folder]
        for _, path, _, sha256 in originals:
            if _seen(path)[0] != sha256:
                raise ValueError(f"An original of scan {scan.id} is damaged; nothing was changed.")
            keep(_pieces(path))
        split = set(scan.files.values_list("sha256", flat=True))
        with transaction.atomic():
            _model(registry, "ScanIdentity").objects.filter(scan=scan).delete()
            files = [_seen(path) for _, path, _, _ in originals]
            _replace_files(scan, files, registry)
            _audit(scan, "scan.join", registry)
        shutil.rmtree(folder)
        _remove(split, registry)
        count += 1
    return count


def forget_originals() -> int:
    """Delete what was set aside: from here on there is no way back."""
    folders = list(_folders())
    for folder in folders:
        shutil.rmtree(folder)
    return len(folders)


def _split_one(scan: Any, registry: Apps) -> str:
    """Take one scan apart and say under which count it falls."""
    files = list(scan.files.order_by("position"))
    paths = [path_of(one.sha256) for one in files]
    if not all(path.exists() for path in paths):
        log.warning("Scan %s was left: bytes of it are lost", scan.id)
        return "left"
    if scan.status in WAITING or (scan.status == "failed" and not scan.versions.exists()):
        _give_to_worker(scan, paths, registry)
        return "given_to_worker"
    folder = Path(settings.SET_ASIDE_DIR) / str(scan.id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one, path in zip(files, paths, strict=True):
        _link(path, folder / f"{one.position:05d}-{one.sha256}")
    try:
        with lent(open_kept(one.sha256) for one in files) as read:
            kept = keep_isolated(read, renewing_key(), keep)
    except MeasuringBroke:
        log.warning("Scan %s was left: it could not be taken apart", scan.id)
        shutil.rmtree(folder)
        return "left"
    with transaction.atomic():
        _replace_files(scan, kept.kept, registry)
        if kept.status is None:
            _model(registry, "ScanIdentity").objects.create(scan=scan, **identity_of(kept))
        _audit(scan, "scan.take_apart", registry)
    return "split" if kept.status is None else "not_kept"


def _give_to_worker(scan: Any, paths: list[Path], registry: Apps) -> None:
    """Make the files received ones: what waits to be measured is taken apart then."""
    received = [keep_received(_pieces(path)) for path in paths]
    old = set(scan.files.values_list("sha256", flat=True))
    rows = _model(registry, "ReceivedFile")
    with transaction.atomic():
        _replace_files(scan, (), registry)
        rows.objects.bulk_create(
            rows(scan=scan, position=position, name=name, sha256=sha256, size_bytes=size)
            for position, (name, sha256, size) in enumerate(received)
        )
    _remove(old, registry)


def _replace_files(scan: Any, files: Iterable[tuple[str, int]], registry: Apps) -> None:
    rows = _model(registry, "ScanFile")
    rows.objects.filter(scan=scan).delete()
    rows.objects.bulk_create(
        rows(scan=scan, position=position, sha256=sha256, size_bytes=size)
        for position, (sha256, size) in enumerate(files)
    )


def _audit(scan: Any, action: str, registry: Apps) -> None:
    if CHAINED in connection.introspection.table_names():
        auditing.record(
            by=auditing.Actor.UPDATE,
            action=action,
            target=scan.id,
            organisation=scan.patient.organisation,
            patient=scan.patient_id,
        )
        return
    # The update that first did this came before rows were chained; a later one chains them.
    _model(registry, "AuditEvent").objects.create(
        by=BY, organisation_id=scan.patient.organisation_id, action=action, target=str(scan.id)
    )


def _remove(hashes: Iterable[str], registry: Apps) -> None:
    """Delete kept bytes that no file and no picture of any scan refers to any more."""
    users = [_model(registry, name).objects for name in ("ScanFile", "ScanPicture")]
    for sha256 in hashes:
        if not any(rows.filter(sha256=sha256).exists() for rows in users):
            path_of(sha256).unlink(missing_ok=True)


def _folders() -> list[Path]:
    return sorted(path for path in Path(settings.SET_ASIDE_DIR).glob("*") if path.is_dir())


def _set_aside() -> Iterator[tuple[Path, Path, int, str]]:
    """Folder, file, place and hash of each original."""
    for folder in _folders():
        for path in sorted(folder.iterdir()):
            position, _, sha256 = path.name.partition("-")
            if not path.suffix:  # a copy that was cut off has one
                yield folder, path, int(position), sha256


def _link(source: Path, target: Path) -> None:
    """Give the same bytes a second name, or copy them where the disk is another."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        partial = target.with_suffix(".part")
        shutil.copyfile(source, partial)
        partial.replace(target)


def _pieces(path: Path) -> Iterator[bytes]:
    with open_stored(path) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _seen(path: Path) -> tuple[str, int]:
    """SHA-256 of what a file holds, and how many bytes that is."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(path):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _model(registry: Apps, name: str) -> Any:
    return registry.get_model("riskapp", name)
