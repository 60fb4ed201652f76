"""The command that measures one scan."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image
from pypdf import PdfReader

from imaging.errors import MeasuringBroke
from imaging.measure import measure as measure_here
from imaging.phantoms import dxa_spine_dicom
from riskapp.exchange.wording import SAFETY
from riskapp.management.commands import measure

SHAPE = {"status", "reason", "kind", "spacing", "quality", "regions", "measurements"}


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    file = tmp_path / "scan"
    file.write_bytes(dxa_spine_dicom(1))
    return file


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is about what is said: to start a process of its own takes a second."""
    monkeypatch.setattr(measure, "measure_isolated", measure_here)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What is printed of a scan of somebody, and the folder that is written."""
    folder = tmp_path_factory.mktemp("written")
    named = pydicom.dcmread(BytesIO(dxa_spine_dicom(1)))
    named.PatientName = "SOMEBODY^WITHNAME"
    named.save_as(folder / "scan")
    printed = StringIO()
    call_command(
        "measure", str(folder / "scan"), "--json", "--out", str(folder / "out"), stdout=printed
    )
    return printed.getvalue(), folder / "out"


def test_a_measured_scan_has_the_promised_shape(written: tuple[str, Path]) -> None:
    printed, out = written
    answer = json.loads(printed)
    assert set(answer) == SHAPE
    assert answer["status"] == "measured"
    assert answer["reason"] is None
    assert set(answer["kind"]) == {"modality", "body_part", "view", "laterality"}
    assert {"id", "label", "method", "confidence", "polygon"} <= set(answer["regions"][0])
    assert {"name", "region", "value", "unit", "method", "source", "precision"} <= set(
        answer["measurements"][0]
    )
    assert json.loads((out / "measurement.json").read_text()) == answer
    assert (out / "projection.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_gets_every_file_and_only_what_goes_back_names_the_patient(
    written: tuple[str, Path],
) -> None:
    printed, out = written
    assert "SOMEBODY" not in printed
    plain = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert set(plain) == {
        "measurement.json", "measurements.csv", "narrative.txt", "report.pdf", "projection.png",
        "projection-regions.png", "projection-regions.svg", "projection-regions-print.png",
        "projection-regions-print.svg",
    }  # fmt: skip
    assert not [name for name, content in plain.items() if b"SOMEBODY" in content]
    pages = PdfReader(out / "report.pdf").pages
    assert len(pages) == 1
    assert "Lumbar texture score" in pages[0].extract_text()
    assert SAFETY[:40] in pages[0].extract_text()
    back = {path.name: path.read_bytes() for path in (out / "for-archive").iterdir()}
    assert set(back) == {"report-sr.dcm", "regions-seg.dcm", "report-pdf.dcm"}
    assert all(b"SOMEBODY^WITHNAME" in content for content in back.values())


def test_a_refused_scan_has_its_page_and_nothing_to_send_back(tmp_path: Path) -> None:
    picture = tmp_path / "scan.png"
    grey = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    Image.fromarray(grey).save(picture)
    with pytest.raises(SystemExit):
        call_command("measure", str(picture), "--out", str(tmp_path / "out"), stdout=StringIO())
    assert "Bone was not measured" in (tmp_path / "out" / "narrative.txt").read_text()
    assert not list((tmp_path / "out" / "for-archive").iterdir())


@pytest.mark.usefixtures("in_this_process")
def test_the_answer_is_printed_where_a_folder_cannot_be_written_into(scan: Path) -> None:
    printed = StringIO()
    with pytest.raises(CommandError, match="Cannot write into") as stopped:
        call_command("measure", str(scan), "--json", "--out", str(scan), stdout=printed)
    assert stopped.value.returncode == 2
    assert json.loads(printed.getvalue())["status"] == "measured"


def test_a_fault_of_ours_is_a_sentence_and_an_exit_status(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise MeasuringBroke("The fault is ours.")

    monkeypatch.setattr(measure, "measure_isolated", break_down)
    printed = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("measure", str(scan), "--json", stdout=printed)
    assert stopped.value.code == 2
    assert json.loads(printed.getvalue())["reason"] == "The fault is ours."


@pytest.mark.usefixtures("in_this_process")
def test_a_terminal_gets_lines(scan: Path) -> None:
    printed = StringIO()
    call_command("measure", str(scan), stdout=printed)
    assert "lumbar_texture_score" in printed.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", 2, "unreadable"),
        (b"just text", 2, "unreadable"),
        (dxa_spine_dicom(0).replace(b"CS\x02\x00CR", b"CS\x02\x00US"), 3, "refused"),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_other_answers_have_their_exit_status(
    content: bytes, status: int, word: str, tmp_path: Path
) -> None:
    file = tmp_path / "scan"
    file.write_bytes(content)
    printed = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("measure", str(file), "--json", stdout=printed)
    assert stopped.value.code == status
    answer = json.loads(printed.getvalue())
    assert answer["status"] == word
    assert answer["reason"]
    assert set(answer) == SHAPE
