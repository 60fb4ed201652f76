"""Structured reports, results in tags, and reports inside DICOM: made for the tests."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from imaging.measure import measure
from imaging.phantoms.dxa_report import pdf_of_text
from imaging.reports.structured import region_in
from imaging.result import ScanMeasurement, Status
from tests.drawn import spine_file
from tests.imaging.reports.pages import HOLOGIC_HIP

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    one = Dataset()
    one.CodeValue, one.CodingSchemeDesignator, one.CodeMeaning = value, scheme, meaning
    return [one]


def item(kind: str, name: list[Dataset], *children: Dataset, **values: object) -> Dataset:
    one = Dataset()
    one.RelationshipType, one.ValueType = "CONTAINS", kind
    one.ConceptNameCodeSequence = name
    for keyword, value in values.items():
        setattr(one, keyword, value)
    if children:
        one.ContentSequence = list(children)
    return one


def number(name: list[Dataset], value: str, unit: str, *children: Dataset) -> Dataset:
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = code(unit, "UCUM", unit)
    return item("NUM", name, *children, MeasuredValueSequence=[measured])


def site(value: str, meaning: str, side: str = "") -> Dataset:
    laterality = item(
        "CODE",
        code("272741003", "SCT", "Laterality"),
        ConceptCodeSequence=code("7771000", "SCT", side),
    )
    return item(
        "CODE",
        code("363698007", "SCT", "Finding Site"),
        *([laterality] if side else []),
        ConceptCodeSequence=code(value, "SCT", meaning),
    )


def group(tracking: str, *children: Dataset) -> Dataset:
    named = item("TEXT", code("112039", "DCM", "Tracking Identifier"), TextValue=tracking)
    return item("CONTAINER", code("125007", "DCM", "Measurement Group"), named, *children)


BMD = code("24701-5", "LN", "DXA Femur [Mass/Area] Bone density")
T_SCORE = code("38263-0", "LN", "DXA Femur [T-score] Bone density")


def saved(dataset: Dataset, sop_class: str, folder: Path) -> Path:
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientName, dataset.PatientID = "Zebra^Jane", "ZEBRA-0815"
    dataset.PatientBirthDate, dataset.StudyDate = "19530209", "20211204"
    dataset.Manufacturer = getattr(dataset, "Manufacturer", "GE Healthcare")
    dataset.ManufacturerModelName = getattr(dataset, "ManufacturerModelName", "Lunar iDXA")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = sop_class, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta = meta
    dataset.save_as(folder / "file.dcm", enforce_file_format=True)
    return folder / "file.dcm"


def report(folder: Path, *groups: Dataset) -> ScanMeasurement:
    dataset = Dataset()
    dataset.Modality, dataset.ValueType = "SR", "CONTAINER"
    dataset.ConceptNameCodeSequence = code("126000", "DCM", "Imaging Measurement Report")
    held = item("CONTAINER", code("126010", "DCM", "Imaging Measurements"), *groups)
    dataset.ContentSequence = [held]
    return measure([saved(dataset, COMPREHENSIVE_SR, folder)]).measurement


def told(result: ScanMeasurement) -> dict[tuple[str, str], float]:
    return {(number.name, number.region): number.value for number in result.measurements}


def test_a_tid_1500_report_gives_each_number_to_its_site(tmp_path: Path) -> None:
    neck = site("29627003", "Structure of neck of femur", "Left")
    result = report(
        tmp_path,
        group("hip", neck, number(BMD, "0.790", "g/cm2"), number(T_SCORE, "-1.8", "{T-score}")),
    )
    assert result.status is Status.MEASURED
    assert told(result) == {
        ("areal_bmd", "femoral_neck_left"): 0.790,
        ("t_score", "femoral_neck_left"): -1.8,
    }
    assert result.acquired is not None
    assert (result.acquired.on, result.acquired.manufacturer) == ("2021-12-04", "ge_lunar")
    assert all("structured report" in number.method for number in result.measurements)
    assert "Zebra" not in str(result.to_store())


def test_codes_of_a_vendor_are_read_by_their_meaning(tmp_path: Path) -> None:
    result = report(
        tmp_path,
        number(code("X1", "99VENDOR", "L1-L4 BMD"), "748", "mg/cm2"),
        number(code("X2", "99VENDOR", "L1-L4 T-score"), "-2.7", "1"),
        number(code("X3", "99VENDOR", "Right Total Hip Bone Mineral Density"), "0.842", "g/cm2"),
    )
    assert told(result) == {
        ("areal_bmd", "L1-L4"): 0.748,
        ("t_score", "L1-L4"): -2.7,
        ("areal_bmd", "total_hip_right"): 0.842,
    }


def test_units_that_do_not_fit_and_sites_that_are_not_told_give_nothing(tmp_path: Path) -> None:
    result = report(
        tmp_path,
        number(code("X1", "99VENDOR", "L1-L4 BMD"), "0.748", "g/cm3"),
        number(code("X2", "99VENDOR", "BMD"), "0.748", "g/cm2"),
        number(code("X3", "99VENDOR", "L1-L4 BMD"), "74.8", "g/cm2"),
        number(code("X4", "99VENDOR", "Left and right total hip BMD"), "0.8", "g/cm2"),
        number(code("X5", "99VENDOR", "Change of total hip BMD"), "0.08", "g/cm2"),
    )
    assert result.status is Status.REFUSED
    assert "report about bone density" in (result.reason or "")


def test_a_number_that_is_given_twice_and_differs_is_not_used(tmp_path: Path) -> None:
    name = code("X1", "99VENDOR", "L1-L4 BMD")
    result = report(
        tmp_path,
        number(name, "0.748", "g/cm2"),
        number(name, "0.848", "g/cm2"),
        number(code("X3", "99VENDOR", "Total hip BMD"), "0.842", "g/cm2"),
    )
    assert told(result) == {("areal_bmd", "total_hip"): 0.842}


def test_numbers_that_cannot_be_are_said_and_no_score_is_two(tmp_path: Path) -> None:
    result = report(
        tmp_path,
        number(code("X1", "99VENDOR", "L1-L4 BMD"), "0.748", "g/cm2"),
        number(code("X2", "99VENDOR", "L1-L4 T-score"), "-25", "1"),
        number(code("X3", "99VENDOR", "L1-L4 T/Z-score"), "-2.5", "1"),
    )
    assert told(result) == {("areal_bmd", "L1-L4"): 0.748}
    (said,) = [finding for finding in result.quality if finding.code == "value_not_read"]
    assert "T-score of L1-L4" in said.advice


@pytest.mark.parametrize(
    ("words", "region"),
    [
        ("Structure of neck of femur Right", "femoral_neck_right"),
        ("Lumbar spine", "lumbar_spine"),
        ("L2 to L4", "L2-L4"),
        ("femoral_neck_left", "femoral_neck_left"),
        ("left hip", None),  # neck or total?
        ("L1-L4 and L2-L4", None),
        ("knee", None),
    ],
)
def test_words_that_name_one_region_do_and_others_do_not(words: str, region: str | None) -> None:
    assert region_in(words) == region


LUNAR_RESULTS = (
    '<DXA_RESULTS><EXAM_DATE id="82">04/12/2021</EXAM_DATE><SCAN type="DualFemur" id="19">'
    '<ROI region="Neck Left" id="0"><BMD units=" g/cm2">0.790</BMD><BMD_PYA units="%">76</BMD_PYA>'
    "<BMD_TSCORE>-1.8</BMD_TSCORE><BMD_ZSCORE>-0.2</BMD_ZSCORE>"
    '<BMC units=" g">3.95</BMC><AREA units=" cm2">5.00</AREA></ROI>'
    '<TREND region="Neck Left"><EXAM date="x"><BMD>0.999</BMD></EXAM></TREND></SCAN></DXA_RESULTS>'
)


def picture(folder: Path, **values: object) -> Path:
    """A secondary capture without anything on it that could be read."""
    dataset = Dataset()
    dataset.Modality, dataset.SamplesPerPixel = "OT", 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = dataset.Columns = 64
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = np.arange(64 * 64, dtype=np.uint32).astype(np.uint8).tobytes()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return saved(dataset, SECONDARY_CAPTURE, folder)


def test_results_that_lunar_writes_into_image_comments(tmp_path: Path) -> None:
    result = measure([picture(tmp_path, ImageComments=LUNAR_RESULTS)]).measurement
    assert result.status is Status.MEASURED
    assert told(result) == {
        ("areal_bmd", "femoral_neck_left"): 0.790,
        ("t_score", "femoral_neck_left"): -1.8,
        ("z_score", "femoral_neck_left"): -0.2,
        ("bmc", "femoral_neck_left"): 3.95,
        ("area", "femoral_neck_left"): 5.00,
    }
    (bmd,) = [number for number in result.measurements if number.name == "areal_bmd"]
    assert "T-score against women of NHANES III" in bmd.checked_against


def test_units_in_the_tags_count(tmp_path: Path) -> None:
    for unit, value in ((" mg/cm2", "790"), (" g/cm2", "0.790")):
        said = LUNAR_RESULTS.replace('units=" g/cm2">0.790', f'units="{unit}">{value}')
        read = told(measure([picture(tmp_path, ImageComments=said)]).measurement)
        assert read["areal_bmd", "femoral_neck_left"] == 0.790
    for unit in (" mg/cm2", " g/cm3", ""):
        said = LUNAR_RESULTS.replace('units=" g/cm2">0.790', f'units="{unit}">0.790')
        read = told(measure([picture(tmp_path, ImageComments=said)]).measurement)
        assert ("areal_bmd", "femoral_neck_left") not in read


def test_results_that_hologic_writes_into_a_private_tag(tmp_path: Path) -> None:
    lines = ['PatientName = "Zebra, Jane";', 'ScanMode = "Left Hip";']
    heads = [
        "Region",
        "Area[cm<sup>2</sup>]",
        "BMC[g]",
        "BMD[g/cm&sup2;]",
        "T - Score",
        "PR",
        "Z - Score",
    ]
    cells = [
        heads,
        ["Neck", "4.90", "3.07", "0.627", "-1.9", "74", "-0.3"],
        ["Total", "33.00", "25.11", "0.761", "-1.5", "81", " "],
    ]
    for row, values in enumerate(cells):
        lines += [f'ResultsTable1[{row:2d}][{at:2d}] = "{v}";' for at, v in enumerate(values)]
    file = picture(tmp_path, Manufacturer="HOLOGIC", ManufacturerModelName="Horizon A")
    dataset = pydicom.dcmread(file)
    dataset.add_new(0x00191000, "UN", "\r\n".join(lines).encode())
    dataset.save_as(file)
    result = measure([file]).measurement
    assert told(result) == {
        ("area", "femoral_neck_left"): 4.90,
        ("bmc", "femoral_neck_left"): 3.07,
        ("areal_bmd", "femoral_neck_left"): 0.627,
        ("t_score", "femoral_neck_left"): -1.9,
        ("z_score", "femoral_neck_left"): -0.3,
        ("area", "total_hip_left"): 33.00,
        ("bmc", "total_hip_left"): 25.11,
        ("areal_bmd", "total_hip_left"): 0.761,
        ("t_score", "total_hip_left"): -1.5,
    }
    assert "Zebra" not in str(result.to_store())


def test_results_in_the_tags_stand_beside_what_the_picture_gives(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    plain = dataset.copy()
    plain.save_as(tmp_path / "plain.dcm")
    dataset.ImageComments = LUNAR_RESULTS.replace("DualFemur", "APSpine").replace(
        "Neck Left", "L1-L4"
    )
    dataset.save_as(tmp_path / "scan.dcm")
    before = measure([tmp_path / "plain.dcm"]).measurement
    after = measure([tmp_path / "scan.dcm"]).measurement
    assert after.regions == before.regions
    assert len(after.measurements) == len(before.measurements) + 5
    assert told(after)["areal_bmd", "L1-L4"] == 0.790


@pytest.mark.parametrize(
    "comments",
    ["<ROI", "<SCAN><ROI region=", LUNAR_RESULTS[:140], "<!DOCTYPE x><SCAN", "<ROI" * 2500],
)
def test_broken_results_in_the_tags_are_no_results(comments: str, tmp_path: Path) -> None:
    result = measure([picture(tmp_path, ImageComments=comments)]).measurement
    assert result.status is Status.REFUSED


def test_a_report_inside_dicom_is_read_as_a_pdf_is(tmp_path: Path) -> None:
    dataset = Dataset()
    dataset.Modality, dataset.MIMETypeOfEncapsulatedDocument = "DOC", "application/pdf"
    data = pdf_of_text(HOLOGIC_HIP)
    dataset.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    result = measure([saved(dataset, ENCAPSULATED_PDF, tmp_path)]).measurement
    assert result.status is Status.MEASURED
    assert told(result)["areal_bmd", "total_hip_left"] == 0.761
    assert result.kind.laterality == "left"
