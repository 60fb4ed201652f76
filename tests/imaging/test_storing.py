"""What is kept of a scan holds no identity, and measures as the original does."""

import gzip
import struct
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from pydicom.dataset import Dataset

from imaging.codestream import without_notes
from imaging.dicom import read_dicom, stored_values
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.frames import volume_from_frames
from imaging.intake import Source, gather, recognise
from imaging.isolated_storing import keep_isolated
from imaging.measure import measure
from imaging.phantoms import ct_lumbar_dicoms, dxa_spine_dicom
from imaging.reports.carried import read_carried
from imaging.result import Status
from imaging.series import volume_from_slices
from imaging.storing import NOTHING, Split, split
from tests.imaging.test_mr_volume import enhanced

KEY = b"a key of this test"
SPINE = dxa_spine_dicom(1)
# Everything that could say whose it is, each with a word that is found nowhere else.
WORDS = {
    "PatientName": "QQZXDOE^QQZXJANE^QQZXMARY",
    "PatientID": "QQZX-4711",
    "IssuerOfPatientID": "QQZXHOSPITAL",
    "OtherPatientIDs": "QQZX-4712",
    "PatientBirthDate": "19470823",
    "PatientAddress": "QQZXSTREET 5",
    "PatientComments": "QQZXCOMMENT",
    "AdditionalPatientHistory": "QQZXHISTORY",
    "AccessionNumber": "QQZX-ACC-9",
    "ReferringPhysicianName": "QQZXROE^QQZXRICHARD",
    "OperatorsName": "QQZXOPERATOR",
    "InstitutionName": "QQZXCLINIC",
    "StationName": "QQZXSTATION",
    "StudyID": "QQZXSTUDY",
    "StudyTime": "101112.9988",
    "ImageComments": "of QQZXJANE QQZXDOE",
    "StudyDescription": "DXA of QQZXDOE, QQZXJANE, 19470823",
    "SeriesDescription": "QQZXDOE^QQZXJANE lumbar (QQZX-4711)",
    "ProtocolName": "AP Spine QQZX-ACC-9 QQZXRoe",
    "StudyInstanceUID": "1.2.777.1",
    "SeriesInstanceUID": "1.2.777.2",
    "SOPInstanceUID": "1.2.777.3",
    "FrameOfReferenceUID": "1.2.777.4",
    "RequestedProcedureDescription": "QQZXREQUEST",
}
SECRETS = (b"qqzx", b"19470823", b"1.2.777", b"101112.9988")


def named(data: bytes, **changes: object) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    for name, value in (WORDS | changes).items():
        setattr(dataset, name, value)
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepDescription = "QQZXREQ", "QQZXSTEP"
    dataset.RequestAttributesSequence = [request]
    block = dataset.private_block(0x0029, "QQZXPRIVATE", create=True)
    block.add_new(1, "LO", "QQZXSECRET")
    dataset.add_new(0x60003000, "OW", b"QQZXOVERLAY_")
    dataset.preamble = b"II*\x00" + b"QQZX" * 31
    dataset.file_meta.SourceApplicationEntityTitle = "QQZXSOURCE"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue() + b"\xfc\xff\xfc\xffOB\x00\x00\x0a\x00\x00\x00QQZXBEHIND"


def apart(*files: bytes) -> Split:
    return split([Source(data, recognise(data)) for data in files])


def kept(*files: bytes) -> list[bytes]:
    return list(apart(*files).files(KEY))


def assert_nameless(files: Iterable[bytes]) -> None:
    for data in files:
        for secret in SECRETS:
            assert secret not in data.lower()


def test_a_named_scan_is_kept_nameless_and_measures_the_same(tmp_path: Path) -> None:
    original = named(SPINE)
    (bare,) = kept(original)
    assert_nameless([bare])
    assert bare[:128] == b"\x00" * 128
    for name, data in (("original", original), ("bare", bare)):
        (tmp_path / name).write_bytes(data)
    before, after = (measure([tmp_path / name]) for name in ("original", "bare"))
    assert before.measurement.status is Status.MEASURED
    assert after.measurement.to_store() == before.measurement.to_store()
    assert after.pictures == before.pictures


def test_who_it_is_of_is_told_apart() -> None:
    (identity,) = apart(named(SPINE)).identities
    assert (identity.identifier, identity.issuer) == ("QQZX-4711", "QQZXHOSPITAL")
    assert identity.name == "QQZXDOE^QQZXJANE^QQZXMARY"
    assert str(identity.birth_date) == "1947-08-23"
    assert identity.accession_number == "QQZX-ACC-9"
    uids = (identity.study_uid, identity.series_uid, identity.instance_uid)
    assert uids == ("1.2.777.1", "1.2.777.2", "1.2.777.3")


def test_technique_and_day_are_kept_and_words_about_it_only_lose_the_names() -> None:
    original = read_dicom(named(SPINE, StudyDate="20260102", ImageType=["A", "B"]))
    (bare,) = kept(named(SPINE, StudyDate="20260102", ImageType=["A", "B"]))
    image = read_dicom(bare)
    assert image.tags == original.tags
    assert image.tags["StudyDate"] == "20260102"
    assert image.tags["StudyDescription"] == "DXA of"
    assert image.tags["SeriesDescription"] == "lumbar"
    assert image.tags["ProtocolName"] == "AP Spine"
    assert not image.identity.is_told
    assert image.identity.removed


def test_identifiers_are_made_anew_alike_for_one_site_and_unlike_for_another() -> None:
    data = named(SPINE)
    (here,), (again,) = kept(data), kept(data)
    (elsewhere,) = apart(data).files(b"another key")
    assert here == again
    ours, theirs = (read_dicom(bare).identity for bare in (here, elsewhere))
    assert ours.study_uid.startswith("2.25.")
    assert ours.study_uid != theirs.study_uid
    assert len({ours.study_uid, ours.series_uid, ours.instance_uid}) == 3


def test_a_series_stays_one() -> None:
    originals = [
        named(data, SOPInstanceUID=f"1.2.777.3.{at}")
        for at, data in enumerate(ct_lumbar_dicoms(2, slice_mm=10.0))
    ]
    bare = kept(*originals)
    assert_nameless(bare)
    before, after = (
        volume_from_slices([read_dicom(data) for data in files]) for files in (originals, bare)
    )
    np.testing.assert_array_equal(after.voxels, before.voxels)
    np.testing.assert_allclose(after.affine, before.affine)
    assert after.tags == before.tags


def test_frames_keep_their_places_and_lose_the_rest() -> None:
    dataset = enhanced(5)
    for name, value in WORDS.items():
        setattr(dataset, name, value)
    dataset.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence = [Dataset()]
    dataset.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence[0].ImageComments = "QQZXFRAME"
    sink = BytesIO()
    dataset.save_as(sink, enforce_file_format=True)
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    before, after = (volume_from_frames(read_dicom(data)) for data in (sink.getvalue(), bare))
    np.testing.assert_array_equal(after.voxels, before.voxels)
    np.testing.assert_allclose(after.affine, before.affine)


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "image_dfl.dcm", "6154",
        "SC_rgb_jpeg.dcm", "SC_rgb_rle_2frame.dcm", "693_J2KI.dcm", "rtdose.dcm",
        "SC_ybr_full_422_uncompressed.dcm", "SC_rgb_small_odd_big_endian.dcm", "liver_1frame.dcm",
    ],
)  # fmt: skip
def test_pixels_of_every_packing_stay_the_same(name: str, odd: Callable[[str], Path]) -> None:
    (source,) = gather([odd(name)])
    (bare,) = kept(source.data)
    before, after = read_dicom(source.data), read_dicom(bare)
    np.testing.assert_array_equal(stored_values(after), stored_values(before))
    assert after.tags == before.tags


def test_every_shared_scan_is_kept_with_the_same_tags(shared: Callable[[str], Path]) -> None:
    for folder in ("scans/dxa_ge_lunar", "scans/ct_lumbar_labelled/example_ct_dicom"):
        for source in gather([shared(folder)])[:6]:
            (bare,) = kept(source.data)
            before, after = read_dicom(source.data), read_dicom(bare)
            assert after.tags == before.tags
            np.testing.assert_array_equal(stored_values(after), stored_values(before))
            for told in (before.identity.identifier, before.identity.name):
                assert not told or told.encode() not in bare


def test_notes_inside_compressed_pixels_are_blanked() -> None:
    dataset = pydicom.dcmread(BytesIO(SPINE))
    dataset.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
    whole = bytes(dataset.PixelData)
    # Behind the first segment (SIZ) of the JPEG 2000 stream a comment of the sender's.
    at = whole.index(b"\xff\x4f\xff\x51") + 4
    at += int.from_bytes(whole[at : at + 2], "big")
    note = b"\xff\x64\x00\x0e\x00\x01QQZXSECRET"
    length_at = whole.index(b"\xff\x4f\xff\x51") - 4
    length = int.from_bytes(whole[length_at : length_at + 4], "little") + len(note)
    noted = whole[:length_at] + length.to_bytes(4, "little") + whole[length_at + 4 : at] + note
    noted += whole[at:]
    dataset.PixelData = noted
    sink = BytesIO()
    dataset.save_as(sink)
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    np.testing.assert_array_equal(
        stored_values(read_dicom(bare)), stored_values(read_dicom(sink.getvalue()))
    )


@settings(max_examples=30, deadline=None)
@given(junk=st.binary(max_size=60), length=st.integers(0, 2**32 - 1))
def test_blanking_notes_never_changes_the_length(junk: bytes, length: int) -> None:
    pixels = b"\xfe\xff\x00\xe0" + length.to_bytes(4, "little") + b"\xff\xd8" + junk
    assert len(without_notes(pixels)) == len(pixels)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("L", "RGB", "P", "I;16", "LA")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("TIFF", mode) for mode in ("L", "RGB", "P", "I;16", "F", "CMYK", "LA")),
    ],
)
def test_pictures_keep_their_pixels_and_nothing_else(kind: str, mode: str) -> None:
    values = np.random.default_rng(1).integers(0, 255, (40, 30), dtype=np.uint8)
    picture = Image.fromarray(values).convert(mode if mode != "I;16" else "I").convert(mode)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "QQZXJANE")
    exif = Image.Exif()
    exif[0x010E] = "QQZXDOE"
    sink = BytesIO()
    picture.save(sink, format=kind, pnginfo=texts, exif=exif, comment="QQZXCOMMENT")
    assert b"QQZX" in sink.getvalue()
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    with Image.open(BytesIO(sink.getvalue())) as before, Image.open(BytesIO(bare)) as after:
        deep = before.mode in ("I;16", "I;16B", "I", "F")
        np.testing.assert_array_equal(
            np.asarray(after if deep else after.convert("L")),
            np.asarray(before if deep else before.convert("L")),
        )


@pytest.mark.parametrize("holder", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("endian", ["<", ">"])
def test_a_nifti_keeps_voxels_and_place_but_no_text(holder: type, endian: str) -> None:
    voxels = np.random.default_rng(0).integers(-1000, 500, (6, 7, 8)).astype(np.int16)
    image = holder(voxels, np.diag([-0.8, -0.8, 3.0, 1.0]))
    image.header["descrip"], image.header["aux_file"] = b"QQZXDOE QQZXJANE", b"QQZXAUX"
    image.header["intent_name"] = b"QQZXINTENT"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"QQZXEXTENSION"))
    header = image.header.as_byteswapped(endian)
    sink = BytesIO()
    swapped = holder(voxels, image.affine, header)
    swapped.file_map["image"].fileobj = sink
    swapped.to_file_map()
    data = sink.getvalue() + b"QQZXBEHIND"
    (bare,) = kept(data)
    assert_nameless([bare])
    before, after = (holder.from_bytes(each) for each in (data, bare))
    np.testing.assert_array_equal(np.asarray(after.dataobj), voxels)
    np.testing.assert_allclose(after.affine, before.affine)


def test_documents_and_companions_are_not_kept(odd: Callable[[str], Path]) -> None:
    report = odd("test-SR.dcm").read_bytes()
    assert apart(report).has_document
    assert kept(report) == [NOTHING]
    beside = apart(SPINE, b"a note on QQZXDOE", report)
    assert not beside.has_document
    assert [bool(data) for data in beside.files(KEY)] == [True, False, False]


def test_two_people_in_one_upload_are_refused_whatever_came_with_them() -> None:
    first = SPINE
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        apart(named(first), named(first, PatientID="QQZX-1"))
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        apart(named(first), named(first, PatientBirthDate="19500101"))
    # Blank says nothing, and a name may be written in two ways.
    apart(named(first), named(first, PatientID="", PatientName="QQZXDoe^QQZXJane"), first)


def test_nothing_that_is_a_scan_is_unreadable() -> None:
    with pytest.raises(UnreadableScan, match="empty"):
        apart(b"")
    with pytest.raises(UnreadableScan, match="not an image"):
        apart(b"hello", b"world")


def together(pieces: dict[str, bytes]) -> Callable[[Iterable[bytes]], tuple[str, int]]:
    def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
        data = b"".join(chunks)
        pieces[str(len(pieces))] = data
        return str(len(pieces) - 1), len(data)

    return keep


def test_the_child_splits_as_we_do(tmp_path: Path) -> None:
    files = [named(SPINE), b"a note", dxa_spine_dicom(2)]
    for at, data in enumerate(files):
        (tmp_path / str(at)).write_bytes(data)
    pieces: dict[str, bytes] = {}
    answer = keep_isolated([tmp_path], KEY, together(pieces))
    assert answer.status is None
    assert list(pieces.values()) == kept(*files)
    assert answer.identities == apart(*files).identities
    assert answer.kept == tuple((str(at), len(data)) for at, data in enumerate(pieces.values()))


def test_a_refusal_of_the_child_is_a_sentence_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(b"MZ" + SPINE[2:])
    pieces: dict[str, bytes] = {}
    answer = keep_isolated([tmp_path], KEY, together(pieces))
    assert answer.status is Status.UNREADABLE
    assert "attack" in answer.reason
    assert not pieces


def test_a_compressed_nifti_is_kept_unpacked() -> None:
    image = nibabel.Nifti1Image(
        np.full((4, 4, 4), -1000, dtype=np.int16), np.diag([1.0, 1.0, 1.0, 1.0])
    )
    packed = gzip.compress(image.to_bytes())
    assert struct.unpack_from("<i", packed)[0] != 348
    with pytest.raises(UnreadableScan):
        apart(packed)  # gather unpacks; what is still packed here was packed twice


LUNAR = (
    '<DXA_RESULTS patient="QQZXJANE"><SCAN type="AP Spine"><NAME>QQZXDOE</NAME>'
    '<ROI region="L1"><BMD unit="g/cm2">1.012</BMD><BMD_TSCORE>-0.9</BMD_TSCORE></ROI>'
    '<ROI region="L2"><BMD>1.102</BMD></ROI><TREND><ROI region="L1"><BMD>9</BMD></ROI></TREND>'
    "</SCAN></DXA_RESULTS>"
)
HOLOGIC = (
    'PatientName = "QQZXDOE"; ScanMode = "Left Hip QQZXDOE";\n'
    'ResultsTable1[ 0][ 0] = "Region"; ResultsTable1[ 0][ 1] = "BMD";\n'
    'ResultsTable1[ 1][ 0] = "Neck"; ResultsTable1[ 1][ 1] = "0.702";\n'
)


@pytest.mark.parametrize(
    ("tag", "vr", "text"), [(0x00204000, "LT", LUNAR), (0x00191000, "LT", HOLOGIC)]
)
def test_results_in_tags_are_kept_and_who_they_are_of_is_not(tag: int, vr: str, text: str) -> None:
    dataset = pydicom.dcmread(BytesIO(named(SPINE)))
    dataset.add_new(tag, vr, text)
    sink = BytesIO()
    dataset.save_as(sink)
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    before, after = (read_carried(read_dicom(data).dataset) for data in (sink.getvalue(), bare))
    assert before is not None
    assert after == before
