"""What is older than its period goes, with a certificate; what is held, or is not so old, stays."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

from riskapp import models, retention
from riskapp.actions import holding, old_records, old_rows, retaining
from riskapp.actions.belongings import belongings
from riskapp.actions.erased_again import erase_all_again
from riskapp.actions.erasing import take_out
from riskapp.actions.erasure_certificate import is_signed, problems_with
from riskapp.actions.errors import Refused
from riskapp.actions.recording_events import record_fracture
from riskapp.models import AuditEvent, Erasure, Patient, RetentionRun
from riskapp.models.leased import Leased
from riskapp.site_settings import BadSetting
from tests.actions.erased import administrator, data_folder, person

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db
KEPT = retention.USUAL["patients"]
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def others(owner: User) -> list[Patient]:
    """Enough people that one of them may be erased in a night."""
    return [person(owner, f"other-{number}") for number in range(4)]


@pytest.fixture
def old(owner: User) -> Patient:
    return person(owner, "old", LONG_AGO)


def test_a_record_goes_when_nothing_was_added_for_its_period_and_not_a_minute_before(
    owner: User, others: list[Patient]
) -> None:
    now = timezone.now()
    person(owner, "just over", now - KEPT - MINUTE)
    person(owner, "just within", now - KEPT + MINUTE)
    done = retaining.retain()
    assert done.counts == {"patients": 1}
    left = {one.record_number for one in Patient.objects.all()}
    assert left == {"just within", *(one.record_number for one in others)}
    erasure = Erasure.objects.get()
    assert (erasure.because, erasure.asked_by, erasure.confirmed_by) == (
        "kept_long_enough", None, None,
    )  # fmt: skip
    assert problems_with(erasure.certificate) == []


def test_whatever_was_added_since_keeps_a_record(
    owner: User, others: list[Patient], old: Patient
) -> None:
    record_fracture(by=owner, patient=old, site="hip", happened_on="2009")
    assert retaining.retain().counts == {}
    assert Patient.objects.filter(pk=old.pk).exists()


def test_what_is_added_while_a_run_is_under_way_keeps_a_record_too(
    owner: User, others: list[Patient], old: Patient
) -> None:
    before = timezone.now() - KEPT
    (due,) = old_records.due(before)
    record_fracture(by=owner, patient=old, site="hip", happened_on="2009")
    done, waits = old_records.erase_due([due], before)
    assert (done, len(waits)) == ([], 1)
    assert Patient.objects.filter(pk=old.pk).exists()
    assert not Erasure.objects.exists()


def test_a_legal_hold_wins_until_it_is_lifted(
    owner: User, others: list[Patient], old: Patient
) -> None:
    boss = administrator("boss")
    made = holding.put(by=boss, record_number="old", because="A court asks for it.")
    assert retaining.what_is_due().counts == {}
    assert retaining.retain().counts == {}
    erasure = Erasure(patient_id=old.pk, organisation=old.organisation, because="asked")
    with pytest.raises(Refused, match="legal hold"):
        take_out(erasure, by=boss)
    holding.lift(by=boss, id=made.pk, because="The case is closed.")
    # Putting and lifting it says that somebody still dealt with the record.
    models.LegalHold.objects.update(at=LONG_AGO, lifted_at=LONG_AGO)
    assert retaining.retain().counts == {"patients": 1}
    told = AuditEvent.objects.filter(patient_id=old.pk).values_list("action", flat=True)
    assert ["hold.put", "hold.lift", "patient.erase"] == [
        one for one in told if one.startswith(("hold", "patient.erase"))
    ]


def test_a_dry_run_counts_and_changes_nothing(
    owner: User, others: list[Patient], old: Patient
) -> None:
    models.FailedSignIn.objects.create(key="k", count=1, last_at=LONG_AGO)
    out = StringIO()
    call_command("retain", dry_run=True, stdout=out)
    assert [line.split() for line in out.getvalue().splitlines()] == [
        ["patients", "1"],
        ["failed_sign_ins", "1"],
    ]
    assert Patient.objects.filter(pk=old.pk).exists()
    assert models.FailedSignIn.objects.exists()
    assert not RetentionRun.objects.exists()
    assert retaining.records_due_within(timedelta(days=30)) == 1


def test_a_run_leaves_a_signed_certificate_and_a_row_of_the_trail(
    owner: User, others: list[Patient], old: Patient
) -> None:
    call_command("retain", stdout=StringIO())
    (run,) = RetentionRun.objects.all()
    erasure = Erasure.objects.get()
    assert run.certificate["let_go"] == {"patients": 1}
    assert run.certificate["erasures"] == [str(erasure.id)]
    assert is_signed(run.certificate)
    assert not is_signed(run.certificate | {"let_go": {}})
    row = AuditEvent.objects.get(action="retention.run")
    assert (row.by, row.target) == ("site", str(run.id))
    assert row.detail["certificate"] == run.certificate["signature"]
    # Nothing is old any more: no row, no certificate.
    call_command("retain", stdout=StringIO())
    assert RetentionRun.objects.count() == 1


@pytest.mark.parametrize(
    ("people", "most"), [(0, 0), (3, 0), (4, 1), (80, 20), (1_000, 20), (1_050, 21)]
)
def test_one_night_erases_a_few_and_never_a_quarter(people: int, most: int) -> None:
    assert old_records.most_of(people) == most


def test_a_clock_that_makes_everybody_old_erases_nobody_unasked(owner: User) -> None:
    for number in range(4):
        person(owner, f"{number}", LONG_AGO)
    with pytest.raises(CommandError, match="4 records are due at once"):
        call_command("retain", stdout=StringIO())
    assert Patient.objects.count() == 4
    call_command("retain", all=True, stdout=StringIO())
    assert Patient.objects.count() == 0


def test_whoever_a_backup_brings_back_after_a_run_is_erased_again(
    owner: User, others: list[Patient], old: Patient
) -> None:
    retaining.retain()
    # As an older backup has it: the person, and no word of the erasure.
    Erasure.objects.all().delete()
    Patient.objects.bulk_create([old])
    assert erase_all_again() == (1, [])
    assert not Patient.objects.filter(pk=old.pk).exists()
    assert erase_all_again() == (0, [])


def made_of_every_kind(owner: User, at: datetime) -> dict[str, list[Any]]:
    """One row of each kind that a period ends, of that moment."""
    home = owner.membership.organisation
    boss = administrator("boss")
    day = at.date()
    application = Application.objects.create(name="app", client_type="public")
    token = AccessToken.objects.create(user=owner, application=application, expires=at, token="t")
    client = models.ApiClient.objects.create(
        name="app", application=application, organisation=home, account=owner
    )
    promise = {"asked_by": owner, "run_after": at, "status": Leased.Status.DONE}
    card = models.CdsCard.objects.create(
        uuid="12345678-1234-5678-1234-567812345678", organisation=home, shown_on=day
    )
    arrived = {"organisation": home, "received_by": owner, "last_at": at, "due_at": at}
    session = {"user": owner, "began_at": at, "seen_at": at, "confirmed_at": at}
    link = {"user": boss, "made_at": at, "expires_at": at}
    letter = {"organisation": home, "tries": 1, "first_at": at, "at": at, "settled_at": at}
    made = {
        "waiting_studies": [models.Arrival(study_uid="1.2", status="waiting", **arrived)],
        "discarded_studies": [
            models.Arrival(study_uid="1.3", status="discarded", decided_at=at, **arrived)
        ],
        "launches": [
            models.EhrLaunch(
                organisation=home, state_sha256="s", configuration={}, secrets={}, asked_at=at
            )
        ],
        "sessions": [models.SignInSession(**session)],
        "browser_sessions": [Session(session_key="s", expire_date=at)],
        "failed_sign_ins": [models.FailedSignIn(key="k", count=1, last_at=at)],
        "known_browsers": [models.KnownDevice(key="k", seen_at=at)],
        "invitations": [models.OneTimeLink(token_sha256="s", **link)],
        "proofs": [
            models.UsedAssertion(client=client, until=at),
            models.UsedCdsToken(digest="d", until=at),
            models.UsedLogout(digest="d", until=at),
        ],
        "tokens": [
            RefreshToken(user=owner, application=application, access_token=token, token="r"),
            Grant(user=owner, application=application, expires=at, code="c"),
            IDToken(user=owner, application=application, expires=at),
        ],
        "kept_answers": [models.KeptAnswer(by=owner, key="k", answer={}, at=at)],
        "bulk_files": [models.BulkAnswer(organisation=home, finished_at=at, **promise)],
        "bulk_imports": [models.BulkImport(organisation=home, asked_at=at, **promise)],
        "messages": [models.TakenMessage(organisation=home, answer="", taken_at=at)],
        "notifications": [
            models.Delivery(organisation=home, kind="webhook", confirmed_at=at, **promise)
        ],
        "dead_letters": [models.DeadLetter(outcome="dropped", **letter)],
        "advice": [models.CdsFeedback(card=card, happened_at=at, digest="d")],
        "nights": [
            models.NightlyRun(task="trail", night=day, started_at=at),
            models.TrailCheck(first=1, last=1, is_sound=True, seconds=0, at=at),
        ],
    }
    for rows in made.values():
        for one in rows:
            one.save()
            # What is set by itself to now is set to then.
            for name in ("at", "asked_at", "taken_at"):
                if any(field.name == name for field in one._meta.fields):
                    type(one).objects.filter(pk=one.pk).update(**{name: at})
    return made | {"tokens": [token, *made["tokens"]], "advice": [card, *made["advice"]]}


def test_each_kind_is_let_go_after_its_period_and_stays_a_day_before(owner: User) -> None:
    made = made_of_every_kind(owner, LONG_AGO)
    assert {"patients", *made} == set(retention.USUAL)
    assert set(made) == set(old_rows.OLD)
    for name in made:
        assert old_rows.count(name, LONG_AGO - timedelta(days=1)) == 0, name
        found = old_rows.count(name, LONG_AGO + timedelta(days=1))
        assert found >= 1, name
        assert old_rows.let_go(name, LONG_AGO + timedelta(days=1)) == found
        assert old_rows.count(name, LONG_AGO + timedelta(days=1)) == 0, name
    waiting = models.Arrival.objects.get()
    assert (waiting.status, waiting.identifier) == ("discarded", "")


def test_what_still_waits_for_a_person_has_no_period(owner: User) -> None:
    home = owner.membership.organisation
    models.DeadLetter.objects.create(
        organisation=home, tries=1, first_at=LONG_AGO, at=LONG_AGO, settled_at=LONG_AGO
    )
    models.Delivery.objects.create(
        organisation=home, kind="webhook", asked_by=owner, run_after=LONG_AGO
    )
    assert retaining.what_is_due().counts == {}


def test_a_site_sets_periods_within_their_bounds() -> None:
    def told(text: str) -> dict[str, timedelta]:
        return retention.periods({"TRABECULA_RETENTION": text})

    assert told("") == retention.USUAL
    changed = told("patients=10y, sessions=30d")
    assert (changed["patients"].days, changed["sessions"].days) == (3660, 30)
    assert changed["messages"] == retention.USUAL["messages"]
    for one in retention.PERIODS:
        for days in (one.least, one.most):
            assert told(f"{one.name}={days}d")[one.name].days == days
        for days in (one.least - 1, one.most + 1):
            with pytest.raises(BadSetting):
                told(f"{one.name}={days}d")
    for text in ("patients", "people=10y", "patients=10", "patients=ten", "patients=10y;x=1d"):
        with pytest.raises(BadSetting, match="looks like"):
            told(text)


def test_a_certificate_of_a_run_names_nobody(
    owner: User, others: list[Patient], old: Patient
) -> None:
    assert belongings(old)
    retaining.retain()
    told = json.dumps(RetentionRun.objects.get().certificate)
    assert old.name not in told
    assert '"old"' not in told
