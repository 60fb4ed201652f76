"""Editions of one scan's results: the same is the same bytes, another says which it replaces."""

from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from highdicom.legacy import LegacyConvertedEnhancedCTImage
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from imaging.intake.dicom import read_dicom
from imaging.intake.gathering import gather
from imaging.keeping.splitting import split
from imaging.result import Finding, Picture, Severity
from riskapp.exchange.dicom_origin import Sender, read_origin, restored_origin, uid_for
from riskapp.exchange.scan_files import ScanResult, giveable, is_right_angled, kinds
from tests.exchange import dicom_scans
from tests.exchange.dicom_files import AT, edition, validated
from tests.exchange.dicom_scans import Measured

UPRIGHT = ((0, 0, 0.7, -30), (0, 0.9, 0, 12), (2.5, 0, 0, 400), (0, 0, 0, 1))


def written(scan: Measured, name: str, **told: object) -> bytes:
    confirmed_by = str(told.pop("confirmed_by", ""))
    result = ScanResult(
        scan.result, (), "-", edition(confirmed_by, **told), lambda: read_origin([scan.folder])
    )
    return {one.name: one for one in kinds(scan.result, ())}[name].write(result)


def read(scan: Measured, name: str, **told: object) -> Dataset:
    path = scan.folder.with_name(f"{scan.folder.name}-{name}")
    path.write_bytes(written(scan, name, **told))
    return pydicom.dcmread(path)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return dicom_scans.ct(tmp_path_factory.mktemp("ct"))


@pytest.mark.parametrize("name", ["report-sr.dcm", "regions-seg.dcm", "bones-seg.dcm"])
def test_one_edition_is_the_same_bytes_whenever_it_is_written(scan: Measured, name: str) -> None:
    assert written(scan, name) == written(scan, name)
    made = read(scan, name)
    assert (made.ContentDate, made.ContentTime) == ("20260103", "093015")
    later = read(scan, name, key="other", number=2, made_at=AT.replace(year=2027))
    assert later.SOPInstanceUID != made.SOPInstanceUID
    assert (later.InstanceNumber, later.ContentDate) == (2, "20270103")
    assert "version 1, automatic, unconfirmed" in made.SeriesDescription
    assert "version 2" in later.SeriesDescription


def test_a_page_that_is_drawn_otherwise_has_another_uid(scan: Measured) -> None:
    one, other = (read(scan, "report-pdf.dcm", confirmed_by=by) for by in ("", "reader"))
    assert one.EncapsulatedDocument != other.EncapsulatedDocument
    assert one.SOPInstanceUID != other.SOPInstanceUID


def test_what_a_person_confirmed_is_verified_by_that_person_and_nothing_else_is(
    scan: Measured,
) -> None:
    draft = read(scan, "report-sr.dcm")
    assert (draft.VerificationFlag, draft.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert "VerifyingObserverSequence" not in draft
    final = read(scan, "report-sr.dcm", confirmed_by="Reader", key="key/confirmed")
    assert (final.VerificationFlag, final.PreliminaryFlag) == ("VERIFIED", "FINAL")
    (observer,) = final.VerifyingObserverSequence
    assert str(observer.VerifyingObserverName).startswith("Reader")
    assert observer.VerifyingOrganization == "A clinic"
    assert str(observer.VerificationDateTime) == "20260103093015"
    assert "confirmed" in final.SeriesDescription


def test_a_later_report_names_the_reports_that_it_replaces(scan: Measured, tmp_path: Path) -> None:
    before = read(scan, "report-sr.dcm", key="first")
    assert "PredecessorDocumentsSequence" not in before
    after = read(scan, "report-sr.dcm", key="second", number=2, replaces=("first",))
    (study,) = after.PredecessorDocumentsSequence
    assert study.StudyInstanceUID == before.StudyInstanceUID
    (series,) = study.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == before.SeriesInstanceUID
    (document,) = series.ReferencedSOPSequence
    assert document.ReferencedSOPInstanceUID == before.SOPInstanceUID
    final = tmp_path / "final.dcm"
    final.write_bytes(
        written(scan, "report-sr.dcm", key="third", confirmed_by="Reader", replaces=("first",))
    )
    assert validated(final) == []


def test_a_ct_of_many_frames_in_one_file_is_pointed_back_to(scan: Measured, tmp_path: Path) -> None:
    slices = [pydicom.dcmread(path) for path in sorted(scan.folder.iterdir())]
    whole = LegacyConvertedEnhancedCTImage(slices, generate_uid(), 5, generate_uid(), 1)
    (tmp_path / "scan").mkdir()
    whole.save_as(tmp_path / "scan" / "1.dcm")
    parts = split(gather([tmp_path / "scan"]))
    (one,) = parts.identities
    (stored,) = parts.files(b"key")
    assert read_dicom(stored).tags["KVP"] == 120
    sender = Sender(
        study_uid=one.study_uid, frame_uid=one.frame_uid, identity={},
        instances=[[one.series_uid, one.instance_uid]],
    )  # fmt: skip
    result = ScanResult(scan.result, (), "-", edition(), lambda: restored_origin([stored], sender))
    for kind in giveable(scan.result, (), goes_back=True):
        if kind.names_the_patient:
            path = tmp_path / kind.name
            path.write_bytes(kind.write(result))
            assert one.instance_uid.encode() in path.read_bytes()
            assert validated(path) == []


@pytest.mark.parametrize(("letters", "is_kept"), [(64, True), (66, False)])
def test_an_identifier_longer_than_the_standard_has_is_not_repeated(
    letters: int, is_kept: bool, tmp_path: Path
) -> None:
    scan = dicom_scans.ct(tmp_path)
    frame = "1.2." + "3" * (letters - 4)
    (old,) = {str(one.FrameOfReferenceUID) for one in scan.sources}
    for path in tmp_path.iterdir():
        dataset = pydicom.dcmread(path)
        with config.disable_value_validation():
            dataset.FrameOfReferenceUID = frame
            dataset.save_as(path)
    with config.disable_value_validation():
        made = written(scan, "regions-seg.dcm")
    expected = frame if is_kept else uid_for("frame of reference", frame)
    assert expected.encode() in made
    assert (frame.encode() in made) is is_kept
    assert old.encode() not in made


@pytest.mark.parametrize(("turned", "is_right"), [(0.0, True), (1e-6, True), (1e-3, False)])
def test_axes_that_lean_are_told_before_a_segmentation_is_offered(
    turned: float, is_right: bool
) -> None:
    rows = [list(row) for row in UPRIGHT]
    rows[1][2] = turned
    assert is_right_angled(rows) is is_right
    assert not is_right_angled(None)


def test_only_what_is_given_is_offered(scan: Measured) -> None:
    def names(result: object = scan.result, *, goes_back: bool = True) -> set[str]:
        picture = Picture(name="p", png=b"", width=1, height=1, slice_index=None, title="A picture")
        return {one.name for one in giveable(result, [picture], goes_back=goes_back)}  # type: ignore[arg-type]

    archive = {"report-sr.dcm", "regions-seg.dcm", "bones-seg.dcm", "report-pdf.dcm"}
    assert archive < names()
    assert not archive & names(goes_back=False)
    without_place = replace(scan.result, affine=None)
    assert archive & names(without_place) == {"report-pdf.dcm"}
    assert "p-regions.png" in names()
    text = Finding(code="burnt_in_text", severity=Severity.WARNING, advice="-")
    assert not any(name.startswith("p-") for name in names(replace(scan.result, quality=(text,))))
