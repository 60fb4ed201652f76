"""Encrypted files: what comes back from any place on, and what is not opened."""

import io
import random
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from riskapp import keys, sealed_file
from riskapp.actions.stored_bytes import lent
from riskapp.sealed_file import PIECE_BYTES, SealedReader, opened, sealed_pieces
from riskapp.sealed_upload import SealedUpload

HEAD = len(b"TRBF") + 2 + len("k-00000000") + 32
SEALED_PIECE = PIECE_BYTES + 16


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.DATA_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "site"
    settings.DATA_DIR.mkdir()
    return tmp_path


def _sealed(folder: Path, plain: bytes, chunk: int = 700_001) -> Path:
    path = folder / "sealed"
    chunks = (plain[start : start + chunk] for start in range(0, len(plain), chunk))
    path.write_bytes(b"".join(sealed_pieces(chunks)))
    return path


def _bytes(count: int) -> bytes:
    return random.Random(count).randbytes(count)


@pytest.mark.parametrize(
    "count", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES]
)
def test_what_was_written_comes_back(count: int, folder: Path) -> None:
    plain = _bytes(count)
    path = _sealed(folder, plain)
    with opened(path) as file:
        assert file.read() == plain
        assert file.seek(0, io.SEEK_END) == count
    # As documented: a head, then a tag for each piece of 1 MiB, and one piece at least.
    assert path.stat().st_size == HEAD + count + 16 * max(1, -(-count // PIECE_BYTES))
    assert count < 32 or plain[:32] not in path.read_bytes()
    assert sealed_file.key_id_of(path) == keys.ring().active


def test_any_place_is_read_as_in_the_plain_file(folder: Path) -> None:
    plain = _bytes(2 * PIECE_BYTES + 77)
    path, asked = _sealed(folder, plain), random.Random(3)
    with opened(path) as file, io.BytesIO(plain) as other:
        for _ in range(200):
            place = asked.randrange(len(plain) + 10)
            count = asked.choice([1, 100, PIECE_BYTES, 2 * PIECE_BYTES])
            assert file.seek(place) == other.seek(place)
            assert file.read(count) == other.read(count)
            assert file.tell() == other.tell()


def _head_and_pieces(path: Path) -> tuple[bytes, list[bytes]]:
    data = path.read_bytes()
    body = data[HEAD:]
    return data[:HEAD], [body[i : i + SEALED_PIECE] for i in range(0, len(body), SEALED_PIECE)]


@pytest.mark.parametrize(
    "change",
    [
        "cut between pieces",
        "cut within",
        "exchanged",
        "repeated",
        "first left out",
        "of another file",
        "head alone",
        "emptied",
    ],
)
def test_pieces_that_are_not_where_they_were_are_not_opened(change: str, folder: Path) -> None:
    path = _sealed(folder, _bytes(2 * PIECE_BYTES + 77))
    head, (first, second, last) = _head_and_pieces(path)
    (folder / "other").mkdir()
    _, (_, foreign, _) = _head_and_pieces(_sealed(folder / "other", _bytes(2 * PIECE_BYTES + 77)))
    path.write_bytes(
        {
            "cut between pieces": head + first + second,
            "cut within": head + first + second + last[:-1],
            "exchanged": head + second + first + last,
            "repeated": head + first + first + last,
            "first left out": head + second + last,
            "of another file": head + first + foreign + last,
            "head alone": head,
            "emptied": head + bytes(16),
        }[change]
    )
    with pytest.raises(keys.CannotDecrypt), opened(path) as file:
        file.read()


@given(place=st.integers(0, HEAD + 40 + 15))
def test_a_changed_byte_is_noticed_wherever_it_is(place: int) -> None:
    plain = _bytes(40)
    data = bytearray(b"".join(sealed_pieces([plain])))
    data[place] ^= 1
    with pytest.raises(keys.CannotDecrypt):
        SealedReader(io.BytesIO(bytes(data))).read()


def test_a_file_that_is_not_encrypted_is_not_read(folder: Path) -> None:
    path = folder / "plain"
    path.write_bytes(b"DICM")
    assert sealed_file.key_id_of(path) is None
    with pytest.raises(keys.CannotDecrypt, match="not a file that was encrypted here"):
        opened(path)


def test_of_a_retired_key_nothing_is_read(folder: Path) -> None:
    path, old = _sealed(folder, b"plain"), keys.ring().active
    keys.replace_ring(keys.with_new_key)
    with opened(path) as file:
        assert file.read() == b"plain"
    keys.replace_ring(lambda ring: keys.without_key(ring, old))
    with pytest.raises(keys.CannotDecrypt):
        opened(path)


def test_another_process_is_lent_plain_bytes_that_are_on_no_disk(folder: Path) -> None:
    plain = _bytes(PIECE_BYTES + 5)
    with lent([opened(_sealed(folder, plain)), io.BytesIO(b"small")]) as paths:
        assert [path.read_bytes() for path in paths] == [plain, b"small"]
        assert all("memfd" in str(path.readlink()) for path in paths)
        assert plain[:64] not in (folder / "sealed").read_bytes()
    assert not any(path.exists() for path in paths)


def test_a_large_upload_waits_encrypted_in_a_file_without_a_name(folder: Path) -> None:
    plain = _bytes(3 * PIECE_BYTES)
    handler = SealedUpload()
    handler.new_file("files", "scan.dcm", "application/dicom", len(plain), None, {})
    for start in range(0, len(plain), 65_536):
        handler.receive_data_chunk(plain[start : start + 65_536], start)
    lies = Path(f"/proc/self/fd/{handler._file.fileno()}").read_bytes()
    upload = handler.file_complete(len(plain))
    assert b"".join(upload.chunks()) == plain
    assert upload.size == len(plain)
    assert plain[:64] not in lies
    assert not [path for path in (folder / "site").iterdir() if path.name != "keys.json"]
    upload.close()
    handler.upload_interrupted()
