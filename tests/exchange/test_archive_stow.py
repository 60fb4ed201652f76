"""Results are brought to an archive by STOW-RS, and count only once it holds them."""

from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from riskapp.exchange.archive import dicomweb
from riskapp.exchange.archive.answers import Declined, Silent, Stored
from riskapp.exchange.archive.dicomweb import WebArchive
from tests.exchange.archive_peers import StubArchive
from tests.exchange.dicomweb_archive import archive, client, files

__all__ = ["archive", "client", "files"]


def results(files: list[bytes]) -> list[Dataset]:
    """Two objects of one study, with pixels."""
    made = [pydicom.dcmread(BytesIO(data)) for data in files[:2]]
    for number, one in enumerate(made):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number + 1}"
    return made


def test_results_are_brought_with_their_length_said_and_are_held(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    # Beyond a megabyte the library would send chunks, which a real server has lost.
    made[0].PixelData = b"\x00" * (2 * 2**20)
    assert not client.holds(made[0])
    said = client.store(made[0].StudyInstanceUID, made)
    posted = next(headers for headers in archive.headers if "Content-Length" in headers)
    assert int(posted["Content-Length"]) > 2 * 2**20
    assert "Transfer-Encoding" not in posted
    assert [one.refused for one in said] == ["", ""]
    assert all(client.holds(one) for one in made)
    held = pydicom.dcmread(BytesIO(archive.files["2.25.2"]))
    assert held == made[1]


def test_a_store_that_is_lost_with_status_200_is_not_held(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    archive.trouble = "loses"
    said = client.store(made[0].StudyInstanceUID, made)
    assert said == (Stored("2.25.1"), Stored("2.25.2"))
    assert not any(client.holds(one) for one in made)


def test_a_duplicate_counts_as_there(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    client.store(made[0].StudyInstanceUID, made[:1])
    # One of two (status 202), then both (status 409).
    for _ in range(2):
        said = client.store(made[0].StudyInstanceUID, made)
        assert [one.refused for one in said] == ["", ""]
        assert all(client.holds(one) for one in made)


def test_what_is_refused_is_told_object_by_object(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    archive.trouble = "refuses"
    said = client.store(made[0].StudyInstanceUID, made)
    assert all("A900" in one.refused for one in said)


@pytest.mark.parametrize("trouble", ["busy", "locked", "breaks off after storing"])
def test_a_store_that_may_work_later_is_tried_later(
    client: WebArchive, archive: StubArchive, files: list[bytes], trouble: str
) -> None:
    made = results(files)
    archive.trouble = trouble
    with pytest.raises(Silent):
        client.store(made[0].StudyInstanceUID, made)


def test_another_object_of_the_same_identifier_is_no_confirmation(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    client.store(made[0].StudyInstanceUID, made)
    archive.trouble = "another object"
    with pytest.raises(Declined, match="another object"):
        client.holds(made[0])


def test_reasons_that_pass_are_tried_again_and_others_are_told() -> None:
    told = Dataset()
    item = Dataset()
    item.ReferencedSOPInstanceUID, item.FailureReason = "1.2", 0xA700
    told.FailedSOPSequence = [item]
    with pytest.raises(Silent):
        list(dicomweb._failed(told))
    item.FailureReason = 0x0122
    assert list(dicomweb._failed(told)) == [("1.2", "The archive refused it (reason 0122).")]
