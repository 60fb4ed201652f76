"""Whose page it is: read behind labels, in text and in pictures, and never guessed."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pydicom
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import EncapsulatedPDFStorage

from imaging.errors import UnsuitableScan
from imaging.identity.whose import names_somebody, same_name
from imaging.intake.gathering import Format, Source, gather
from imaging.isolated.storing import keep_isolated
from imaging.keeping.printed_identity import (
    Printed,
    check_one_printed,
    days_in,
    one_reading,
    printed_in,
)
from imaging.keeping.splitting import split
from imaging.phantoms.dxa_report import pdf_of_text
from imaging.reports import ocr
from tests.drawn import spine_file
from tests.imaging.reports.pages import HOLOGIC_HIP, drawn, pdf_of_picture

TODAY = date(2026, 11, 21)
HEAD = "Name: Zqxworth, Baldric          Patient ID: ZQX0042      DOB: 03 February 1941\n"
SOMEBODY = Printed(
    identifier="ZQX0042", name="Zqxworth^Baldric", birth_dates=("1941-02-03",), sex=""
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Name: Zqxworth, Baldric Patient ID: ZQX0042 DOB: 03 February 1941 Sex: Male",
            ("Zqxworth^Baldric", "ZQX0042", ("1941-02-03",), "male"),
        ),
        (
            "Patient:    SMITH, JANE A     Facility ID:  \nBirth Date:  1/13/1950   70.1 years\n"
            "Patient ID:  12-345     Measured: 3/4/2020\nSex / Ethnic: Female White",
            ("SMITH^JANE A", "12-345", ("1950-01-13",), "female"),
        ),
        (
            "Physician Name: House, Greg   Name: Müller, Änne\n"
            "geb. 03.02.1941  Geschlecht: weiblich",
            ("Müller^Änne", "", ("1941-02-03",), "female"),
        ),
        (
            "Nom: Dupont Prénom: Marie\nné(e) le 3 février 1941\nN° patient: 123",
            ("Dupont^Marie", "123", ("1941-02-03",), ""),
        ),
        (
            "Apellidos: García López  Nombre: Ana  Fecha de nacimiento: 03/02/1941",
            ("García López^Ana", "", ("1941-02-03", "1941-03-02"), ""),
        ),
        ("患者氏名：山田太郎 生年月日：1941年2月3日", ("山田太郎", "", ("1941-02-03",), "")),
        ("Patient Name    Muster Erika    Patient ID    A-1", ("Muster Erika", "A-1", (), "")),
        # Nobody is named by these.
        ("Region  Area  BMC  BMD  T-score\nNeck  5.1  3.3  0.7  -1.2", ("", "", (), "")),
        ("Name  Value\nReference Name: NHANES\nFile name: report", ("", "", (), "")),
        ("Referring Physician: Dr Foo   Operator: Bar", ("", "", (), "")),
        ("Patient: Anonymous   Patient ID: unknown", ("", "", (), "")),
        ("The patient: is well.  Patient: female, 58 years", ("", "", (), "")),
        ("Scan Date: 14 March 2024", ("", "", (), "")),
    ],
)  # fmt: skip
def test_what_stands_behind_a_label_is_read_and_nothing_else(
    text: str, told: tuple[str, str, tuple[str, ...], str]
) -> None:
    read = printed_in(text, TODAY)
    assert (read.name, read.identifier, read.birth_dates, read.sex) == told


@given(st.dates(date(1900, 1, 1), TODAY))
def test_a_birth_date_is_read_whichever_way_it_is_written(day: date) -> None:
    forms = ("%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%Y%m%d", "%d-%b-%Y")
    for form in forms:
        assert days_in(day.strftime(form), TODAY) == (day.isoformat(),)
    # The country is not known: the day is one of two.
    assert day.isoformat() in days_in(day.strftime("%d/%m/%Y"), TODAY)
    assert day.isoformat() in days_in(day.strftime("%m/%d/%y"), TODAY)


def test_a_day_to_come_is_nobodys_birth_date() -> None:
    assert days_in("21.11.2026", TODAY) == ("2026-11-21",)
    assert days_in("22.11.2026", TODAY) == ()


def test_two_people_on_pages_of_text_are_refused_and_two_ways_of_writing_one_are_not() -> None:
    check_one_printed([SOMEBODY, Printed(name="Baldric Zqxworth"), Printed(name="ZQXWORTH, B.")])
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        check_one_printed([SOMEBODY, Printed(name="Zqxworth, Edmund")])
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        check_one_printed([SOMEBODY, Printed(birth_dates=("1941-02-04",))])


def test_one_misread_letter_on_a_page_is_no_other_person_and_another_name_is() -> None:
    read = [Printed(identifier=one) for one in ("DXA2-01", "DNA2-01", "DXA2-01")]
    assert one_reading(read) == (Printed(identifier="DXA2-01"),)
    other = (SOMEBODY, Printed(name="Muster^Erika", identifier="A-1"))
    assert one_reading(other) == other


@pytest.mark.parametrize(
    ("name", "number", "is_person"),
    [
        ("ZQXWORTH^BALDRIC", "ZQX0042", True),
        ("CRLM-CT-1006", "CRLM-CT-1006", False),
        ("HIP", "HIP", False),
        ("Anonymous^Person", "7", False),
        ("case 12", "7", False),
        ("", "7", False),
    ],
)
def test_a_code_in_the_place_of_a_name_names_nobody(
    name: str, number: str, is_person: bool
) -> None:
    assert names_somebody(name, number) is is_person


def kept(data: bytes, form: Format) -> tuple[tuple[Printed, ...], bool]:
    parts = split([Source(data, form)])
    return parts.printed, parts.print_unread


def encapsulated(pdf: bytes) -> bytes:
    dataset = pydicom.dcmread(BytesIO(spine_file(7)))
    del dataset.PixelData
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    dataset.Modality = "DOC"
    dataset.PatientName = dataset.PatientID = ""
    dataset.EncapsulatedDocument = pdf + b"\x00" * (len(pdf) % 2)
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def test_a_pdf_tells_whose_it_is_alone_and_inside_dicom_with_blank_tags() -> None:
    pdf = pdf_of_text(HEAD + HOLOGIC_HIP)
    for data, form in ((pdf, Format.PDF), (encapsulated(pdf), Format.DICOM)):
        assert kept(data, form) == ((SOMEBODY,), False)
    # Without labels nobody is named, and it is said that somebody may be.
    assert kept(pdf_of_text("Region  BMD\nNeck  0.700"), Format.PDF) == ((), True)


def test_two_pages_of_two_people_are_refused() -> None:
    both = pypdf.PdfWriter()
    for page in (HEAD, HEAD.replace("Baldric", "Edmund")):
        both.append(BytesIO(pdf_of_text(page + HOLOGIC_HIP)))
    sink = BytesIO()
    both.write(sink)
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        split([Source(sink.getvalue(), Format.PDF)])


@pytest.mark.skipif(
    not ocr.is_there(), reason="needs the program tesseract, which is not installed here"
)
def test_a_picture_of_a_page_tells_whose_it_is(tmp_path: Path) -> None:
    page = drawn(HEAD + HOLOGIC_HIP)
    page.save(tmp_path / "page.png")
    for read in (
        keep_isolated([tmp_path / "page.png"], b"key", lambda pieces: (str(len(list(pieces))), 1)),
        split([Source(pdf_of_picture(page), Format.PDF)]),
    ):
        (told,) = read.printed
        assert told.identifier == SOMEBODY.identifier
        assert told.birth_dates == SOMEBODY.birth_dates
        assert same_name(told.name, SOMEBODY.name)
        assert not read.print_unread


def test_without_a_reader_of_pictures_it_is_said_that_a_page_may_name_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr.shutil, "which", lambda _: None)
    drawn(HEAD + HOLOGIC_HIP).save(tmp_path / "page.png")
    parts = split(gather([tmp_path / "page.png"]))
    assert (parts.printed, parts.print_unread) == ((), True)


def test_a_picture_without_print_is_no_page(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((400, 300)).save(tmp_path / "plain.png")
    parts = split(gather([tmp_path / "plain.png"]))
    assert (parts.printed, parts.print_unread) == ((), False)
