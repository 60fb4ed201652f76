"""The process that calls its own hooks for ``benchmarks.cds_hooks``; times as JSON."""

import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import django
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

CALLS = 60
TODAY = datetime.now(tz=UTC).date()
ISSUER, KID = "https://ehr.example.com", "key-1"
ADDRESS = "http://testserver/cds-services/fracture-risk-patient-view"
LOINC, ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"
Resource = dict[str, Any]


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import_module("riskapp.wsgi")  # as a web worker begins
    from riskapp.actions.registering import register_clinician

    register_clinician(username="owner", password=None, organisation="Clinic")
    key = ec.generate_private_key(ec.SECP384R1())
    told = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    keys = {"keys": [told | {"kid": KID, "use": "sig"}]}
    settings.CONNECTIONS_FILE.write_text(
        f'[[cds_client]]\nname = "ward"\norganisation = "Clinic"\npopulation = "gb"\n'
        f'issuer = "{ISSUER}"\njwks = {json.dumps(json.dumps(keys))}\n',
        encoding="utf-8",
    )
    kinds = {"a full record": full, "a Patient alone": empty}
    sys.stdout.write(json.dumps([_measured(what, make, key) for what, make in kinds.items()]))


def full(number: int) -> Iterator[Resource]:
    """A person of whom everything is told, among 300 entries that tell nothing new."""
    yield from empty(number)
    neck = {"coding": [{"system": "http://snomed.info/sct", "code": "29627003"}]}
    yield observation("29463-7", 55 + number % 30, "kg")
    yield observation("8302-2", 158, "cm")
    yield observation("38263-0", -2.0 - number / 100, "1", bodySite=neck)
    yield observation("38267-1", -2.4, "1")
    smoking = {"coding": [{"system": "http://snomed.info/sct", "code": "266919005"}]}
    yield {**observation("72166-2", 0, "1"), "valueCodeableConcept": smoking}
    for code in ("S72.0", "M05.9"):
        yield condition(code)
    yield {
        "resourceType": "FamilyMemberHistory",
        "id": "mother",
        "status": "completed",
        "patient": {"reference": "Patient/1"},
        "relationship": {"coding": [{"code": "MTH"}]},
        "condition": [{"code": {"coding": [{"system": ICD, "code": "S72.0"}]}}],
    }
    for each in range(200):
        days = timedelta(days=30 * (each + 1))
        on = (TODAY - days).isoformat()
        yield {**observation("29463-7", 60, "kg", id=f"w{each}"), "effectiveDateTime": on}
    for each in range(100):
        yield condition(f"Z{each:02d}.0")


def empty(number: int) -> Iterator[Resource]:
    """The Patient by itself; each is of another age."""
    born = TODAY - timedelta(days=round(365.25 * (62 + 0.37 * number % 25)) + number)
    yield {
        "resourceType": "Patient", "id": "1", "gender": "female", "birthDate": born.isoformat(),
    }  # fmt: skip


def observation(code: str, value: float, unit: str, id: str = "", **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id or f"o-{code}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": (TODAY - timedelta(days=20)).isoformat(),
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit},
    } | more


def condition(code: str) -> Resource:
    return {
        "resourceType": "Condition",
        "id": f"c-{code}",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": ICD, "code": code}]},
        "subject": {"reference": "Patient/1"},
        "onsetDateTime": (TODAY - timedelta(days=1_000)).isoformat(),
    }


def _measured(what: str, make: Callable[[int], Iterator[Resource]], key: Any) -> dict[str, Any]:
    """Times of whole calls, then of each part by itself, in seconds."""
    from django.test import Client

    caller = Client()
    times, walls = [], []
    for number in range(CALLS + 1):
        body, token = json.dumps(_request(list(make(number)))), _token(key)
        begun, at = time.process_time(), time.perf_counter()
        reply = caller.post(
            ADDRESS.removeprefix("http://testserver"),
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        times.append(time.process_time() - begun)
        walls.append(time.perf_counter() - at)
        if reply.status_code != 200:
            raise AssertionError(reply.content)
    first, *rest = times
    return {
        "what": what,
        "first": first,
        "median": statistics.median(rest),
        "wall": statistics.median(walls[1:]),
        "p95": statistics.quantiles(rest, n=20)[-1],
        **_parts(make, key),
    }


def _parts(make: Callable[[int], Iterator[Resource]], key: Any) -> dict[str, float]:
    from riskapp.actions.cds_proving import prove
    from riskapp.actions.scoring import score
    from riskapp.exchange.cds_cards import cards
    from riskapp.exchange.cds_situation import Situation, Where
    from riskapp.exchange.fhir.reading import read_record
    from riskapp.risk.estimate import EstimateOptions
    from riskapp.risk.predicting import explained

    found: dict[str, list[float]] = {}

    def timed(name: str, run: Callable[[], Any]) -> Any:
        begun = time.process_time()
        result = run()
        found.setdefault(name, []).append(time.process_time() - begun)
        return result

    bare = EstimateOptions(explain=False, interval=False, verdicts=False)
    whole = EstimateOptions(explain=False, guideline="nogg-2024")
    for number in range(100, 100 + CALLS // 2):
        token, resources = _token(key), list(make(number))
        timed("token", partial(prove, token, address=ADDRESS))
        record = timed("reading", partial(read_record, resources, today=TODAY))
        answers = {**record.answers, "population": "gb"}
        timed("bare", partial(score, answers, options=bare))
        scored = timed("estimate", partial(score, answers, options=whole))
        profile = scored.profile
        reasons = timed("reasons", partial(explained, profile, "frax-2008", False))
        situation = Situation(
            estimate=replace(scored.estimates[0], explanation=reasons),
            profile=profile,
            patient="Patient/1",
            today=TODAY,
            where=Where("http://testserver/"),
        )
        timed("cards", partial(cards, situation))
    return {name: statistics.median(times) for name, times in found.items()}


def _request(resources: list[Resource]) -> Resource:
    bundles: dict[str, Resource] = {}
    for one in resources[1:]:
        bundle = bundles.setdefault(one["resourceType"], {"resourceType": "Bundle", "entry": []})
        bundle["entry"].append({"resource": one})
    prefetch = {"patient": resources[0], "observations": bundles.get("Observation")}
    prefetch |= {"conditions": bundles.get("Condition")}
    prefetch |= {"familyHistory": bundles.get("FamilyMemberHistory")}
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "1"},
        "prefetch": prefetch,
    }


def _token(key: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": ADDRESS, "iat": now, "exp": now + 300, "jti": uuid.uuid4().hex
    }  # fmt: skip
    return jwt.encode(claims, key, "ES384", headers={"kid": KID, "typ": "JWT"})


if __name__ == "__main__":
    main()
