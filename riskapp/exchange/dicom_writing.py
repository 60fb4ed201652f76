"""A result as the bytes of a DICOM file, with the identity of its images."""

from io import BytesIO

from pydicom.dataset import Dataset

from riskapp.exchange.dicom_origin import Origin


def as_file(made: Dataset, origin: Origin) -> bytes:
    """Say whose the result is, last of all, and write it."""
    origin.sign(made)
    sink = BytesIO()
    made.save_as(sink, enforce_file_format=True)
    return sink.getvalue()
