"""How people come to be known: patients, users and the keys of other programs."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.alike import Alike, alike
from riskapp.actions.announcing import announce
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import Refused
from riskapp.actions.finding import everyone, numbered, organisation_of
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.whose_arrival import look_again_at
from riskapp.models import ApiToken, Membership, Organisation, Patient, Role
from riskapp.models.api_token import digest_of
from riskapp.models.search_word import write_words
from riskapp.risk.profile import Sex

NAME_LENGTH, RECORD_NUMBER_LENGTH = 200, 64
# Not seen either, but names in Persian or Sinhala are misspelt without them.
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
TAKEN = "A patient with this record number is already registered."
# The oldest person on record reached 122 years (Robine and others 2019, J Gerontol A 74:S13;
# recalled, to be confirmed); a longer life is a slip of typing.
OLDEST_YEARS = 122


@needs(Ability.REGISTER_PATIENTS)
def register_patient(
    *,
    by: User,
    name: str,
    record_number: str,
    date_of_birth: date,
    sex: str,
    not_one_of: Collection[UUID] | None = None,
) -> Patient:
    """Register a person with the user's organisation.

    Parameters
    ----------
    not_one_of : ids of patients, optional
        Who was shown to the person that registers, and is somebody else; kept in the trail. None
        where another system answers for who is who, and nobody is there to be asked.

    Raises
    ------
    Alike
        If others are registered who may be the same person.
    Refused
        With a sentence for each argument that cannot be used, all at once; also where the
        record number is taken.
    NotAllowed
        If a token for one patient asks.
    """
    check_unconfined(by)
    name, record_number = name.strip(), record_number.strip()
    given = {"name": name, "record_number": record_number, "date_of_birth": date_of_birth}
    problems = problems_of(by=by, given=given | {"sex": sex})
    if problems:
        raise Refused(problems)
    if not_one_of is not None:
        found = alike(by=by, name=name, date_of_birth=date_of_birth)
        if {one.pk for one in found} - set(not_one_of):
            raise Alike(found)
    try:
        with transaction.atomic():
            patient = Patient.objects.create(
                organisation=organisation_of(by),
                name=name,
                record_number=record_number,
                date_of_birth=date_of_birth,
                sex=sex,
            )
            auditing.record(
                by=by,
                action="patient.register",
                target=patient.id,
                patient=patient.id,
                detail={"not_one_of": sorted(map(str, not_one_of))} if not_one_of else None,
            )
            write_words(patient)
            look_again(patient.id)
            look_again_at(patient.organisation, identifier_folded=record_number)
            announce(
                "patient.registered",
                by=by,
                organisation=patient.organisation,
                once=patient.id,
                patient=patient.id,
            )
    except IntegrityError as taken:
        raise Refused({"record_number": TAKEN}) from taken
    return patient


def problems_of(*, by: User, given: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for each answer about a patient that cannot be used, however many are given."""
    checks: dict[str, Callable[[Any], str]] = {
        "name": lambda text: _text_problem("Name", text, NAME_LENGTH, JOINERS),
        "record_number": lambda text: _number_problem(by, text),
        "date_of_birth": _birth_problem,
        "sex": lambda sex: (
            "" if sex in set(Sex) else "Sex is female or male, as assigned at birth."
        ),
    }
    said = {field: check(given[field]) for field, check in checks.items() if field in given}
    return {field: sentence for field, sentence in said.items() if sentence}


def register_clinician(*, username: str, password: str | None, organisation: str) -> User:
    """Make, or renew, the account of a clinician; see ``register_account``."""
    return register_account(
        username=username, password=password, organisation=organisation, roles=[Role.CLINICIAN]
    )


@transaction.atomic
def register_account(
    *,
    username: str,
    password: str | None,
    organisation: str,
    roles: Sequence[Role] = (),
    program: str = "",
) -> User:
    """Make, or renew, an account and the organisation it works for; idempotent.

    None keeps the password that the account has, and a new account then has none. An account
    that is there already keeps its roles.

    Raises
    ------
    Refused
        If the account works for another organisation: it would take its name along to patients
        of the one and lose those of the other.
    """
    user, _ = User.objects.get_or_create(username=username)
    works_for = Membership.objects.filter(user=user).exclude(organisation__name=organisation)
    if works_for.exists():
        raise Refused(
            {"organisation": f"{username} works for another organisation; take another user name."}
        )
    if password is not None or not user.password:
        user.set_password(password)
        user.save(update_fields=["password"])
    home, _ = Organisation.objects.get_or_create(name=organisation)
    Membership.objects.get_or_create(
        user=user, defaults={"organisation": home, "roles": list(roles), "program": program}
    )
    auditing.record(by=user, action="account.register", target=user.pk)
    return user


@transaction.atomic
def issue_token(*, by: User, label: str) -> str:
    """Give another program a key that acts for this user, and revoke its key of that label.

    The key is returned and nowhere stored.
    """
    by.api_tokens.filter(label=label, revoked_at=None).update(revoked_at=timezone.now())
    key = ApiToken.new_key()
    token = ApiToken.objects.create(user=by, label=label, digest=digest_of(key))
    auditing.record(by=by, action="token.issue", target=token.pk)
    return key


def _number_problem(by: User, text: str) -> str:
    problem = _text_problem("Record number", text, RECORD_NUMBER_LENGTH)
    if problem:
        return problem
    is_taken = everyone(by=by).filter(numbered(text)).exists()
    return TAKEN if is_taken else ""


def _text_problem(label: str, text: str, longest: int, unseen_allowed: str = "") -> str:
    if not text.strip(unseen_allowed or None):
        return f"{label} is missing."
    if len(text) > longest:
        return f"{label} has {len(text)} characters; at most {longest} fit."
    # Cc: control characters, among them NUL, which PostgreSQL cannot store; Cf: characters that
    # are not seen and may turn the writing round, so that a name looks like another; Cs: half a
    # character, which no encoding can; Zl, Zp: ends of lines and paragraphs.
    kinds = {
        unicodedata.category(character) for character in text if character not in unseen_allowed
    }
    if kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return f"{label} contains characters that cannot be stored."
    return ""


def _birth_problem(day: date) -> str:
    today = timezone.localdate()
    if day > today:
        return "Date of birth lies in the future."
    if today.year - day.year > OLDEST_YEARS:
        return f"Date of birth lies more than {OLDEST_YEARS} years ago."
    return ""
