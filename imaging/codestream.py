"""Notes that compressed pixels carry beside the picture: blanked, the picture left as it is."""

# Items of encapsulated pixels (PS3.5 annex A.4).
ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
# A JPEG or JPEG-LS stream begins with SOI, a JPEG 2000 one with SOC; then come marked segments,
# each with its length, up to the first that holds picture (SOS, SOT). Rec. ITU-T T.81 annex B,
# T.87 annex C, T.800 annex A.
BEGINNINGS = (b"\xff\xd8", b"\xff\x4f")
PICTURE = {0xDA, 0x90}
# COM of JPEG and of JPEG 2000, and the segments of Exif, XMP and IPTC (APP1, APP13). Others steer
# the decoding (APP8 of JPEG-LS, APP14 of Adobe).
NOTES = {0xFE, 0x64, 0xE1, 0xED}


def without_notes(encapsulated: bytes) -> bytes:
    """Blank comments in every fragment; lengths and the packed picture stay as they are."""
    pixels = bytearray(encapsulated)
    at = 0
    while pixels[at : at + 4] == ITEM:
        length = int.from_bytes(pixels[at + 4 : at + 8], "little")
        _blank(pixels, at + 8, min(at + 8 + length, len(pixels)))
        at += 8 + length
    return bytes(pixels)


def _blank(pixels: bytearray, start: int, end: int) -> None:
    if pixels[start : start + 2] not in BEGINNINGS:
        return
    at = start + 2
    while at + 4 <= end and pixels[at] == 0xFF and pixels[at + 1] not in PICTURE:
        length = int.from_bytes(pixels[at + 2 : at + 4], "big")
        after = min(at + 2 + length, end)
        if pixels[at + 1] in NOTES and after > at + 4:
            pixels[at + 4 : after] = bytes(after - at - 4)
        at += 2 + length
