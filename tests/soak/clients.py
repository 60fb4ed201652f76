"""Programs that keep at it: each remembers what it was acknowledged, and asks again until it is."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any

import pydicom
import requests

from tests.drawn import spine_file
from tests.soak.site import Site

ASK_AGAIN_AFTER_S, GIVE_UP_AFTER_S, ANSWER_WITHIN_S = 0.3, 120, 60
# One in so many uploads is a scan that can be measured, which takes a second and more.
MEASURABLE = 8
PROFILE = {"population": "gb", "current_smoker": False, "parent_hip_fracture": True}


@dataclass
class Ledger:
    """What was asked, by the key of each request, and what was acknowledged.

    Attributes
    ----------
    acknowledged : dict
        Key -> kind, id and what it hangs on, of every request answered with 2xx.
    open : dict
        Key -> kind, of requests that were sent and never acknowledged: done once, or not at all.
    answers : Counter
        How often each status, or kind of failure, was the answer.
    wrong : list of str
        Answers that no client should get.
    """

    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, key: str, kind: str) -> None:
        with self._lock:
            self.open[key] = kind

    def told(self, key: str, **what: str) -> None:
        with self._lock:
            self.acknowledged[key] = {"kind": self.open.pop(key), **what}

    def answered(self, how: str, wrong: str = "") -> None:
        with self._lock:
            self.answers[how] += 1
            if wrong:
                self.wrong.append(wrong)

    def as_json(self) -> dict[str, Any]:
        return {"acknowledged": self.acknowledged, "open": self.open}


class Clients:
    """Some programs that register, assess and upload side by side, until they are stopped."""

    def __init__(
        self, site: Site, how_many: int, seed: int = 1, ledger: Ledger | None = None
    ) -> None:
        self.ledger, self._site = ledger or Ledger(), site
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(Random(f"{seed}-{one}"),), daemon=True)
            for one in range(how_many)
        ]

    def __enter__(self) -> "Clients":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask nothing new, and wait until what was asked is answered or given up."""
        self._stop.set()
        for one in self._threads:
            one.join()

    def _work(self, chance: Random) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Token {self._site.token}"
            while not self._stop.is_set():
                person = self._register(session, chance)
                for _ in range(2):
                    if person and not self._stop.is_set():
                        self._assess(session, person)
                        self._upload(session, person, chance)

    def _register(self, session: requests.Session, chance: Random) -> str:
        number = uuid.uuid4().hex
        told = {
            "name": f"Soak {number[:8]}",
            "record_number": number,
            "date_of_birth": (date(1945, 1, 1) + timedelta(chance.randrange(9000))).isoformat(),
            "sex": "female",
        }
        made = self._until_told(session, "patient", "patients/", json=told)
        return made["id"] if made else ""

    def _assess(self, session: requests.Session, person: str) -> None:
        told = {"patient": person, "profile": PROFILE, "explain": False, "interval": False}
        self._until_told(session, "assessment", "assessments/", person, json=told)

    def _upload(self, session: requests.Session, person: str, chance: Random) -> None:
        one = a_scan() if chance.randrange(MEASURABLE) == 0 else uuid.uuid4().bytes * 64
        files = {"files": ("scan", one, "application/octet-stream")}
        self._until_told(session, "scan", "scans/", person, data={"patient": person}, files=files)

    def _until_told(
        self, session: requests.Session, kind: str, path: str, person: str = "", **body: Any
    ) -> dict[str, Any] | None:
        """Send the same again under the same key until it is acknowledged; None if it never is."""
        key = uuid.uuid4().hex
        self.ledger.asked(key, kind)
        give_up_at = time.monotonic() + GIVE_UP_AFTER_S
        while time.monotonic() < give_up_at:
            try:
                reply = session.post(
                    f"{self._site.address}/api/v1/{path}",
                    headers={"Idempotency-Key": key},
                    timeout=ANSWER_WITHIN_S,
                    **body,
                )
            except requests.RequestException as broken:
                self.ledger.answered(type(broken).__name__)
            else:
                if reply.ok:
                    made: dict[str, Any] = reply.json()
                    self.ledger.told(key, id=made["id"], patient=person or made["id"])
                    self.ledger.answered(str(reply.status_code))
                    return made
                self._refused(kind, reply)
            time.sleep(ASK_AGAIN_AFTER_S)
        return None

    def _refused(self, kind: str, reply: requests.Response) -> None:
        """Later is an answer while something is away; a mistake of ours, or of theirs, is not."""
        is_later = reply.status_code in (429, 503, 507)
        said = f"{kind}: {reply.status_code} {reply.text[:300]}"
        self.ledger.answered(str(reply.status_code), "" if is_later else said)


def a_scan() -> bytes:
    """A spine as another visit would have it: the same picture, identifiers of its own."""
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = (
        pydicom.uid.generate_uid()
    )
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()
