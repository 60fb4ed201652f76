"""A large site while what lies around its people is made: who is there to be pointed at."""

import hashlib
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from benchmarks.large_site_models import CLINIC, READER
from benchmarks.large_site_rows import Ids
from riskapp.models import (
    Assessment,
    Organisation,
    Patient,
)

DAY = timedelta(days=1)
YEARS = 5 * 365


class Site:
    """Who is there to be pointed at, and a chance that is the same each time."""

    def __init__(self, patients: int, chance: Random) -> None:
        self.many, self.chance, self.ids = patients, chance, Ids(chance)
        self.clinic = Organisation.objects.get(name=CLINIC)
        self.reader = User.objects.get(username=READER)
        of_clinic = Patient.objects.filter(organisation=self.clinic)
        self.people = list(of_clinic.values_list("pk", flat=True))
        self.assessments = list(Assessment.objects.values_list("pk", flat=True)[: patients // 5])
        self.now = timezone.now()

    def share(self, of_people: float) -> range:
        return range(max(1, int(of_people * self.many)))

    def some(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows)

    def ago(self, days: float = YEARS) -> datetime:
        return self.now - self.chance.random() * days * DAY

    def digest(self) -> str:
        return hashlib.sha256(self.chance.randbytes(16)).hexdigest()

    def id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)


def leased_as(site: Site, i: int, waits_of: int) -> dict[str, Any]:
    """Of so many one waits; of ten times as many one was given up."""
    at = site.ago()
    waits, dead = i % waits_of == 0, i % (10 * waits_of) == 1
    return {
        "id": site.id(),
        "status": "queued" if waits else "dead" if dead else "done",
        "asked_by_id": site.reader.pk,
        "asked_at": at,
        "run_after": at,
        "claims": 1,
    }
