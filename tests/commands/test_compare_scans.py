"""Two report files of one person on the command line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from imaging.measure import measure
from imaging.phantoms.dxa_report import pdf_of_text
from riskapp.management.commands import compare_scans
from tests.imaging.reports.pages import HOLOGIC_HIP


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each has had a process of its own, which takes a second to start."""
    monkeypatch.setattr(compare_scans, "measure_isolated", measure)


def reports(folder: Path) -> tuple[str, str]:
    before, after = folder / "before.pdf", folder / "after.pdf"
    before.write_bytes(pdf_of_text(HOLOGIC_HIP))
    later = HOLOGIC_HIP.replace("2021", "2023").replace("3.07      0.627", "2.84      0.580")
    after.write_bytes(pdf_of_text(later))
    return str(before), str(after)


def test_the_change_is_told_in_words(tmp_path: Path) -> None:
    out = StringIO()
    call_command("compare_scans", *reports(tmp_path), stdout=out)
    told = out.getvalue()
    assert "2.00 years" in told
    assert (
        "left femoral neck: areal bone mineral density fell by 7.5 % in 2.0 years, larger" in told
    )
    assert "left total hip: areal bone mineral density stayed the same" in told
    assert "Not tried on real scans" in told


def study(folder: Path, region: str, apart: float) -> str:
    rows = [f"{person},{region},{0.6 + again * apart}" for person in range(30) for again in (0, 1)]
    file = folder / "study.csv"
    file.write_text("person,region,value\n" + "\n".join(rows))
    return str(file)


@pytest.mark.usefixtures("in_this_process")
def test_the_sites_own_study_is_what_the_change_is_judged_by(tmp_path: Path) -> None:
    out = StringIO()
    given = study(tmp_path, "femoral_neck", 0.03)
    call_command("compare_scans", *reports(tmp_path), "--study", given, stdout=out)
    told = "within what repeating the scan alone changes by the site’s own precision"
    assert f"fell by 7.5 % in 2.0 years, {told}" in out.getvalue()


@pytest.mark.usefixtures("in_this_process")
def test_two_scanners_are_compared_only_through_a_cross_calibration(tmp_path: Path) -> None:
    before, after = reports(tmp_path)
    later = HOLOGIC_HIP.replace("2021", "2023").replace("Horizon A", "Discovery W")
    Path(after).write_bytes(pdf_of_text(later))
    with pytest.raises(CommandError, match="cross-calibration"):
        call_command("compare_scans", before, after)
    out = StringIO()
    given = ("--cross-calibration", "1.02", "0.0", "0.015")
    call_command("compare_scans", before, after, *given, stdout=out)
    assert "by the site’s cross-calibration" in out.getvalue()
    with pytest.raises(CommandError, match="such as 0.95"):
        call_command("compare_scans", before, after, "--cross-calibration", "1", "0", "0")


@pytest.mark.usefixtures("in_this_process")
def test_a_slip_and_an_unsuitable_pair_are_sentences(tmp_path: Path) -> None:
    before, after = reports(tmp_path)
    with pytest.raises(CommandError, match="REGION=SD"):
        call_command("compare_scans", before, after, "--precision", "L1-L4")
    with pytest.raises(CommandError, match="same day"):
        call_command("compare_scans", before, before)
