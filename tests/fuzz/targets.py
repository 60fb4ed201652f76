"""What reads bytes of strangers, each as one function of bytes.

A target returns for whatever it is given; what a reader may raise by its own promise is caught
here by name, and everything else is a fault. Each promises something of the answer too.
"""

import json
import math
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from imaging.errors import ScanError
from imaging.intake.gathering import gather
from imaging.intake.head import read_head
from imaging.intake.opening import open_scan
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import UnreadableRecord
from riskapp.exchange.hl7v2.acknowledging import acknowledgement
from riskapp.exchange.hl7v2.batch import is_batch, read_file
from riskapp.exchange.hl7v2.errors import MessageRefused
from riskapp.exchange.hl7v2.message import Message, head_of, read_message
from riskapp.exchange.hl7v2.observations import resources_of
from riskapp.exchange.hl7v2.orders import read_orders
from riskapp.exchange.hl7v2.persons import read_person
from riskapp.exchange.json_web_keys import UnusableKeys, checked, read_json
from riskapp.exchange.multipart_related import BrokenMessage, media_type, parts
from riskapp.exchange.partial_date import read_partial_date
from riskapp.exchange.reading import read_profile, readable
from riskapp.exchange.signed_token import NotProven, name_of_use, unchecked
from riskapp.exchange.smart_scopes import unusable
from riskapp.risk.errors import RiskError
from riskapp.risk.profile import FIELD_NAMES
from tests.fuzz.listening import LONGEST_S, all_ended, listening

TODAY, NOW = date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)
CHUNK = 7  # so that what is looked for lies across two of them


class Fault(AssertionError):
    """An answer that breaks its promise."""


def intake(data: bytes) -> None:
    """A file of any kind, opened as the limited child opens it."""
    with _file(data) as path, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            open_scan(gather([path]))
        except ScanError as reason:
            _is_sentence(str(reason))


def head(data: bytes) -> None:
    """The head of a DICOM file, read in the process that receives it."""
    with _file(data) as path:
        try:
            read = read_head(path)
        except ScanError as reason:
            _is_sentence(str(reason))
        else:
            if not 0 < read.meta_bytes <= len(data):
                raise Fault("The object begins outside its file.")


def hl7(data: bytes) -> None:
    """A message or a batch of them, and everything that is read out of one."""
    sent = [data]
    if is_batch(data):
        try:
            sent = [one for batch in read_file(data).batches for one in batch.messages]
        except MessageRefused:
            return
    for one in sent:
        acknowledgement(head_of(one), "1", NOW, None)
        try:
            message = read_message(one)
        except MessageRefused as reason:
            _is_sentence(str(reason))
        else:
            _read_all(message)


def _read_all(message: Message) -> None:
    for read in (
        lambda: read_person(message, "MCM", "MR"),
        lambda: read_orders(message, TODAY),
        lambda: read_record(resources_of(message, "1", {}), today=TODAY),
    ):
        try:
            read()
        except (MessageRefused, UnreadableRecord) as reason:
            _is_sentence(str(reason))


def fhir(data: bytes) -> None:
    """A Bundle or a list of resources, as a record sends them."""
    told = read_json(data)
    if not isinstance(told, dict | list):
        return
    try:
        record = read_record(told, today=TODAY)  # type: ignore[arg-type]
    except UnreadableRecord as reason:
        _is_sentence(str(reason))
        return
    json.dumps({name: str(value) for name, value in record.answers.items()}).encode()
    unknown = set(record.answers) - set(FIELD_NAMES)
    if unknown:
        raise Fault(f"The record answers what nobody asked: {sorted(unknown)}")


def form(data: bytes) -> None:
    """A form as it is sent, or the same answers as JSON."""
    text = data.decode("utf-8", "replace")
    told = read_json(data)
    answers: Mapping[str, object] = dict(parse_qsl(text)) if not isinstance(told, dict) else told
    readable(answers)
    try:
        profile = read_profile(answers, clamp_age=True).profile
    except RiskError as reason:
        _is_sentence(str(reason))
        return
    for name in FIELD_NAMES:
        value = getattr(profile, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise Fault(f"{name} is no number.")


def token(data: bytes) -> None:
    """A signed statement, the keys that should check it, and scopes that it may ask for."""
    text = data.decode("latin-1")
    try:
        _, claims = unchecked(text)
        name_of_use({"jti": None, **claims})
    except NotProven as reason:
        _is_sentence(str(reason))
    try:
        checked(read_json(data))
    except UnusableKeys as reason:
        _is_sentence(str(reason))
    unusable(text.split())


def multipart(data: bytes) -> None:
    """The body of a STOW-RS request, whose boundary is its first line."""
    first, _, rest = data.partition(b"\n")
    media_type(first.decode("latin-1"))
    chunks = (rest[at : at + CHUNK] for at in range(0, len(rest), CHUNK))
    size = 0
    try:
        for part in parts(chunks, first.decode("latin-1").strip()):
            size += sum(len(chunk) for chunk in part.chunks)
    except BrokenMessage as reason:
        _is_sentence(str(reason))
    if size > len(rest):
        raise Fault("The parts hold more than the message.")


def dimse(data: bytes) -> None:
    """What somebody says to the listener of the DICOM network protocol before hanging up."""
    with listening() as (port, folder, failed), socket.create_connection(("127.0.0.1", port)) as to:
        to.settimeout(LONGEST_S)
        with suppress(ConnectionError):  # cut off while it still talked
            to.sendall(data)
            to.shutdown(socket.SHUT_WR)
            while to.recv(4_096):
                pass
        if not all_ended():
            raise Fault("The place of somebody who has gone is held.")
        if failed:
            raise Fault(f"A thread of the listener broke: {failed.pop()}")
        if [one for one in folder.iterdir() if one.stat().st_size > len(data)]:
            raise Fault("More lies there than was sent.")


def day(data: bytes) -> None:
    """A day, a month or a year, as somebody types it."""
    try:
        read_partial_date(data.decode("utf-8", "replace"))
    except ValueError as reason:
        _is_sentence(str(reason))


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (intake, head, hl7, fhir, form, token, multipart, dimse, day)
}


@contextmanager
def _file(data: bytes) -> Iterator[Path]:
    """A file of these bytes, gone when it has been read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan"
        path.write_bytes(data)
        yield path


def _is_sentence(said: str) -> None:
    said.encode()  # no half characters, which no page and no answer could hold
    if not said.strip() or len(said) > 2_000:
        raise Fault(f"That is no sentence: {said[:200]!r}")
