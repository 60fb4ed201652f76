"""What comes in: recognised by content, limited before it is unpacked."""

import gzip
import io
import os
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from imaging.errors import UnreadableScan
from imaging.intake.gathering import Format, check_ratio, gather, inflated, recognise
from imaging.limits import LIMITS
from imaging.measure import measure
from imaging.result import Status
from tests.drawn import spine_file

MIB = 2**20


def zipped(members: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", level) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", Format.PNG),
        (b"\xff\xd8\xff\xe0", Format.JPEG),
        (b"II*\x00", Format.TIFF),
        (b"  \n%PDF-1.4", Format.PDF),
        (b"PK\x03\x04", Format.ZIP),
        (b"\x00" * 128 + b"DICM", Format.DICOM),
        (b"II*\x00" + b"\x00" * 124 + b"DICM", Format.DICOM),
        (b"\x08\x00\x05\x00CS", Format.DICOM),
        (b"\x00" * 344 + b"n+1\x00", Format.NIFTI),
        (b"", Format.UNKNOWN),
        (b"hello", Format.UNKNOWN),
    ],
)
def test_files_are_recognised_by_content(data: bytes, kind: Format) -> None:
    assert recognise(data) is kind


def test_a_zip_of_one_scan_is_that_scan(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(zipped({"../../etc/scan": spine_file(1), "README": b"hello"}))
    result = measure([file]).measurement
    assert result.status is Status.MEASURED
    assert "files_left_out" in {finding.code for finding in result.quality}
    assert not (tmp_path.parent / "etc").exists()


def test_a_zip_bomb_stays_packed(tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    file.write_bytes(zipped({"a": b"\x00" * (64 * MIB)}))
    result = measure([file]).measurement
    assert result.status is Status.UNREADABLE
    assert "unpack" in (result.reason or "")


def test_an_archive_in_an_archive_stays_closed(tmp_path: Path) -> None:
    file = tmp_path / "nested.zip"
    file.write_bytes(zipped({"inner.zip": zipped({"scan": spine_file(1)})}))
    assert measure([file]).measurement.status is Status.UNREADABLE


def test_a_gzip_bomb_stays_packed(tmp_path: Path) -> None:
    file = tmp_path / "bomb.nii.gz"
    file.write_bytes(gzip.compress(b"\x00" * (64 * MIB)))
    assert measure([file]).measurement.status is Status.UNREADABLE


@pytest.mark.parametrize(
    "broken",
    [b"PK\x03\x04 not a zip", zipped({"a": b"abc"})[:-10], gzip.compress(b"abc")[:-4]],
    ids=["no zip", "zip cut short", "gzip cut short"],  # the bytes tell the time
)
def test_broken_archives_are_unreadable(broken: bytes, tmp_path: Path) -> None:
    file = tmp_path / "broken"
    file.write_bytes(broken)
    assert measure([file]).measurement.status is Status.UNREADABLE


def test_ratio_is_refused_only_above_its_limit() -> None:
    free = LIMITS.ratio_free_bytes
    check_ratio(1, free)  # small things may be as empty as they like
    check_ratio(free, LIMITS.ratio * free // 4)
    with pytest.raises(UnreadableScan):
        check_ratio(1, free + 1)


def test_inflating_stops_at_the_limit() -> None:
    limits = replace(LIMITS, ratio_free_bytes=1000, ratio=1)
    assert len(inflated(zlib.compress(b"\x00" * 1000), wbits=15, limits=limits)) == 1000
    with pytest.raises(UnreadableScan):
        inflated(zlib.compress(b"\x00" * 1001), wbits=15, limits=limits)


def test_file_count_is_refused_only_above_its_limit(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / str(number)).write_bytes(b"x")
    assert len(gather([tmp_path], replace(LIMITS, files=3))) == 3
    with pytest.raises(UnreadableScan, match="more than 2 files"):
        gather([tmp_path], replace(LIMITS, files=2))


def test_size_is_refused_only_above_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert gather([tmp_path], replace(LIMITS, file_bytes=5))
    with pytest.raises(UnreadableScan):
        gather([tmp_path], replace(LIMITS, file_bytes=4))
    with pytest.raises(UnreadableScan):
        gather([tmp_path], replace(LIMITS, upload_bytes=4))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert measure([tmp_path / "pipe"]).measurement.status is Status.UNREADABLE


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(spine_file(1))
    folder = tmp_path / "scan"
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    assert measure([folder]).measurement.status is Status.UNREADABLE


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_nothing_is_unreadable(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert measure([tmp_path / name]).measurement.status is Status.UNREADABLE
