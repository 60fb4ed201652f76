"""What readers and decoders raise on broken files, named one by one."""

import struct
import zlib

from pydicom.errors import BytesLengthException, InvalidDicomError

# Everything that the DICOM reader and the pixel decoders have been seen to raise on broken
# files. The list is wide, because they are: catch it around their calls only, or a fault of
# ours is taken for one of the file.
BROKEN_FILE = (
    InvalidDicomError,
    BytesLengthException,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,  # decoders; includes RecursionError on nested sequences
    OverflowError,
    AssertionError,
    StopIteration,  # a frame that is not there
    MemoryError,
    struct.error,
    zlib.error,
)
