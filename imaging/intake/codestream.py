"""What compressed pixels say of themselves: sizes, held against the file's; notes, blanked."""

import struct
from collections.abc import Iterator

# An item of encapsulated pixels (PS3.5 annex A.4).
ITEM = b"\xfe\xff\x00\xe0"
# A JPEG or JPEG-LS stream begins with SOI, a JPEG 2000 one with SOC; then come marked segments,
# each with its length, up to the first that holds picture (SOS, SOT). Rec. ITU-T T.81 annex B,
# T.87 annex C, T.800 annex A.
BEGINNINGS = (b"\xff\xd8", b"\xff\x4f")
PICTURE = {0xDA, 0x90}
# COM of JPEG and of JPEG 2000, and the segments of Exif, XMP and IPTC (APP1, APP13). Others steer
# the decoding (APP8 of JPEG-LS, APP14 of Adobe).
NOTES = {0xFE, 0x64, 0xE1, 0xED}


# Segments with the size of the picture: SOF of JPEG and JPEG-LS, SIZ of JPEG 2000.
FRAME = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
SIZ = 0x51
MOST_COMPONENTS = 4
# A JPEG 2000 stream may stand in boxes of its own, near their beginning (T.800 annex I).
BOXED, BOXES_BYTES = b"\x00\x00\x00\x0cjP", 4096


def agrees(encapsulated: bytes, rows: int, columns: int) -> bool:
    """Tell whether every packed picture is as large as the file says.

    A decoder takes memory for what the packed picture claims, whatever the file does.
    """
    for start, end in _fragments(encapsulated):
        if encapsulated.startswith(BOXED, start):
            start = encapsulated.find(b"\xff\x4f\xff\x51", start, start + BOXES_BYTES)
        if start >= 0 and encapsulated[start : start + 2] in BEGINNINGS:
            size = _size(encapsulated, start, end)
            if size is not None and size != (rows, columns):
                return False
    return True


def _size(stream: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Read rows and columns; none if too many components would multiply them."""
    for marker, at, length in _segments(stream, start, end):
        if marker == SIZ and length >= 38:
            right, down, left, top = struct.unpack_from(">4I", stream, at + 4)
            components = struct.unpack_from(">H", stream, at + 36)[0]
            return (down - top, right - left) if components <= MOST_COMPONENTS else (-1, -1)
        if marker in FRAME and length >= 8:
            high, wide, components = struct.unpack_from(">HHB", stream, at + 3)
            return (high, wide) if components <= MOST_COMPONENTS else (-1, -1)
    return None


def without_notes(encapsulated: bytes) -> bytes:
    """Blank comments in every fragment; lengths and the packed picture stay as they are."""
    pixels = bytearray(encapsulated)
    for start, end in _fragments(encapsulated):
        if encapsulated[start : start + 2] not in BEGINNINGS:
            continue
        for marker, at, length in _segments(encapsulated, start, end):
            after = min(at + length, end)
            if marker in NOTES and after > at + 2:
                pixels[at + 2 : after] = bytes(after - at - 2)
    return bytes(pixels)


def _fragments(encapsulated: bytes) -> Iterator[tuple[int, int]]:
    """Give where each item of encapsulated pixels begins and ends."""
    at = 0
    while encapsulated[at : at + 4] == ITEM:
        length = int.from_bytes(encapsulated[at + 4 : at + 8], "little")
        yield at + 8, min(at + 8 + length, len(encapsulated))
        at += 8 + length


def _segments(stream: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give marker, place behind it and length of each segment before the first of picture."""
    at = start + 2
    while at + 4 <= end and stream[at] == 0xFF and stream[at + 1] not in PICTURE:
        length = int.from_bytes(stream[at + 2 : at + 4], "big")
        yield stream[at + 1], at + 2, length
        at += 2 + max(length, 2)
