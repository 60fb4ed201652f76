"""The table of who may open what: complete, obeyed, printed, and in step with the scopes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client
from django.urls import get_resolver

from riskapp import access, gate
from riskapp.access import ACCESS, ANYBODY, SIGNED_IN, needed, walked
from riskapp.actions.confining import bind_to_scopes
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotAllowed
from riskapp.actions.managing_people import set_roles
from riskapp.actions.permitting import ROLES, Ability, abilities, abilities_of, check, may
from riskapp.api.scopes import needs_of
from riskapp.exchange.connection_identity_provider import ROLES as ROLES_OF_PROVIDERS
from riskapp.management.commands.access_page import PAGE, document
from riskapp.models import AuditEvent, Role


def test_every_address_is_in_the_table_and_nothing_else_is() -> None:
    assert run_checks() == []
    assert {one.name for one in walked(get_resolver())} == set(ACCESS)


def test_an_address_that_is_forgotten_is_named_at_the_start_and_open_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "api_patients"
    monkeypatch.setattr(access, "ACCESS", {k: v for k, v in ACCESS.items() if k != name})
    monkeypatch.setattr(gate, "ACCESS", access.ACCESS)
    (problem,) = run_checks()
    assert (problem.id, name in problem.msg) == ("riskapp.E001", True)
    reply = Client().get("/api/v1/patients/")
    assert reply.status_code == 403


def test_a_json_door_that_does_not_ask_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "ACCESS", ACCESS | {"api_nothing": SIGNED_IN})
    (problem,) = run_checks()
    assert (problem.id, "Nothing" in problem.msg) == ("riskapp.E002", True)


def test_a_method_the_table_does_not_tell_apart_needs_what_the_first_does() -> None:
    assert needed("api_patients", "HEAD") is needed("api_patients", "GET")
    assert needed("api_patients", "POST") is Ability.REGISTER_PATIENTS
    assert needed("api_patients", "PUT") is Ability.FIND_PATIENTS
    assert needed("nowhere", "GET") is None


def test_the_page_about_access_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run manage.py access_page"


def test_whoever_has_the_scope_of_a_door_has_the_ability_of_the_door() -> None:
    held = 0
    for door in walked(get_resolver()):
        needs = needs_of(getattr(door.callback, "cls", None), door.name) or {}
        for method, scopes in needs.items():
            asked = needed(door.name, method)
            may_do = abilities_of(
                f"system/{one}" for one in scopes.format(**door.default_args).split()
            )
            assert asked in (ANYBODY, SIGNED_IN) or asked in may_do, (door.name, method)
            held += 1
    assert held > 80


def test_a_provider_may_give_every_role() -> None:
    assert tuple(Role.values) == ROLES_OF_PROVIDERS
    assert set(ROLES) == set(Role)
    assert set(Ability) == frozenset().union(*ROLES.values())


def test_who_sees_patients_and_who_does_not() -> None:
    about_people = {
        Ability.FIND_PATIENTS, Ability.REGISTER_PATIENTS, Ability.RECORD_EVENTS,
        Ability.READ_SCANS, Ability.WORK_ON_SCANS, Ability.READ_ASSESSMENTS, Ability.ASSESS,
        Ability.DISCUSS,
    }  # fmt: skip
    for role in (Role.STATISTICIAN, Role.ADMINISTRATOR, Role.AUDITOR):
        assert not ROLES[role] & about_people, role
    assert not ROLES[Role.RADIOGRAPHER] & {
        Ability.READ_ASSESSMENTS, Ability.ASSESS, Ability.DISCUSS, Ability.WORK_WITH_MODELS,
    }  # fmt: skip
    assert about_people <= ROLES[Role.CLINICIAN]
    assert ROLES[Role.AUDITOR] == {Ability.READ_TRAIL, Ability.REVIEW_RESTRICTED}


@pytest.mark.django_db
def test_several_roles_add_up_and_each_change_is_in_the_trail(owner: User) -> None:
    set_roles(by=owner, user=owner, roles=[Role.RADIOGRAPHER, Role.AUDITOR])
    held = abilities(User.objects.get(pk=owner.pk))
    assert held == ROLES[Role.RADIOGRAPHER] | ROLES[Role.AUDITOR]
    told = AuditEvent.objects.filter(action__startswith="role.").values_list("action", flat=True)
    assert list(told) == ["role.end.clinician", "role.give.radiographer", "role.give.auditor"]
    set_roles(by=owner, user=owner, roles=[Role.AUDITOR, Role.RADIOGRAPHER])
    assert AuditEvent.objects.filter(action__startswith="role.").count() == 3


@pytest.mark.django_db
def test_a_refusal_says_which_roles_may(owner: User) -> None:
    set_roles(by=owner, user=owner, roles=[Role.STATISTICIAN])
    with pytest.raises(NotAllowed, match="^Only clinicians and radiographers may do this"):
        check(owner, Ability.READ_SCANS)
    with pytest.raises(NotAllowed, match="no organisation"):
        check(User.objects.create(username="nobody"), Ability.READ_SCANS)


@pytest.mark.django_db
def test_an_app_may_do_what_both_its_scopes_and_the_person_may(owner: User) -> None:
    bind_to_scopes(owner, ["user/ImagingStudy.rs", "user/ResearchStudy.rs"])
    assert abilities(owner) == {Ability.FIND_PATIENTS, Ability.READ_SCANS}
    with pytest.raises(NotAllowed, match="program"):
        check(owner, Ability.ASSESS)


@pytest.mark.django_db
def test_the_account_of_a_peer_may_do_what_its_kind_does_and_no_more() -> None:
    archive = service_account("archive", "pacs", "Clinic A")
    assert may(archive, Ability.WORK_ON_SCANS)
    assert not may(archive, Ability.READ_ASSESSMENTS)
    unknown = service_account("client", "without-scopes", "Clinic A")
    assert abilities(unknown) == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.CLINICIAN, None),
        (Role.RADIOGRAPHER, None),
        (Role.STATISTICIAN, "/laboratory/"),
    ],
)
def test_the_bare_address_opens_the_first_page_that_a_role_may_open(
    owner: User, browser_of: Any, role: Role, first: str | None
) -> None:
    set_roles(by=owner, user=owner, roles=[role])
    reply = browser_of(owner).get("/")
    assert (reply.status_code, reply.get("Location")) == ((302, first) if first else (200, None))
