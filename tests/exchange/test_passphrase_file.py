"""A sealed file opens whole and with its passphrase, or not at all."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange import passphrase_file
from riskapp.exchange.passphrase_file import PIECE_BYTES, CannotOpen, OpeningReader, SealingWriter

PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase_file, "COST", {"n": 2**4, "r": 8, "p": 1})


def _sealed(plain: bytes, passphrase: str = PASSPHRASE) -> bytes:
    target = io.BytesIO()
    with SealingWriter(target, passphrase) as writer:
        for start in range(0, len(plain), 10_000):
            writer.write(plain[start : start + 10_000])
    return target.getvalue()


def _opened(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return OpeningReader(io.BytesIO(sealed), passphrase).readall()


@pytest.mark.parametrize("length", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 200_000])
def test_what_was_sealed_is_opened_whatever_its_length(length: int) -> None:
    plain = bytes(number % 251 for number in range(length))
    assert _opened(_sealed(plain)) == plain


def test_nothing_of_what_was_sealed_is_to_be_read_in_the_file() -> None:
    sealed = _sealed(b"Erika Mustermann" * 100)
    assert b"Mustermann" not in sealed
    assert _sealed(b"same") != _sealed(b"same")


def test_another_passphrase_opens_nothing_and_a_short_one_seals_nothing() -> None:
    with pytest.raises(CannotOpen, match="passphrase is wrong"):
        _opened(_sealed(b"any"), "another passphrase")
    with pytest.raises(CannotOpen, match="at least 12"):
        _sealed(b"any", "eleven char")
    assert _opened(_sealed(b"any", "twelve chars"), "twelve chars") == b"any"


@settings(max_examples=60)
@given(st.data())
def test_a_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(_sealed(bytes(70_000)))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotOpen):
        _opened(bytes(sealed))


@pytest.mark.parametrize("lost", [1, 16, 5_000, PIECE_BYTES, 69_000])
def test_a_file_that_was_cut_off_is_noticed(lost: int) -> None:
    with pytest.raises(CannotOpen):
        _opened(_sealed(bytes(70_000))[:-lost])


def test_pieces_that_changed_places_are_noticed() -> None:
    sealed, size = _sealed(bytes(3 * PIECE_BYTES)), PIECE_BYTES + 16
    start = len(sealed) - 3 * size
    head, first, second = sealed[:start], sealed[start:][:size], sealed[start + size :][:size]
    with pytest.raises(CannotOpen):
        _opened(head + second + first + sealed[start + 2 * size :])


@pytest.mark.parametrize(
    "stranger", [b"", b"x", b"PK\x03\x04 a zip", passphrase_file.MAGIC + b"\xff\xff{}"]
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(stranger: bytes) -> None:
    with pytest.raises(CannotOpen, match="not a file that was sealed here"):
        _opened(stranger)
