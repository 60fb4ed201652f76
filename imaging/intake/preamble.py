"""The free first bytes of a DICOM file, which can make it a second kind of file as well."""

from imaging.errors import UnreadableScan

# TIFF is the one honest use (whole-slide images); programs and pages are not.
# CERT/CC and NEMA on CVE-2019-11687: executables in the DICOM preamble.
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
BEGINS = {
    b"MZ": "a Windows program",
    b"ZM": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xce\xfa\xed\xfe": "a macOS program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xfe\xed\xfa\xce": "a macOS program",
    b"\xfe\xed\xfa\xcf": "a macOS program",
    b"\xca\xfe\xba\xbe": "a macOS or Java program",
    b"\xca\xfe\xba\xbf": "a macOS program",
    b"dex\n": "an Android program",
    b"\x00asm": "a web program",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"L\x00\x00\x00\x01\x14\x02\x00": "a Windows shortcut",
    b"#!": "a script",
    b"<": "a web page",
    b"{\\rtf": "an Office document",
    b"%!PS": "a PostScript program",
    b"%PDF": "a PDF",
    b"PK": "an archive",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"GIF8": "a picture",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"RIFF": "a film",
    b"\x00\x00\x01\x00": "a picture",
}
# Browsers, readers and interpreters skip what stands before these.
ANYWHERE = {
    b"<html": "a web page",
    b"<!doctype": "a web page",
    b"<script": "a web page",
    b"<svg": "a web page",
    b"<?php": "a script",
    b"%pdf-": "a PDF",
    b"pk\x03\x04": "an archive",
}
BLANK = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf"  # white space and the mark of UTF-8
# A shell runs a file that names no interpreter line by line.
SCRIPTED = (b"\n", b"\r", b";", b"|", b"&", b"`", b"$(")


def check_preamble(data: bytes) -> None:
    """Refuse a DICOM file whose free first bytes make it another file too.

    Raises
    ------
    UnreadableScan
        If the preamble begins or holds a program, a page, a document, an archive or a picture
        other than TIFF.
    """
    if data[128:132] != b"DICM":
        return
    what = _hidden(data[:128])
    if what is not None:
        raise UnreadableScan(
            f"The file is {what} and a DICOM image at once, which can be an attack: "
            "ask the sender to export it again."
        )


def _hidden(preamble: bytes) -> str | None:
    if preamble.startswith(TIFF):
        return None
    # The whole of it first, for the marks that begin with a zero.
    for text in (preamble, preamble.lstrip(BLANK)):
        for magic, what in BEGINS.items():
            if text.startswith(magic):
                return what
    for magic, what in ANYWHERE.items():
        if magic in preamble.lower():
            return what
    written = preamble.strip(b"\x00")
    printable = len(written) > 3 and all(9 <= byte <= 13 or 32 <= byte < 127 for byte in written)
    return "a script" if printable and any(mark in written for mark in SCRIPTED) else None
