"""Several files sent as one scan: what belongs together, and what is one too many."""

from io import BytesIO
from pathlib import Path

import pydicom

from imaging.measure import measure
from imaging.result import ScanMeasurement, Status
from tests.drawn import spine_file


def together(folder: Path, *files: bytes) -> ScanMeasurement:
    for number, data in enumerate(files):
        (folder / str(number)).write_bytes(data)
    return measure([folder]).measurement


def spine(**tags: object) -> bytes:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    for name, value in tags.items():
        setattr(dataset, name, value)
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def test_two_pictures_of_one_series_are_asked_for_one_at_a_time(tmp_path: Path) -> None:
    result = together(tmp_path, spine(), spine(SOPInstanceUID="1.2.3"))
    assert result.status is Status.REFUSED
    assert "2 separate images" in (result.reason or "")


def test_codes_count_in_small_letters_too(tmp_path: Path) -> None:
    small = spine().replace(b"CS\x02\x00CR", b"CS\x02\x00cr")
    assert together(tmp_path, small).status is Status.MEASURED


def test_a_file_sent_twice_is_read_once_and_said(tmp_path: Path) -> None:
    result = together(tmp_path, spine(), spine())
    assert result.status is Status.MEASURED
    assert "repeated_files_left_out" in {finding.code for finding in result.quality}
