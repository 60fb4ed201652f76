"""What people and programs ask of a site at once, one request of a kind at a time."""

import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import requests

from tests.kept import ROOT
from tests.soak.clients import MEASURABLE, a_scan
from tests.soak.site import Site

PEOPLE, ANSWER_WITHIN_S = 30, 60
WHO = {"population": "gb", "sex": "female"}
ANSWERS = WHO | {"weight_kg": "61.5", "height_cm": "160", "parent_hip_fracture": "true"}
PREFETCH = (ROOT / "fixtures" / "fhir" / "hand-written.json").read_text(encoding="utf-8")
# Of a hundred requests.
SHARES = {
    "pages": 38, "form": 20, "scores": 15, "explanation": 6, "report": 2, "assessment": 3,
    "upload": 4, "FHIR": 6, "CDS": 6,
}  # fmt: skip


class Reader:
    """One person and one program; each request has a connection of its own."""

    def __init__(self, site: Site, people: list[str], made: list[str], seed: str) -> None:
        self._site, self._people, self._made = site, people, made
        self._chance = Random(seed)
        self._page, self._program = requests.Session(), requests.Session()
        self._page.cookies.set("sessionid", site.session)
        self._page.cookies.set("csrftoken", "a" * 32)
        self._page.headers["X-CSRFToken"] = "a" * 32
        # A connection that stays open is ended by the server after some seconds without a request,
        # perhaps while the next one is on its way; a proxy would see to that.
        self._page.headers["Connection"] = self._program.headers["Connection"] = "close"
        self._program.headers["Authorization"] = f"Token {site.token}"
        self.kinds: dict[str, Callable[[], requests.Response]] = {
            "pages": self._read, "form": self._type, "scores": self._score,
            "explanation": self._explain, "report": self._report, "assessment": self._keep,
            "upload": self._upload, "FHIR": self._assess, "CDS": self._call,
        }  # fmt: skip

    def _read(self) -> requests.Response:
        person, made = self._chance.choice(self._people), self._chance.choice(self._made)
        pages = ("/", f"/patients/{person}/", f"/assessments/{made}/", "/models/", "/recall/",
                 f"/patients/{person}/assessments/new/", "/connections/")  # fmt: skip
        return self._page.get(
            self._site.address + self._chance.choice(pages), timeout=ANSWER_WITHIN_S
        )

    def _type(self) -> requests.Response:
        person = self._chance.choice(self._people)
        age = f"{60 + self._chance.random() * 25:.2f}"
        where = f"{self._site.address}/patients/{person}/assessments/answer/"
        return self._page.post(where, data=ANSWERS | {"age_years": age}, timeout=ANSWER_WITHIN_S)

    def _score(self) -> requests.Response:
        profile = ANSWERS | {"age_years": 60 + self._chance.random() * 25}
        asked = {"profile": profile | {"parent_hip_fracture": True}, "explain": False}
        return self._post("/api/v1/scores/", asked)

    def _explain(self) -> requests.Response:
        made = self._chance.choice(self._made)
        where = f"{self._site.address}/api/v1/assessments/{made}/explanation/"
        return self._program.get(where, timeout=ANSWER_WITHIN_S)

    def _report(self) -> requests.Response:
        made = self._chance.choice(self._made)
        where = f"{self._site.address}/api/v1/assessments/{made}/report.pdf"
        return self._program.get(where, timeout=ANSWER_WITHIN_S)

    def _keep(self) -> requests.Response:
        asked = {"patient": self._chance.choice(self._people), "profile": {"population": "gb"}}
        return self._post("/api/v1/assessments/", asked)

    def _upload(self) -> requests.Response:
        is_scan = self._chance.randrange(MEASURABLE) == 0
        return self._program.post(
            f"{self._site.address}/api/v1/scans/",
            data={"patient": self._chance.choice(self._people)},
            files={"files": ("scan", a_scan() if is_scan else uuid.uuid4().bytes * 4096)},
            timeout=ANSWER_WITHIN_S,
        )

    def _assess(self) -> requests.Response:
        where = f"{self._site.address}/fhir/RiskAssessment/$assess?population=gb"
        kind = {"Content-Type": "application/fhir+json"}
        return self._program.post(where, data=PREFETCH, headers=kind, timeout=ANSWER_WITHIN_S)

    def _call(self) -> requests.Response:
        entries = json.loads(PREFETCH)["entry"]
        person = next(
            one["resource"] for one in entries if one["resource"]["resourceType"] == "Patient"
        )
        asked: dict[str, Any] = {
            "hook": "patient-view", "hookInstance": str(uuid.uuid4()),
            "context": {"userId": "Practitioner/1", "patientId": person["id"]},
            "prefetch": {"patient": person},
        }  # fmt: skip
        where = f"{self._site.address}/cds-services/fracture-risk-patient-view"
        return requests.post(where, json=asked, timeout=ANSWER_WITHIN_S)

    def _post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self._program.post(self._site.address + path, json=body, timeout=ANSWER_WITHIN_S)


def clinic(site: Site, how_many: int) -> tuple[list[str], list[str]]:
    """Ids of some people, and of an assessment of each."""
    people: list[str] = []
    made: list[str] = []

    def post(path: str, body: dict[str, Any], into: list[str]) -> None:
        reply = session.post(f"{site.address}/api/v1/{path}/", json=body, timeout=ANSWER_WITHIN_S)
        into.append(reply.json()["id"])

    with requests.Session() as session:
        session.headers["Authorization"] = f"Token {site.token}"
        for number in range(how_many):
            told = {"name": f"Soak {number}", "record_number": f"S-{number}", "sex": "female",
                    "date_of_birth": f"{1940 + number % 30}-03-0{1 + number % 9}"}  # fmt: skip
            post("patients", told, people)
            post("assessments", {"patient": people[-1], "profile": {"population": "gb"}}, made)
    return people, made
