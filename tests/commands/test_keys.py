"""Keys of a filled site changed and retired, also by a process that is killed on the way."""

import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from riskapp import keys
from riskapp.actions import changing_keys, finding
from riskapp.actions.changing_keys import PLAIN, change_keys, uses
from riskapp.actions.stored_bytes import (
    keep,
    keep_received,
    open_received,
    plain_path_of,
    read_kept,
)
from riskapp.models import Patient, Scan, ScanFile, ScanIdentity

PICTURE = b"a picture of a spine " * 100_000


@pytest.fixture
def filled(
    owner: User, patient: Patient, tmp_path: Path, settings: LazySettings
) -> tuple[Scan, str]:
    """One person with a scan, one file of which waits; the name under which it was received."""
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256="0" * 64)
    ScanIdentity.objects.create(scan=scan, name="EVA^O", instances=[["1.2", "1.3"]])
    sha256, size = keep([PICTURE])
    ScanFile.objects.create(scan=scan, position=0, sha256=sha256, size_bytes=size)
    return scan, keep_received([PICTURE])[0]


@pytest.fixture(autouse=True)
def ring(tmp_path_factory: pytest.TempPathFactory, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path_factory.mktemp("site")


def _said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def _is_whole(owner: User, filled: tuple[Scan, str]) -> bool:
    scan, name = filled
    scan = Scan.objects.get(pk=scan.pk)
    found = finding.patients(by=owner, matching=scan.patient.name)
    held = [scan.identity.name, scan.identity.instances, [one.pk for one in found]]
    with open_received(name) as received:
        read = received.read()
    return held == ["EVA^O", [["1.2", "1.3"]], [scan.patient_id]] and PICTURE == read == read_kept(
        scan.files.get().sha256
    )


def test_everything_comes_under_the_new_key_and_the_old_one_is_retired(
    owner: User, filled: tuple[Scan, str]
) -> None:
    old = keys.ring().active
    assert f"{old}  active" in _said("list")
    with pytest.raises(CommandError, match="active one"):
        _said("retire", old)
    said = _said("rotate")
    new = keys.ring().active
    assert new != old
    assert f"{new} is the active key" in said
    assert set(uses()) == {new}
    assert _is_whole(owner, filled)
    assert "retired" in _said("retire", old)
    assert set(keys.ring().keys) == {new}
    assert f"{old}  retired" in _said("list")
    assert _is_whole(owner, filled)
    with pytest.raises(CommandError, match="There is no key"):
        _said("retire", old)


def test_a_key_that_something_needs_is_not_retired(owner: User, filled: tuple[Scan, str]) -> None:
    old = keys.ring().active
    keys.replace_ring(keys.with_new_key)
    with pytest.raises(CommandError, match="still need this key"):
        _said("retire", old)
    assert _is_whole(owner, filled)


@pytest.mark.parametrize("killed_at", ["_rows_anew", "_kept_anew", "_in_place"])
def test_a_change_that_was_cut_off_goes_on_and_makes_no_third_key(
    killed_at: str, owner: User, filled: tuple[Scan, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(changing_keys, killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            change_keys()
    assert _is_whole(owner, filled)
    assert len(keys.ring().keys) == 2
    assert not change_keys()
    assert len(keys.ring().keys) == 2
    assert _is_whole(owner, filled)


def test_a_file_whose_person_is_erased_meanwhile_does_not_come_back_under_the_new_key(
    filled: tuple[Scan, str], monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    def kept_late(chunks: Iterable[bytes]) -> tuple[str, int]:
        made = keep(chunks)
        ScanFile.objects.all().delete()
        return made

    monkeypatch.setattr(changing_keys, "keep", kept_late)
    change_keys()
    assert not [one for one in Path(settings.SCAN_DIR).rglob("*") if one.is_file()]


def test_files_of_before_are_read_and_then_encrypted(owner: User, filled: tuple[Scan, str]) -> None:
    plain = b"a picture of before"
    sha256, size = keep([plain])
    changing_keys.path_of(sha256).unlink()
    place = plain_path_of(sha256)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(plain)
    ScanFile.objects.create(scan=filled[0], position=1, sha256=sha256, size_bytes=size)
    assert read_kept(sha256) == plain
    assert uses()[PLAIN] == 1
    place.write_bytes(b"another")
    with pytest.raises(keys.CannotDecrypt, match="changed"):
        read_kept(sha256)
    place.write_bytes(plain)
    changing_keys.encrypt_anew()
    assert not place.exists()
    assert PLAIN not in uses()
    assert read_kept(sha256) == plain
