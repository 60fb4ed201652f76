"""What goes back to an archive, read again with other eyes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from imaging.errors import UnsuitableScan
from imaging.intake.gathering import gather
from imaging.keeping.splitting import split
from imaging.result import ScanMeasurement
from riskapp.exchange.dicom_origin import Sender, read_origin, restored_origin, uid_for
from riskapp.exchange.scan_files import ScanResult, kinds
from tests.exchange import dicom_scans
from tests.exchange.dicom_files import ct, dxa, edition, files, read_back
from tests.exchange.dicom_scans import AXIAL, NAME, NUMBER, SAGITTAL, Measured

__all__ = ["ct", "dxa"]


def items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from items(item)


def numbers(report: Dataset) -> list[tuple[str, str, float, str]]:
    """Tracking identifier, code, value and unit of each number, read without our library."""
    read = []
    for group in items(report):
        here = group.get("ContentSequence", ())
        name = next((one.TextValue for one in here if _concept(one) == "112039"), None)
        for one in here if name else ():
            if one.ValueType == "NUM":
                value = one.MeasuredValueSequence[0]
                unit = value.MeasurementUnitsCodeSequence[0].CodeValue
                read.append((name, _concept(one), float(value.NumericValue), unit))
    return read


def _concept(item: Dataset) -> str:
    code = item.ConceptNameCodeSequence[0] if item.get("ConceptNameCodeSequence") else None
    return str(code.get("CodeValue") or code.get("LongCodeValue")) if code else ""


def values_within(segmentation: Dataset, number: int, sources: tuple[Dataset, ...]) -> list[float]:
    """HU of the source voxels under a segment, found by their place in the patient alone."""
    found = []
    frames = segmentation.pixel_array
    frames = frames[None] if frames.ndim == 2 else frames
    common = segmentation.SharedFunctionalGroupsSequence[0]
    for mask, own in zip(frames, segmentation.PerFrameFunctionalGroupsSequence, strict=True):
        # What is the same of all frames is said once for all.
        of = own if "SegmentIdentificationSequence" in own else common
        if of.SegmentIdentificationSequence[0].ReferencedSegmentNumber != number:
            continue
        spacing = np.array(common.PixelMeasuresSequence[0].PixelSpacing, dtype=float)
        turned = common.PlaneOrientationSequence[0].ImageOrientationPatient
        along, down = np.array(turned, dtype=float).reshape(2, 3)
        corner = np.array(own.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        row, column = np.argwhere(mask).T[..., None]
        places = corner + along * column * spacing[1] + down * row * spacing[0]
        found += _values_at(places, sources)
    return found


def _values_at(places: np.ndarray, sources: tuple[Dataset, ...]) -> list[float]:
    """HU at places, of shape (count, 3), each of which one of the slices goes through."""
    values = np.full(len(places), np.nan)
    for source in sources:
        along, down = np.array(source.ImageOrientationPatient, dtype=float).reshape(2, 3)
        away = places - np.array(source.ImagePositionPatient, dtype=float)
        here = np.abs(away @ np.cross(along, down)) < 0.01
        spacing = np.array(source.PixelSpacing, dtype=float)
        exact = np.stack([away @ down, away @ along], axis=1)[here] / spacing
        pixel = exact.round().astype(int)
        assert np.abs(exact - pixel).max(initial=0) < 0.01
        values[here] = source.pixel_array[tuple(pixel.T)] - 1024.0
    assert not np.isnan(values).any(), "no slice lies here"
    return list(values)


@pytest.mark.parametrize(
    ("directions", "more"),
    [(AXIAL, {}), (AXIAL, {"backwards": True}), (SAGITTAL, {}), (AXIAL, {"overlapping": True})],
)
def test_a_segment_covers_the_very_voxels_that_were_measured(
    directions: tuple, more: dict, tmp_path: Path
) -> None:
    scan = dicom_scans.ct(tmp_path, directions, **more)
    segmentation = read_back(scan, "regions-seg.dcm")
    labels = [one.SegmentLabel for one in segmentation.SegmentSequence]
    assert labels == ["L2", "L1"]
    means = {
        one.region: one.value
        for one in scan.result.measurements
        if one.name == "trabecular_attenuation_hu"
    }
    for at, label in enumerate(labels, start=1):
        values = values_within(segmentation, at, scan.sources)
        assert np.mean(values) == pytest.approx(means[label], abs=1e-3)


@pytest.mark.parametrize("directions", [AXIAL, SAGITTAL])
def test_whole_bones_are_a_segmentation_of_their_own(directions: tuple, tmp_path: Path) -> None:
    scan = dicom_scans.ct(tmp_path, directions)
    segmentation = read_back(scan, "bones-seg.dcm")
    assert [one.SegmentLabel for one in segmentation.SegmentSequence] == ["L2 whole"]
    bone = scan.result.regions[0].bone
    assert bone is not None
    values = values_within(segmentation, 1, scan.sources)
    assert len(values) == bone.mask.sum()


def test_a_segment_of_a_flat_picture_lies_on_its_pixels(
    dxa: tuple[Measured, dict[str, Path]],
) -> None:
    scan, written = dxa
    segmentation, source = pydicom.dcmread(written["regions-seg.dcm"]), scan.sources[0]
    assert (segmentation.Rows, segmentation.Columns) == (source.Rows, source.Columns)
    mask = segmentation.pixel_array.reshape(source.Rows, source.Columns).astype(bool)
    assert source.pixel_array[mask].mean() == pytest.approx(scan.result.measurements[0].value)


def test_every_number_stands_in_the_report_with_its_code_and_unit(
    dxa: tuple[Measured, dict[str, Path]], ct: tuple[Measured, dict[str, Path]]
) -> None:
    for scan, written in (dxa, ct):
        told = numbers(pydicom.dcmread(written["report-sr.dcm"]))
        expected = [(one.region, one.value, one.unit) for one in scan.result.measurements]
        assert [(name, unit) for name, _, _, unit in told] == [(r, u) for r, _, u in expected]
        assert [value for _, _, value, _ in told] == pytest.approx(
            [value for _, value, _ in expected]
        )
    codes = {name: code for name, code, _, _ in numbers(pydicom.dcmread(dxa[1]["report-sr.dcm"]))}
    assert codes["neck_axis"] == "hip_axis_length_mm"  # no standard code: our own scheme
    assert ("L1", "Q4LE") in {
        (name, code) for name, code, _, _ in numbers(pydicom.dcmread(dxa[1]["report-sr.dcm"]))
    }
    ct_codes = {code for _, code, _, _ in numbers(pydicom.dcmread(ct[1]["report-sr.dcm"]))}
    assert {"112181", "112183"} <= ct_codes  # mean and spread of attenuation, PS3.16


def test_results_repeat_patient_and_study_and_point_at_the_images(
    dxa: tuple[Measured, dict[str, Path]], ct: tuple[Measured, dict[str, Path]]
) -> None:
    for scan, written in (dxa, ct):
        source = scan.sources[0]
        for path in written.values():
            made = pydicom.dcmread(path)
            assert (str(made.PatientName), made.PatientID) == (NAME, NUMBER)
            assert (made.StudyInstanceUID, made.AccessionNumber) == (
                source.StudyInstanceUID, "ACC-77",
            )  # fmt: skip
            assert made.SeriesInstanceUID != source.SeriesInstanceUID
            named = path.read_bytes()
            assert all(str(one.SOPInstanceUID).encode() in named for one in scan.sources[:1])
    report = pydicom.dcmread(dxa[1]["report-sr.dcm"])
    observers = [str(one.get("PersonName") or one.get("TextValue")) for one in items(report)]
    assert {"reader^", "Trabecula"} <= set(observers)
    tracked = {
        str(one.UID)
        for one in items(report)
        if one.ValueType == "UIDREF" and _concept(one) == "112040"
    }
    assert uid_for("key", "region", "L1") in tracked


def test_an_outline_in_the_report_is_where_it_was_drawn(
    dxa: tuple[Measured, dict[str, Path]],
) -> None:
    scan, written = dxa
    report = pydicom.dcmread(written["report-sr.dcm"])
    drawn = [one for one in items(report) if one.ValueType == "SCOORD"]
    assert [one.GraphicType for one in drawn] == ["POLYLINE", "POLYLINE", "MULTIPOINT"]
    outline = np.array(drawn[0].GraphicData).reshape(-1, 2)
    # SCOORD counts from the corner of the first pixel, the polygon from its centre.
    polygon = np.array(scan.result.regions[0].polygon)
    assert outline[:-1] - 0.5 == pytest.approx(polygon, abs=1e-4)
    assert outline[0] == pytest.approx(outline[-1])


def test_writing_twice_gives_the_same_objects(ct: tuple[Measured, dict[str, Path]]) -> None:
    scan, written = ct
    again = files(scan, "again")
    for name, path in written.items():
        one, other = pydicom.dcmread(path), pydicom.dcmread(again[name])
        assert one.SOPInstanceUID == other.SOPInstanceUID


def test_identity_never_reaches_a_log_or_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    scan = dicom_scans.dxa(tmp_path)
    with caplog.at_level("INFO"):
        files(scan)
    said = caplog.text + " ".join(str(one.message) for one in recwarn)
    assert NAME not in said
    assert NUMBER not in said


def test_files_kept_without_identity_get_their_senders_names_back(
    ct: tuple[Measured, dict[str, Path]],
) -> None:
    scan, _ = ct
    parts = split(gather([scan.folder]))
    sender = Sender(
        study_uid=parts.identities[0].study_uid,
        frame_uid=parts.identities[0].frame_uid,
        instances=[(one.series_uid, one.instance_uid) for one in parts.identities],
        identity={"PatientName": NAME, "PatientID": NUMBER},
    )
    origin, before = restored_origin(parts.files(b"secret"), sender), read_origin([scan.folder])
    assert origin.identity["PatientName"] == before.identity["PatientName"] == NAME
    for one, other in zip(origin.images, before.images, strict=True):
        for name in (
            "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID",
            "ImagePositionPatient", "Rows",
        ):  # fmt: skip
            assert one.get(name) == other.get(name), name


def test_a_scan_that_was_no_dicom_has_nowhere_to_go_back_to(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("words")
    with pytest.raises(UnsuitableScan, match="did not come as DICOM"):
        read_origin([tmp_path])


def test_a_measurement_without_a_place_in_the_body_is_refused_in_a_sentence(
    ct: tuple[Measured, dict[str, Path]],
) -> None:
    scan, _ = ct
    stored = scan.result.to_store() | {"affine": None}
    result = ScanResult(
        ScanMeasurement.from_json(stored), (), "-", edition(), lambda: read_origin([scan.folder])
    )
    with pytest.raises(UnsuitableScan, match="measure it again"):
        {one.name: one for one in kinds(result.result, ())}["regions-seg.dcm"].write(result)
