"""Small files of several makers' shapes, broken at every place: one sentence from each reader."""

import tempfile
from pathlib import Path

import pytest

from imaging.errors import ScanError
from imaging.intake.head import read_head
from imaging.measure import measure
from imaging.result import Status
from tests.imaging import hostile_files
from tests.imaging.hostile_files import cut_short, lying, of_another_kind, small, written

# Unpacking and decoding are tried where they can do harm: in the limited child (test_fault_corpus).
MADE = {
    **{
        f"{how.__name__} {maker}": (lambda how=how, maker=maker: how(written(small(maker))))
        for how in (cut_short, lying, of_another_kind)
        for maker in ("ge", "hologic", "siemens", "philips")
    },
    **{
        how.__name__: how
        for how in (
            hostile_files.fragments, hostile_files.of_two_kinds, hostile_files.archives,
            hostile_files.odd,
        )
    },
}  # fmt: skip


def test_what_is_broken_was_sound_before(tmp_path: Path) -> None:
    file = tmp_path / "scan"
    for maker in ("ge", "hologic", "siemens", "philips"):
        file.write_bytes(written(small(maker)))
        assert read_head(file).identity.identifier == "A-1"
        assert measure([file]).measurement.status is Status.REFUSED  # no spine in 8 x 8


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", MADE)
def test_each_is_answered_in_one_sentence_and_leaves_nothing(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (left := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    file, tried = tmp_path / "scan", 0
    for name, data in MADE[how]():
        file.write_bytes(data)
        result = measure([file]).measurement
        assert result.status in {Status.REFUSED, Status.UNREADABLE}, name
        assert is_sentence(result.reason or ""), (name, result.reason)
        said = head_refused(file)
        assert said is None or is_sentence(said), (name, said)
        tried += 1
    assert tried >= 7
    assert not list(left.iterdir())


def head_refused(file: Path) -> str | None:
    try:
        read_head(file)
    except ScanError as reason:
        return str(reason)
    return None


def is_sentence(said: str) -> bool:
    return said.endswith(".") and said.isprintable() and 10 < len(said) < 400
