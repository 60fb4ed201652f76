"""The head of a DICOM file is read in bounded time, or refused in a sentence."""

import warnings
import zlib
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from imaging.errors import UnreadableScan
from imaging.intake.head import read_head
from imaging.intake.storage_classes import STORAGE_CLASSES
from imaging.limits import Limits
from imaging.measure import measure
from tests.drawn import spine_file
from tests.imaging.bombs import BOMBS

SPINE = spine_file(1)
META_BYTES = 144 + int.from_bytes(SPINE[140:144], "little")
EXPLICIT, DEFLATED = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "object"
    path.write_bytes(data)
    return path


def changed(**changes: str) -> bytes:
    dataset = pydicom.dcmread(BytesIO(SPINE))
    sink = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in changes.items():
            setattr(dataset, name, value)
        dataset.save_as(sink)
    return sink.getvalue()


def deflated(plain: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(plain) + packer.flush()
    head = SPINE[:META_BYTES]
    at = head.index(EXPLICIT)
    meta = head[: at - 2] + len(DEFLATED).to_bytes(2, "little") + DEFLATED
    meta += head[at + len(EXPLICIT) :]
    length = int.from_bytes(meta[140:144], "little") + len(DEFLATED) - len(EXPLICIT)
    return meta[:140] + length.to_bytes(4, "little") + meta[144:] + packed


def test_a_head_says_what_it_is_and_whose(tmp_path: Path) -> None:
    data = changed(PatientID="A-1", PatientName="Example^Ada", AccessionNumber="ACC-7")
    head = read_head(saved(tmp_path, data))
    assert STORAGE_CLASSES[head.sop_class_uid] == "Computed Radiography Image Storage"
    assert head.identity.identifier == "A-1"
    assert head.identity.accession_number == "ACC-7"
    assert data[head.meta_bytes :].startswith(b"\x08\x00")


def test_of_a_long_value_only_the_beginning_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, changed(PatientName="Example^Ada^Bertha"))
    for most, name in ((18, "Example^Ada^Bertha"), (10, "Example^Ad")):
        told = read_head(path, Limits(head_value_bytes=most, uid_letters=200))
        assert told.identity.name == name


def test_the_picture_may_be_missing_or_broken(tmp_path: Path) -> None:
    whole = read_head(saved(tmp_path, SPINE))
    cut = SPINE[: SPINE.index(b"\xe0\x7f\x10\x00") + 40]
    assert read_head(saved(tmp_path, cut)) == whole


def test_a_deflated_file_is_unpacked_only_so_far(tmp_path: Path) -> None:
    plain = SPINE[META_BYTES:]
    head = read_head(saved(tmp_path, deflated(plain)))
    assert head.identity == read_head(saved(tmp_path, SPINE)).identity
    # 512 MiB of nothing behind the head are not unpacked.
    bomb = deflated(plain[:2000] + bytes(2**29))
    assert len(bomb) < 2**20
    assert read_head(saved(tmp_path, bomb)).identity == head.identity


@pytest.mark.parametrize("said", [0, 20])
def test_a_deflated_file_that_lies_about_where_its_head_ends_is_not_unpacked(
    tmp_path: Path, said: int
) -> None:
    lies = deflated(SPINE[META_BYTES:])
    lies = lies[:140] + said.to_bytes(4, "little") + lies[144:]
    with pytest.raises(UnreadableScan, match="does not say truly"):
        read_head(saved(tmp_path, lies))
    for read_whole in (lies, lies[132:]):
        told = measure([saved(tmp_path, read_whole)]).measurement
        assert "does not say truly" in (told.reason or "")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a DICOM file"),
        (SPINE[132:], "not a DICOM file"),
        (b"MZ" + SPINE[2:], "a Windows program"),
        (SPINE[:130], "not a DICOM file"),
        (SPINE[:150], "cut short"),
        (SPINE[: META_BYTES + 30], "has no S"),
        (SPINE[:132] + b"\x02\x00\x02\x00" + SPINE[136:], "no length"),
        (changed(StudyInstanceUID=""), "no StudyInstanceUID"),
        (changed(SeriesInstanceUID="../../etc"), "a path"),
        (changed(SOPInstanceUID="1" * 129), "no identifier has more"),
        (BOMBS["sequences 100,000 deep"](), "[Dd]amaged|elements|length"),
    ],
    ids=range(11),
)
def test_what_is_no_head_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableScan, match=sentence):
        read_head(saved(tmp_path, data))


def test_more_elements_than_any_writer_has_are_refused(tmp_path: Path) -> None:
    def with_elements(count: int) -> Path:
        many = b"".join(
            b"\x09\x00" + (0x1000 + at).to_bytes(2, "little") + b"LO\x02\x00ab"
            for at in range(count)
        )
        at = SPINE.index(b"\x10\x00\x10\x00")
        return saved(tmp_path, SPINE[:at] + many + SPINE[at:])

    assert read_head(with_elements(4_000))
    with pytest.raises(UnreadableScan, match="more than 10 elements"):
        read_head(with_elements(4_000), Limits(head_elements=10))


@pytest.mark.parametrize("most", [len(SPINE), 700])
def test_no_more_than_the_first_bytes_are_read(tmp_path: Path, most: int) -> None:
    if most == 700:
        with pytest.raises(UnreadableScan):
            read_head(saved(tmp_path, SPINE), Limits(head_bytes=META_BYTES + 60))
    else:
        assert read_head(saved(tmp_path, SPINE), Limits(head_bytes=most))
