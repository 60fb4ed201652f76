"""Every list of what is accepted is that of ``imaging.intake.accepted``, and it is true."""

from pathlib import Path

from imaging.intake.accepted import FORMATS, KINDS, MEASURED, page
from imaging.intake.gathering import Format
from imaging.measure import PROJECTION_WAYS, VOLUME_WAYS

HERE = Path(__file__).parents[2]


def test_every_way_of_measuring_is_listed_and_nothing_else() -> None:
    keys = [key for kind in KINDS for key in kind.keys]
    assert sorted(keys) == sorted([*PROJECTION_WAYS, *((name,) for name in VOLUME_WAYS)])


def test_every_format_that_is_opened_is_listed() -> None:
    archives = {Format.ZIP, Format.GZIP, Format.UNKNOWN}
    for kind in set(Format) - archives:
        assert kind.value.split()[0] in FORMATS


def test_refusals_name_reports_and_every_modality() -> None:
    for word in ("DXA", "reports", "CT", "MRI", "radiographs"):
        assert word in MEASURED
    assert len(MEASURED.split()) <= 40


def test_the_page_is_as_the_tables_are() -> None:
    written = (HERE / "docs" / "what-is-read.md").read_text(encoding="utf-8")
    assert written == page(), "run manage.py accepted_page"


def test_readers_are_led_to_the_page() -> None:
    for name in ("README.md", "docs/integration.md"):
        assert "what-is-read.md" in (HERE / name).read_text(encoding="utf-8")
