"""A filled site walked back to before its first steps and forth again; tells what stood where.

Runs in a process of its own, as a site's data folder is chosen before settings are read; what
was seen at each stop is printed as JSON, read by test_migrations_back.
"""

import json
from datetime import date
from typing import Any

import django

django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

from riskapp.actions import finding  # noqa: E402
from riskapp.actions.managing_people import set_roles  # noqa: E402
from riskapp.actions.registering import register_clinician, register_patient  # noqa: E402
from riskapp.actions.trail.checking import check  # noqa: E402
from riskapp.models import Arrival, ImportedRecord, Scan, ScanIdentity  # noqa: E402
from tests.commands.test_backup import FILL  # noqa: E402

# Migration 6 takes stored scans apart and sets their originals aside; before it, a scan and its
# identity lay together. What came with a later step is lost with it: estimates of other evidence
# sets, fractures, links, deliveries. What was there before keeps its rows.
JOINED = "0005_frame_of_reference"
NO_ROLES = "0036_golden_estimates"
PLAIN = "0041_own_impressions"
LASTING = ("patient", "scan", "assessment", "organisation", "membership", "auditevent")


def to(step: str | None = None) -> None:
    call_command("migrate", *(["riskapp", step] if step else []), verbosity=0)


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def counted() -> dict[str, int]:
    return {name: rows(f"SELECT count(*) FROM riskapp_{name}")[0][0] for name in LASTING}


def of_eva() -> list[Any]:
    """What the product tells of a person whose columns are encrypted, and who finds her."""
    one, by = ScanIdentity.objects.get(), User.objects.get(username="owner")
    eva = one.scan.patient
    found = [
        [p.name for p in finding.patients(by=by, matching=words)] for words in ("øde EVA", "mrn-1")
    ]
    return [eva.name, eva.record_number, str(eva.date_of_birth), one.name, one.birth_date,
            one.instances, *found]  # fmt: skip


def of_what_arrived() -> list[Any]:
    record, arrival = ImportedRecord.objects.get(), Arrival.objects.get()
    return [record.answers, record.passed_over, arrival.identifier, str(arrival.birth_date)]


def in_plain() -> list[Any]:
    """The same columns, as whoever opens the database before they were encrypted sees them."""
    (eva,) = rows(
        "SELECT name, record_number, CAST(date_of_birth AS text) FROM riskapp_patient "
        "WHERE record_number = 'MRN-1'"
    )
    ((name, born, instances),) = rows(
        "SELECT name, birth_date, CAST(instances AS text) FROM riskapp_scanidentity"
    )
    return [*eva, name, born, json.loads(instances)]


def fill() -> None:
    exec(FILL, {})  # noqa: S102 (ours)
    by = User.objects.get(username="owner")
    eva = register_patient(
        by=by, name="Eva Ødegård", record_number="MRN-1", sex="female",
        date_of_birth=date(1950, 2, 3),
    )  # fmt: skip
    scan = Scan.objects.create(patient=eva, uploaded_by=by, sha256="0" * 64)
    ScanIdentity.objects.create(
        scan=scan, name="EVA^O", birth_date=None, instances=[["1.2", "1.3"]]
    )
    counts = register_clinician(username="counts", password=None, organisation="Clinic")
    set_roles(by=by, user=counts, roles=["clinician", "statistician"])


def fill_in_old_shape() -> None:
    """Accounts without roles, and what arrived, as the product stored them at ``NO_ROLES``."""
    old = MigrationExecutor(connection).loader.project_state([("riskapp", NO_ROLES)]).apps
    owner = old.get_model("auth", "User").objects.get(username="owner")
    clinic = old.get_model("riskapp", "Organisation").objects.get()
    for name, more in {
        "plain": {}, "root": {"is_superuser": True}, "archive:pacs": {},
        "sender:of-a-person": {"password": "pbkdf2_sha256$1$a$b"},
    }.items():  # fmt: skip
        user = old.get_model("auth", "User").objects.create(
            username=name, **{"password": "!", **more}
        )
        old.get_model("riskapp", "Membership").objects.create(user=user, organisation=clinic)
    group, _ = old.get_model("auth", "Group").objects.get_or_create(name="Statisticians")
    group.user_set.add(old.get_model("auth", "User").objects.get(username="plain"))
    old.get_model("riskapp", "ImportedRecord").objects.create(
        patient=old.get_model("riskapp", "Patient").objects.get(record_number="MRN-1"),
        source="x", is_whole=True, received_by=owner, answers={"weight_kg": 61.5}, chosen=[],
        passed_over=["ä"],
    )  # fmt: skip
    now = timezone.now()
    old.get_model("riskapp", "Arrival").objects.create(
        organisation=clinic, source="x", received_by=owner, study_uid="1.2", last_at=now,
        due_at=now, identifier="mrn-9", birth_date=date(1940, 1, 1),
    )  # fmt: skip


def walk() -> dict[str, Any]:
    fill()
    told: dict[str, Any] = {"eva": [of_eva()], "counted": [counted()]}
    to(PLAIN)
    told["plain"] = in_plain()
    to(NO_ROLES)
    group = Group.objects.get(name="Statisticians").user_set
    told["statisticians"] = list(group.values_list("username", flat=True))
    to(JOINED)
    told["counted"].append(counted())
    to(NO_ROLES)
    fill_in_old_shape()
    to()
    told["eva"].append(of_eva())
    told["arrived"] = of_what_arrived()
    told["counted"].append(counted())
    told["sealed"] = [isinstance(name, str) for (name,) in rows("SELECT name FROM riskapp_patient")]
    told["roles"] = {
        one.username: [one.membership.roles, one.membership.program]
        for one in User.objects.select_related("membership")
    }
    told["sound"] = check(1).is_sound
    to("zero")
    told["left"] = [name for name in rows(LEFT[connection.vendor]) if "riskapp" in name[0]]
    return told


# Tables, indexes, sequences, triggers and functions: whatever has a name.
LEFT = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT relname FROM pg_class UNION SELECT proname FROM pg_proc "
    "UNION SELECT tgname FROM pg_trigger",
}

if __name__ == "__main__":
    print(json.dumps(walk()))  # noqa: T201 (for the test)
