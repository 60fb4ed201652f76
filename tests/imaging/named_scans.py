"""A scan in which every field says whose it is, and what is kept of it."""

from collections.abc import Iterable
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset

from imaging.intake.gathering import Source, recognise
from imaging.keeping.splitting import Split, split
from tests.drawn import spine_file

KEY = b"a key of this test"


SPINE = spine_file(1)


# Everything that could say whose it is, each with a word that is found nowhere else.
WORDS = {
    "PatientName": "QQZXDOE^QQZXJANE^QQZXMARY",
    "PatientID": "QQZX-4711",
    "IssuerOfPatientID": "QQZXHOSPITAL",
    "OtherPatientIDs": "QQZX-4712",
    "PatientBirthDate": "19470823",
    "PatientAddress": "QQZXSTREET 5",
    "PatientComments": "QQZXCOMMENT",
    "AdditionalPatientHistory": "QQZXHISTORY",
    "AccessionNumber": "QQZX-ACC-9",
    "ReferringPhysicianName": "QQZXROE^QQZXRICHARD",
    "OperatorsName": "QQZXOPERATOR",
    "InstitutionName": "QQZXCLINIC",
    "StationName": "QQZXSTATION",
    "StudyID": "QQZXSTUDY",
    "StudyTime": "101112.9988",
    "ImageComments": "of QQZXJANE QQZXDOE",
    "StudyDescription": "DXA of QQZXDOE, QQZXJANE, 19470823",
    "SeriesDescription": "QQZXDOE^QQZXJANE lumbar (QQZX-4711)",
    "ProtocolName": "AP Spine QQZX-ACC-9 QQZXRoe",
    "StudyInstanceUID": "1.2.777.1",
    "SeriesInstanceUID": "1.2.777.2",
    "SOPInstanceUID": "1.2.777.3",
    "FrameOfReferenceUID": "1.2.777.4",
    "RequestedProcedureDescription": "QQZXREQUEST",
}


SECRETS = (b"qqzx", b"19470823", b"1.2.777", b"101112.9988")


def named(data: bytes, **changes: object) -> bytes:
    dataset = pydicom.dcmread(BytesIO(data))
    for name, value in (WORDS | changes).items():
        setattr(dataset, name, value)
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepDescription = "QQZXREQ", "QQZXSTEP"
    dataset.RequestAttributesSequence = [request]
    block = dataset.private_block(0x0029, "QQZXPRIVATE", create=True)
    block.add_new(1, "LO", "QQZXSECRET")
    dataset.add_new(0x60003000, "OW", b"QQZXOVERLAY_")
    dataset.preamble = b"II*\x00" + b"QQZX" * 31
    dataset.file_meta.SourceApplicationEntityTitle = "QQZXSOURCE"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue() + b"\xfc\xff\xfc\xffOB\x00\x00\x0a\x00\x00\x00QQZXBEHIND"


def apart(*files: bytes) -> Split:
    return split([Source(data, recognise(data)) for data in files])


def kept(*files: bytes) -> list[bytes]:
    return list(apart(*files).files(KEY))


def assert_nameless(files: Iterable[bytes]) -> None:
    for data in files:
        for secret in SECRETS:
            assert secret not in data.lower()
