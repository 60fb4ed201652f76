"""Opened from a hospital's record (SMART App Launch 2.2): from the question to the tokens."""

import hashlib
import secrets
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.connecting import connections
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.own_keys import own_signing_key
from riskapp.actions.registering import register_clinician
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.smart import scopes, tokens
from riskapp.exchange.smart.configuration import SmartConfiguration, discover
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer
from riskapp.exchange.smart.identity_token import Identity, identify
from riskapp.exchange.smart.tokens import Granted, SigningKey
from riskapp.models import EhrAccount, EhrLaunch, Organisation

# As long as somebody may take to sign in to the record and to choose a patient there.
ANSWER_WITHIN = timedelta(minutes=15)
# Open questions are swept after a day; of answered launches the tokens end by themselves.
SWEEP_AFTER = timedelta(days=1)
# What one site may have open at once, so that nobody fills the table with questions.
MOST_OPEN = 1_000
LONGEST_LAUNCH = 4_096
UNKNOWN_RECORD = (
    "This record is not connected with Trabecula; ask the administrator of Trabecula to name it."
)
NOT_OURS = (
    "This answer belongs to no launch that was started in this browser; open Trabecula from the "
    "record again."
)
USED = "This launch was answered already; open Trabecula from the record again."
TOO_LATE = "This launch took longer than 15 minutes; open Trabecula from the record again."
DECLINED = "The record was not opened: access was refused there."
FAILED = "The record could not open Trabecula; its administrator finds the reason in its log."
TOO_BUSY = "Too many launches are open at the moment; try again in a few minutes."


def record_of(iss: str) -> EhrConnection:
    """The configured record that names itself so: no other is ever asked.

    Raises
    ------
    Refused
        If there is none.
    """
    for one in connections().of(EhrConnection):
        if one.base == iss.rstrip("/"):
            return one
    raise Refused({"iss": UNKNOWN_RECORD})


def record_named(name: str) -> EhrConnection:
    """
    Raises
    ------
    NotFound
    """
    found = connections().named(EhrConnection, name)
    if found is None:
        raise NotFound("There is no such record.")
    return found


def records(*, by: User | None = None) -> list[EhrConnection]:
    """Records that can be opened: those of the user's organisation, or all before signing in."""
    every = connections().of(EhrConnection)
    if by is None:
        return list(every)
    home = organisation_of(by).name
    return [one for one in every if one.organisation == home]


def begin(*, ehr: EhrConnection, browser: str, redirect_uri: str, launch: str | None = None) -> str:
    """Remember the question and give the record's address to send the browser to.

    Parameters
    ----------
    browser : str
        A secret that only this browser's session holds.
    launch : str or None
        What the record called its launch; None where Trabecula begins by itself.

    Raises
    ------
    LaunchProblem, Refused
        If the record cannot be asked.
    """
    if launch is not None and not 0 < len(launch) <= LONGEST_LAUNCH:
        raise Refused({"launch": "The record did not say what it launches; open it from there."})
    there = discover(ehr)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    context = "launch/patient" if launch is None else "launch"
    scope = scopes.to_ask(ehr.scopes, context, there.speaks_first_version)
    now = timezone.now()
    with transaction.atomic():
        unanswered = EhrLaunch.objects.filter(answered_at=None)
        unanswered.filter(asked_at__lt=now - SWEEP_AFTER).delete()
        if unanswered.filter(asked_at__gt=now - ANSWER_WITHIN).count() >= MOST_OPEN:
            raise Refused({"launch": TOO_BUSY})
        home, _ = Organisation.objects.get_or_create(name=ehr.organisation)
        EhrLaunch.objects.create(
            ehr=ehr.name,
            organisation=home,
            state_sha256=_digest(state),
            browser_sha256=_digest(browser),
            redirect_uri=redirect_uri,
            configuration=asdict(there),
            asked_scope=scope,
            secrets={"nonce": nonce, "verifier": verifier},
        )
    return tokens.authorization_address(
        ehr,
        there,
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        nonce=nonce,
        verifier=verifier,
        launch=launch or "",
    )


def finish(*, state: str, code: str, error: str, browser: str) -> EhrLaunch:
    """Take the record's answer, once: tokens, and who it is that launched.

    Raises
    ------
    LaunchProblem
        If the answer is not to a question of this browser, comes too late or again, or what it
        brings does not hold; the last leaves a row in the trail.
    """
    launch = _asked(state, browser)
    if not error and not code:
        raise LaunchProblem(FAILED)
    _take(launch)
    if error:
        raise LaunchProblem(DECLINED if error == "access_denied" else FAILED)
    try:
        return _signed_in(launch, code)
    except NoAnswer:
        raise
    except LaunchProblem:
        auditing.record(
            by=None, action="sign_in.failed", target=launch.id, organisation=launch.organisation
        )
        raise


def _signed_in(launch: EhrLaunch, code: str) -> EhrLaunch:
    """Redeem the code, and find who it is."""
    ehr = connections().named(EhrConnection, launch.ehr)
    if ehr is None:
        raise LaunchProblem(UNKNOWN_RECORD)
    there = SmartConfiguration(**launch.configuration)
    asked = launch.secrets
    granted = tokens.redeem(
        ehr,
        there.token_endpoint,
        signing_key(),
        code=code,
        verifier=asked.get("verifier", ""),
        redirect_uri=launch.redirect_uri,
        asked=launch.asked_scope,
    )
    identity = identify(ehr, there, granted.id_token, asked.get("nonce", ""))
    if not granted.patient:
        raise LaunchProblem(tokens.NO_PATIENT)
    with transaction.atomic():
        launch.by = account_of(ehr, identity)
        launch.fhir_patient, launch.encounter = granted.patient, granted.encounter
        keep(launch, granted)
        auditing.record(
            by=launch.by, action="ehr.launch", target=launch.id, patient=launch.patient_id
        )
    return launch


def again(*, by: User, state: str, browser: str) -> EhrLaunch | None:
    """The launch that this very answer opened before, as when a page is loaded again."""
    return EhrLaunch.objects.filter(
        state_sha256=_digest(state), browser_sha256=_digest(browser), by_id=by.pk
    ).first()


def launch_of(*, by: User, id: UUID | str) -> EhrLaunch:
    """A launch of this very user.

    Raises
    ------
    NotFound
    """
    found = EhrLaunch.objects.filter(id=id, by_id=by.pk, organisation=organisation_of(by)).first()
    if found is None:
        raise NotFound("There is no such launch.")
    return found


def keep(launch: EhrLaunch, granted: Granted) -> None:
    """Keep tokens with their launch; a refresh token stays until another one comes."""
    before = launch.secrets
    launch.secrets = {
        "access": granted.access_token,
        "refresh": granted.refresh_token or before.get("refresh", ""),
    }
    launch.scopes = list(granted.scopes)
    launch.tokens_until = timezone.now() + timedelta(seconds=granted.lasts_s)
    launch.save(
        update_fields=[
            "by", "fhir_patient", "encounter", "secrets", "scopes", "tokens_until",
        ]
    )  # fmt: skip


def account_of(ehr: EhrConnection, identity: Identity) -> User:
    """The account of somebody whom the record's issuer knows, made at the first launch.

    Raises
    ------
    LaunchProblem
        If the account was closed here, or works for another organisation.
    """
    known = (
        EhrAccount.objects.filter(issuer=identity.issuer, subject=identity.subject)
        .select_related("user")
        .first()
    )
    if known is None:
        known = _new_account(ehr, identity)
    if not known.user.is_active:
        raise LaunchProblem("Your account with Trabecula is closed; ask its administrator.")
    if organisation_of(known.user).name != ehr.organisation:
        raise LaunchProblem("Your account with Trabecula belongs to another organisation.")
    return known.user


def signing_key() -> SigningKey:
    own = own_signing_key()
    return SigningKey(own.kid, own.private)


def _new_account(ehr: EhrConnection, identity: Identity) -> EhrAccount:
    whole = f"{identity.subject}@{ehr.name}"
    taken = len(whole) > 150 or User.objects.filter(username=whole).exists()
    # Two issuers may use one name for two people; the digest keeps them apart.
    username = f"{whole[:130]}~{_digest(identity.issuer + identity.subject)[:12]}"
    user = register_clinician(
        username=username if taken else whole, password=None, organisation=ehr.organisation
    )
    user.last_name = identity.name[:150]
    user.save(update_fields=["last_name"])
    return EhrAccount.objects.create(
        issuer=identity.issuer,
        subject=identity.subject,
        user=user,
        fhir_user=identity.fhir_user,
    )


def _asked(state: str, browser: str) -> EhrLaunch:
    launch = EhrLaunch.objects.filter(state_sha256=_digest(state)).first()
    if launch is None or not secrets.compare_digest(launch.browser_sha256, _digest(browser)):
        raise LaunchProblem(NOT_OURS)
    if launch.answered_at is not None:
        raise LaunchProblem(USED)
    if launch.asked_at < timezone.now() - ANSWER_WITHIN:
        raise LaunchProblem(TOO_LATE)
    return launch


def _take(launch: EhrLaunch) -> None:
    """Of two answers that come at once, one is taken."""
    now = timezone.now()
    if not EhrLaunch.objects.filter(id=launch.id, answered_at=None).update(answered_at=now):
        raise LaunchProblem(USED)
    launch.answered_at = now


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
