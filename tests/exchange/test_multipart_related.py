"""Parts of a message come one by one; what is cut off or hostile is refused in a sentence."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.multipart_related import BrokenMessage, media_type, parts
from riskapp.exchange.receiving import RECEIVING

HEAD = b"Content-Type: application/dicom\r\n\r\n"


def message(*bodies: bytes, boundary: bytes = b"B", head: bytes = HEAD) -> bytes:
    lines = (b"\r\n--" + boundary + b"\r\n" + head + body for body in bodies)
    return b"".join(lines) + b"\r\n--" + boundary + b"--\r\n"


def read(data: bytes, boundary: str = "B", piece: int = 7) -> list[bytes]:
    chunks = (data[at : at + piece] for at in range(0, len(data), piece))
    return [b"".join(part.chunks) for part in parts(chunks, boundary)]


# RFC 2046 section 5.1.1, the example of a multipart message: a preamble, a part without a head,
# one with, an epilogue.
RFC_2046 = (
    b"This is the preamble.  It is to be ignored.\r\n--simple boundary\r\n\r\n"
    b"This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.\r\n"
    b"--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\n"
    b"This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n"
    b"\r\n--simple boundary--\r\n\r\nThis is the epilogue.  It is also to be ignored.\r\n"
)


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_the_example_of_the_standard(piece: int) -> None:
    assert read(RFC_2046, "simple boundary", piece) == [
        b"This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
        b"This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
    ]


@given(
    st.lists(st.binary(max_size=40).filter(lambda body: b"--B" not in body), max_size=4),
    st.integers(1, 50),
)
def test_whatever_the_bodies_are_they_come_back(bodies: list[bytes], piece: int) -> None:
    assert read(message(*bodies), piece=piece) == bodies


@given(st.binary(max_size=60), st.integers(1, 50))
def test_whatever_is_sent_is_parts_or_a_sentence(data: bytes, piece: int) -> None:
    for sent in (data, message(b"x", head=data + b"\r\n\r\n"), b"--B" + data):
        with suppress(BrokenMessage):
            read(sent, piece=piece)


@given(st.text(max_size=60))
def test_whatever_a_media_type_says_it_is_read(text: str) -> None:
    assert isinstance(media_type(text).name, str)
    assert isinstance(media_type(f"multipart/related; {text}").parameters, dict)


def test_the_first_boundary_may_stand_at_the_very_start() -> None:
    assert read(message(b"one")[2:]) == [b"one"]


@pytest.mark.parametrize("cut", [5, 20, -3, -9])
def test_a_message_that_was_cut_off_is_said_so(cut: int) -> None:
    whole = message(b"one", b"two")
    with pytest.raises(BrokenMessage, match="cut off"):
        read(whole[:cut])


def test_what_came_before_the_cut_was_whole() -> None:
    cut = parts(iter([message(b"one", b"two")[:-12]]), "B")
    assert list(next(cut).chunks) == [b"one"]
    with pytest.raises(BrokenMessage):
        list(next(cut).chunks)


def test_a_part_that_nobody_reads_is_passed_over() -> None:
    whole = message(b"one" * 50, b"two")
    kinds = [part.media_type.name for part in parts(iter([whole]), "B")]
    assert kinds == ["application/dicom"] * 2


def test_heads_are_bounded() -> None:
    most = RECEIVING.part_headers_bytes
    short = b"X: " + b"x" * (most - 20) + b"\r\n\r\n"
    assert read(message(b"one", head=short), piece=500) == [b"one"]
    with pytest.raises(BrokenMessage, match="too long"):
        read(message(b"one", head=b"X: " + b"x" * most + b"\r\n\r\n"), piece=500)

    def endless() -> Iterator[bytes]:
        yield b"--B\r\nX: "
        while True:
            yield b"x" * 1000

    with pytest.raises(BrokenMessage, match="too long"):
        list(parts(endless(), "B"))


@pytest.mark.parametrize("boundary", ["", "x" * 129, "with\nline", "ends ", "ü", "a" * 10_000])
def test_boundaries_that_cannot_be_one_are_refused(boundary: str) -> None:
    with pytest.raises(BrokenMessage, match="boundary"):
        read(message(b"one"), boundary)


def test_the_longest_boundary_is_taken() -> None:
    assert read(message(b"one", boundary=b"x" * 128), "x" * 128) == [b"one"]
