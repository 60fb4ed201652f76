"""How the pixels of a DICOM file may be packed: which ways are read here and which are not."""

from typing import NamedTuple

from pydicom.uid import UID, AllTransferSyntaxes

from imaging.errors import UnreadableScan

IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"


class Syntax(NamedTuple):
    """One transfer syntax (PS3.5 chapter 10 and annex A) and the library that unpacks it."""

    uid: str
    name: str
    decoder: str
    packed: bool = True
    most_bits: int = 64


READ = {
    syntax.uid: syntax
    for syntax in (
        Syntax(IMPLICIT_LITTLE_ENDIAN, "Implicit VR Little Endian", "pydicom", packed=False),
        Syntax(EXPLICIT_LITTLE_ENDIAN, "Explicit VR Little Endian", "pydicom", packed=False),
        Syntax(DEFLATED, "Deflated Explicit VR Little Endian", "zlib, limited", packed=False),
        Syntax("1.2.840.10008.1.2.2", "Explicit VR Big Endian", "pydicom", packed=False),
        Syntax("1.2.840.10008.1.2.4.50", "JPEG Baseline", "gdcm", most_bits=8),
        Syntax("1.2.840.10008.1.2.4.51", "JPEG Extended", "gdcm", most_bits=8),
        Syntax("1.2.840.10008.1.2.4.57", "JPEG Lossless", "gdcm"),
        Syntax("1.2.840.10008.1.2.4.70", "JPEG Lossless, first-order prediction", "gdcm"),
        Syntax("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", "gdcm or pyjpegls"),
        Syntax("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless", "gdcm or pyjpegls"),
        Syntax("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", "gdcm or openjpeg"),
        Syntax("1.2.840.10008.1.2.4.91", "JPEG 2000", "gdcm or openjpeg"),
        Syntax("1.2.840.10008.1.2.5", "RLE Lossless", "pydicom"),
        Syntax("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless", "openjpeg"),
        Syntax("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 Lossless RPCL", "openjpeg"),
        Syntax("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", "openjpeg"),
    )
}


def checked_syntax(uid: str, bits: int = 8) -> Syntax:
    """Give the row of the table for a transfer syntax.

    Parameters
    ----------
    uid : str
        As the file has it; empty is implicit little endian, the default of PS3.5.
    bits : int
        Stored bits of a pixel.

    Raises
    ------
    UnreadableScan
        If pixels packed that way are not read here.
    """
    known = READ.get(uid or IMPLICIT_LITTLE_ENDIAN)
    if known is not None and bits <= known.most_bits:
        return known
    if known is not None:
        how = f"as {known.name} with {bits} bits"
    elif UID(uid) in AllTransferSyntaxes:
        how = f"as {UID(uid).name}"
    else:
        how = "in a way that the DICOM standard does not list"
    raise UnreadableScan(
        f"The pixels are packed {how}, which is not read here: export the image uncompressed, or "
        "as lossless JPEG, JPEG-LS, JPEG 2000 or RLE."
    )
