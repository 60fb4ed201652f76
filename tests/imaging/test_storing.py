"""What is kept of a scan holds no identity, and measures as the original does."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.isolated.storing import keep_isolated
from imaging.keeping.splitting import NOTHING
from imaging.measure import measure
from imaging.reports.carried import read_carried
from imaging.result import Status
from tests.drawn import spine_file
from tests.imaging.named_scans import KEY, SPINE, apart, assert_nameless, kept, named


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
    assert not image.identity.name + image.identity.identifier
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
    files = [named(SPINE), b"a note", spine_file(2)]
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


LUNAR = (
    '<DXA_RESULTS patient="QQZXJANE"><SCAN type="AP Spine"><NAME>QQZXDOE</NAME>'
    '<ROI region="L1"><BMD units=" g/cm2">1.012</BMD><BMD_TSCORE>-0.9</BMD_TSCORE></ROI>'
    '<ROI region="L2"><BMD units=" mg/cm2">1102</BMD></ROI>'
    '<TREND><ROI region="L1"><BMD>9</BMD></ROI></TREND>'
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
