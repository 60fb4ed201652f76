"""Archives of the tests: one of our own that misbehaves as told, and programs of others."""

import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pydicom
from pydicom.dataset import Dataset

from riskapp.exchange.connection_archive import Archive

BOUNDARY = "parts-of-the-test"
STUDIES = re.compile(r"^/dicom-web/studies$")
SERIES = re.compile(r"^/dicom-web/studies/([\d.]+)/series$")
INSTANCES = re.compile(r"^/dicom-web/studies/([\d.]+)/series/([\d.]+)/instances$")
FILES = re.compile(r"^/dicom-web/studies/([\d.]+)/series/([\d.]+)(?:/instances/([\d.]+))?$")
STORE = re.compile(r"^/dicom-web/studies(?:/([\d.]+))?$")


REFUSALS = {"busy": 503, "locked out": 401, "forbidden": 403, "not there": 404}


class StubArchive:
    """A DICOMweb archive in memory.

    Attributes
    ----------
    files : dict
        What it holds, by SOP instance UID.
    trouble : str
        What goes wrong with the next requests; see ``_Handler``.
    troubles : int
        How often it still goes wrong.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.trouble, self.troubles = "", 10**6
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def keep(self, data: bytes) -> None:
        self.files[str(read(data).SOPInstanceUID)] = data

    def is_troubled(self, *kinds: str) -> bool:
        if self.trouble not in kinds or self.troubles <= 0:
            return False
        self.troubles -= 1
        return True

    def connection(self, **more: Any) -> Archive:
        told: dict[str, Any] = {"name": "pacs", "organisation": "Clinic A", "wait_s": 2}
        return Archive(**(told | {"dicomweb_url": self.url} | more))


def read(data: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(data), stop_before_pixels=True)


@contextmanager
def stub_archive(tls: ssl.SSLContext | None = None) -> Iterator[StubArchive]:
    """Run one on a free port of this machine."""
    stub = StubArchive()

    class Handler(_Handler):
        archive = stub

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    stub.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/dicom-web"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Who does not trust our certificate hangs up."""


class _Handler(BaseHTTPRequestHandler):
    archive: StubArchive
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.archive.asked.append(("GET", self.path))
        self.archive.headers.append(dict(self.headers))
        told = {name: values[0] for name, values in parse_qs(address.query).items()}
        if self.archive.is_troubled(*REFUSALS):
            self._send(REFUSALS[self.archive.trouble], b"", "text/plain")
        elif self.archive.is_troubled("redirect"):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.archive.is_troubled("silent"):
            threading.Event().wait(4)
            self.close_connection = True
        elif self.archive.is_troubled("endless"):
            self._endless()
        elif self.archive.is_troubled("nonsense"):
            self._send(200, b'[{"0020000D": {"vr": "UI", "Value": [' + b"[" * 5000, "text/json")
        elif match := STUDIES.match(address.path):
            self._json(self._studies(told))
        elif match := SERIES.match(address.path):
            self._json(self._series(match[1]))
        elif match := INSTANCES.match(address.path):
            self._json(self._instances(match[1], match[2], told))
        elif match := FILES.match(address.path):
            self._files(match[1], match[2], match[3])
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        self.archive.asked.append(("POST", self.path))
        self.archive.headers.append(dict(self.headers))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if not STORE.match(self.path) or not length:
            self._send(411, b"", "text/plain")
            return
        if self.archive.is_troubled("busy"):
            self._send(503, b"", "text/plain")
            return
        if self.archive.is_troubled("locked"):
            self._send(401, b"", "text/plain")
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body).get_payload()
        assert isinstance(parts, list)
        files = [part.get_payload(decode=True) for part in parts]
        if self.archive.is_troubled("loses"):
            self._json({"00081199": {"vr": "SQ", "Value": []}})
            return
        if self.archive.is_troubled("refuses"):
            self._json(_failures(files, 0xA900), 409)
            return
        duplicates = [one for one in files if str(read(one).SOPInstanceUID) in self.archive.files]
        for one in files:
            if one not in duplicates:
                self.archive.keep(one)
        if self.archive.is_troubled("breaks off after storing"):
            self.close_connection = True
            return
        if duplicates:
            status = 409 if len(duplicates) == len(files) else 202
            self._json(_failures(duplicates, 0x0111), status)
            return
        self._json({"00081199": {"vr": "SQ", "Value": []}})

    def _studies(self, told: dict[str, str]) -> list[Any]:
        rows: dict[str, Any] = {}
        held = [read(one) for one in self.archive.files.values()]
        for one in held:
            wanted = told.get("StudyInstanceUID", told.get("0020000D", one.StudyInstanceUID))
            if one.StudyInstanceUID != wanted or not _is_of(one, told):
                continue
            same = [other for other in held if other.StudyInstanceUID == one.StudyInstanceUID]
            row = Dataset()
            row.StudyInstanceUID, row.PatientID = one.StudyInstanceUID, one.PatientID
            row.StudyDate = one.get("StudyDate", "")
            row.StudyDescription = one.get("StudyDescription", "")
            row.ModalitiesInStudy = sorted({other.Modality for other in same})
            row.NumberOfStudyRelatedInstances = len(same)
            rows[str(one.StudyInstanceUID)] = row.to_json_dict()
        first = int(told.get("offset", 0))
        return list(rows.values())[first : first + int(told.get("limit", 100))]

    def _series(self, study: str) -> list[Any]:
        rows: dict[str, Any] = {}
        held = [read(one) for one in self.archive.files.values()]
        for one in held:
            if one.StudyInstanceUID != study:
                continue
            row = Dataset()
            row.SeriesInstanceUID, row.Modality = one.SeriesInstanceUID, one.Modality
            row.BodyPartExamined = one.get("BodyPartExamined", "")
            row.SeriesDescription = one.get("SeriesDescription", "")
            row.NumberOfSeriesRelatedInstances = len(
                [other for other in held if other.SeriesInstanceUID == one.SeriesInstanceUID]
            )
            rows[str(one.SeriesInstanceUID)] = row.to_json_dict()
        return list(rows.values())

    def _instances(self, study: str, series: str, told: dict[str, str]) -> list[Any]:
        rows = []
        for one in map(read, self.archive.files.values()):
            wanted = told.get("SOPInstanceUID", told.get("00080018", one.SOPInstanceUID))
            if (one.StudyInstanceUID, one.SeriesInstanceUID) != (study, series):
                continue
            if one.SOPInstanceUID != wanted:
                continue
            row = Dataset()
            for name in ("SOPInstanceUID", "SOPClassUID", "InstanceNumber", "NumberOfFrames"):
                if name in one:
                    setattr(row, name, one.get(name))
            if self.archive.is_troubled("another object"):
                row.InstanceNumber = 4711
            rows.append(row.to_json_dict())
        return rows

    def _files(self, study: str, series: str, instance: str | None) -> None:
        held = [
            data
            for uid, data in self.archive.files.items()
            if str(read(data).SeriesInstanceUID) == series and instance in (None, uid)
        ]
        body = b"".join(
            b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n" % (BOUNDARY.encode(), data)
            for data in held
        )
        ended = body + b"--%s--\r\n" % BOUNDARY.encode()
        kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
        if self.archive.is_troubled("broken multipart"):
            self._send(200, body[: -len(held[-1]) // 2], kind)
        elif self.archive.is_troubled("breaks off"):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(ended)))
            self.end_headers()
            self.wfile.write(ended[: len(ended) - len(held[-1]) // 2])
            self.close_connection = True
        elif self.archive.is_troubled("web page"):
            self._send(200, b"<html>Sign in", "text/html")
        elif self.archive.is_troubled("other study"):
            other = pydicom.dcmread(BytesIO(held[0]))
            other.StudyInstanceUID = "2.25.99"
            sink = BytesIO()
            other.save_as(sink)
            self._send(200, sink.getvalue(), "application/dicom")
        else:
            self._send(200, ended, kind)

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/dicom+json")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b" " * 2**20)
        except OSError:
            pass

    def _json(self, told: Any, status: int = 200) -> None:
        self._send(status, json.dumps(told).encode(), "application/dicom+json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_of(one: Dataset, told: dict[str, str]) -> bool:
    number = told.get("PatientID", told.get("00100020", str(one.PatientID)))
    return str(one.PatientID) == number


def _failures(files: list[Any], reason: int) -> dict[str, Any]:
    answer = Dataset()
    answer.FailedSOPSequence = []
    for data in files:
        failed = Dataset()
        failed.ReferencedSOPInstanceUID = read(data).SOPInstanceUID
        failed.FailureReason = reason
        answer.FailedSOPSequence.append(failed)
    return answer.to_json_dict()
