"""A site as it is run, fed through every door at once; then everything that it wrote is read."""

import json
import socket
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pynetdicom import AE

from riskapp.gunicorn_log import ACCESS_FORMAT
from tests.drawn import spine_file
from tests.exchange.hl7v2.messages import ADT_23
from tests.migrated import lay_database_in
from tests.operation.test_nothing_is_told import FED, OTHERWISE, of_message
from tests.peers.site import free_port
from tests.quiet import told
from tests.soak.site import Site

pytestmark = pytest.mark.enable_socket
CR, EXPLICIT = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.1.2.1"
PATIENCE_S = 180
# The files of the site and what its settings send elsewhere.
CONNECTIONS = """
[[message_source]]
name = "adt"
organisation = "Clinic"
port = {hl7}
authority = "MCM"

[[sender]]
name = "ct"
organisation = "Clinic"
calling_ae_title = "CT"
called_ae_title = "CLINIC"
addresses = ["127.0.0.1"]
port = {dicom}

[[cds_client]]
name = "ward"
organisation = "Clinic"
population = "gb"
unsigned = true
"""
MAKE = """
from riskapp.actions.registering import issue_token, register_clinician
print(issue_token(by=register_clinician(
    username="robot", password=None, organisation="Clinic"), label="t"))
"""


class Running:
    """A site with its listeners, whose words go to one file."""

    def __init__(self, folder: Path) -> None:
        self.hl7, self.dicom = free_port(), free_port()
        self.site = Site(
            folder,
            {
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TRABECULA_LOG": "json",
                "TRABECULA_WEB_WORKERS": "1",
                "GUNICORN_CMD_ARGS": f"--access-logfile - --access-logformat '{ACCESS_FORMAT}'",
            },
        )
        lay_database_in(folder)
        (folder / "static").mkdir()
        (folder / "static" / "staticfiles.json").touch()
        text = CONNECTIONS.format(hl7=self.hl7, dicom=self.dicom)
        (folder / "connections.toml").write_text(text, encoding="utf-8")
        self.key = self.site.shell(MAKE).split()[-1]

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json",
        key: str = "",
    ) -> tuple[int, bytes]:  # fmt: skip
        headers = {"Authorization": f"Token {key or self.key}", "Content-Type": kind}
        request = urllib.request.Request(
            self.site.address + path, body, headers | {"User-Agent": FED["family"]}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def count(self, table: str, where: str = "1") -> int:
        with closing(sqlite3.connect(self.site.folder / "trabecula.sqlite3", timeout=20)) as rows:
            asked = f"SELECT count(*) FROM riskapp_{table} WHERE {where}"
            return int(rows.execute(asked).fetchone()[0])

    def texts(self) -> list[str]:
        """The log of all processes, the trail and its heads, what failed."""
        folder = self.site.folder
        with closing(sqlite3.connect(folder / "trabecula.sqlite3", timeout=20)) as rows:
            found = [
                repr(row)
                for table in ("auditevent", "trailcheck", "job", "delivery", "arrival", "fetch")
                for row in rows.execute(f"SELECT * FROM riskapp_{table}")
            ]
            found += map(repr, rows.execute("SELECT kind, problem FROM riskapp_deadletter"))
        return found + [
            (folder / name).read_text(encoding="utf-8", errors="replace").replace("\\u00d6", "Ö")
            for name in ("log", "trail-heads")
        ]


def until(is_so: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def opens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def scan() -> pydicom.Dataset:
    made = pydicom.dcmread(BytesIO(spine_file(7)))
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName, made.PatientID = "Zufriedegunde^Öztürk", FED["number"]
    made.PatientBirthDate, made.AccessionNumber = "19310719", FED["accession"]
    made.StudyDescription = FED["comment"]
    return made


def feed_web(running: Running) -> None:
    person = {
        "name": FED["name"], "record_number": FED["number"], "date_of_birth": FED["born"],
        "sex": "female",
    }  # fmt: skip
    status, body = running.ask("POST", "/api/v1/patients/", json.dumps(person).encode())
    assert status == 201
    patient = json.loads(body)["id"]
    sink = BytesIO()
    scan().save_as(sink)
    for data in (sink.getvalue(), b"\0" + FED["name"].encode()):
        disposition = 'Content-Disposition: form-data; name="'
        parts = (
            f'--x\r\n{disposition}patient"\r\n\r\n{patient}\r\n'
            f'--x\r\n{disposition}files"; filename="{FED["file"]}"\r\n\r\n'
        )
        form = parts.encode() + data + b"\r\n--x--\r\n"
        running.ask("POST", "/api/v1/scans/", form, "multipart/form-data; boundary=x")
    said = urllib.parse.quote(FED["name"])
    asked = [
        ("GET", f"/api/v1/patients/?search={said}", None),
        ("GET", f"/fhir/Patient?name={said}&birthdate={FED['born']}", None),
        ("GET", f"/patients/{said}/{FED['number']}", None),
        ("GET", f"/shared/{FED['link']}/", None),
        ("GET", f"/account/link/{FED['link']}/", None),
        ("GET", f"/smart/callback/?code={FED['token']}&state={FED['token']}", None),
        ("POST", "/api/v1/scores/", f'{{"profile": "{FED["name"]}'.encode()),
        ("POST", "/api/v1/patients/", json.dumps({**person, "sex": FED["comment"]}).encode()),
        ("POST", "/fhir/RiskAssessment/$assess", json.dumps({"resourceType": said}).encode()),
        ("POST", "/cds-services/fracture-risk-patient-view", json.dumps(person).encode()),
        ("POST", "/dicomweb/studies", FED["name"].encode()),
    ]
    for method, path, sent in asked:
        running.ask(method, path, sent)
        running.ask(method, path, sent, key=FED["token"])
    signing_in = urllib.parse.urlencode({"username": FED["name"], "password": FED["password"]})
    running.ask("POST", "/sign-in/", signing_in.encode(), "application/x-www-form-urlencoded")
    # What the web server itself refuses.
    name = FED["family"].encode()
    for raw in (
        b"GET /" + name + b" HTTP/9.9\r\n\r\n",
        name + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + name + b"\r\n\r\n",
        b"GET /?q=" + name + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + name + b"\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + name + b"\r\n",
    ):
        with socket.create_connection(("127.0.0.1", running.site.port), timeout=60) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)


def feed_listeners(running: Running) -> None:
    until(lambda: opens(running.hl7) and opens(running.dicom))
    sound = of_message(ADT_23)
    with socket.create_connection(("127.0.0.1", running.hl7), timeout=60) as line:
        for message in (sound, sound.replace(b"|F|", b"|" + FED["family"].encode() + b"|")):
            line.sendall(b"\x0b" + message + b"\x1c\x0d")
            assert line.recv(4096)
        line.sendall(b"\x0bMSH|" + FED["name"].encode() + b"\x1c\x0d")
    entity = AE("CT")
    entity.add_requested_context(CR, EXPLICIT)
    sent = scan()
    sent.file_meta.MediaStorageSOPClassUID = sent.SOPClassUID = CR
    sent.file_meta.TransferSyntaxUID = EXPLICIT
    association = entity.associate("127.0.0.1", running.dicom, ae_title="CLINIC")
    assert association.is_established
    association.send_c_store(sent)
    association.release()


def test_a_running_site_writes_down_nothing_that_it_was_fed(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.site.start()
    try:
        feed_web(running)
        feed_listeners(running)
        until(lambda: running.count("job") and not running.count("job", "status != 'done'"))
        _, sums = running.ask("GET", "/metrics")
    finally:
        running.site.stop()
    texts = [*running.texts(), sums.decode()]
    log = texts[-3]
    # It is the log of all of them.
    assert all(f'"view": "{name}"' in log for name in ("api_patients", "api_scans", "sign_in"))
    assert " POST 201 " in log
    assert "gunicorn.error" in log
    assert "commands.work" in log
    assert "trabecula_failed_sign_ins" in sums.decode()
    assert not told([*FED.values(), *OTHERWISE], texts)
