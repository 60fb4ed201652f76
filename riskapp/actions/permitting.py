"""Who may do what: what each role may, what a program may, and the check that refuses the rest."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.contrib.auth.models import User

from riskapp.actions.confining import bound_to_scopes
from riskapp.actions.errors import NotAllowed
from riskapp.exchange.smart_scopes import ANY, OF_A_PATIENT, scopes_in
from riskapp.models import ApiClient, Role

P, T = ParamSpec("P"), TypeVar("T")


class Ability(StrEnum):
    """One thing that a role may do; the words follow "may" in docs/access.md."""

    words: str

    def __new__(cls, value: str, words: str) -> "Ability":
        one = str.__new__(cls, value)
        one._value_, one.words = value, words
        return one

    FIND_PATIENTS = "find_patients", "look up patients, their fractures and treatments"
    REGISTER_PATIENTS = "register_patients", "register patients and correct who they are"
    RECORD_EVENTS = "record_events", "record fractures and treatments, and strike them out"
    READ_SCANS = "read_scans", "see scans and what was measured in them"
    WORK_ON_SCANS = "work_on_scans", "add, fetch, outline, confirm, file and return scans"
    RECORD_PRECISION = "record_precision", "record studies of how exactly a scanner repeats itself"
    READ_ASSESSMENTS = "read_assessments", "read patients’ estimates, reports and recall lists"
    ASSESS = "assess", "make estimates for patients and send them to the hospital’s record"
    DISCUSS = "discuss", "decide with patients, record that, and share pages with them"
    SCORE = "score", "score figures that name nobody and are not kept"
    RESTRICT_PATIENTS = "restrict_patients", "restrict a record to its care team, and name that"
    OPEN_RESTRICTED = "open_restricted", "open a restricted record for a stated reason"
    REVIEW_RESTRICTED = "review_restricted", "review why restricted records were opened"
    WORK_WITH_MODELS = "work_with_models", "use the laboratory: train, judge, approve, serve models"
    RECORD_OUTCOMES = "record_outcomes", "tell what became of people, by record number"
    READ_ADVICE = "read_advice", "see in figures how advice in the record was taken"
    SEE_CONNECTIONS = "see_connections", "see what is on its way to other programs, and send again"
    MANAGE_CONNECTIONS = "manage_connections", "manage webhooks"
    SETTLE_DEAD_LETTERS = (
        "settle_dead_letters",
        "see what failed for good, have it tried again, or let it go",
    )
    MANAGE_PEOPLE = "manage_people", "invite people, change their roles, end their access"
    EXPORT_PATIENTS = "export_patients", "give a person the whole of their record as a file"
    ERASE_PATIENTS = "erase_patients", "erase a person’s record, once a second one has confirmed it"
    HOLD_RECORDS = (
        "hold_records",
        "keep a record from being erased, and see how long what is kept and what each night found",
    )
    READ_TRAIL = "read_trail", "read who did what, without any patient’s values"


_A = Ability
OF_IMAGING = frozenset(
    {_A.FIND_PATIENTS, _A.REGISTER_PATIENTS, _A.READ_SCANS, _A.WORK_ON_SCANS, _A.RECORD_PRECISION}
)
OF_CARE = OF_IMAGING | {_A.OPEN_RESTRICTED}
ROLES: Mapping[Role, frozenset[Ability]] = {
    Role.CLINICIAN: OF_CARE
    | {_A.RESTRICT_PATIENTS}
    | {_A.RECORD_EVENTS, _A.READ_ASSESSMENTS, _A.ASSESS, _A.DISCUSS, _A.SCORE}
    | {_A.SEE_CONNECTIONS, _A.READ_ADVICE, _A.EXPORT_PATIENTS},
    Role.RADIOGRAPHER: OF_CARE | {_A.SEE_CONNECTIONS},
    Role.STATISTICIAN: frozenset(
        {_A.WORK_WITH_MODELS, _A.RECORD_OUTCOMES, _A.RECORD_PRECISION, _A.SCORE, _A.READ_ADVICE}
    ),
    Role.ADMINISTRATOR: frozenset(
        {_A.MANAGE_PEOPLE, _A.MANAGE_CONNECTIONS, _A.SEE_CONNECTIONS, _A.READ_ADVICE}
        | {_A.ERASE_PATIENTS, _A.HOLD_RECORDS, _A.REVIEW_RESTRICTED, _A.SETTLE_DEAD_LETTERS}
    ),
    Role.AUDITOR: frozenset({_A.READ_TRAIL, _A.REVIEW_RESTRICTED}),
}
# Accounts that act for a configured peer, by its kind.
PEERS: Mapping[str, frozenset[Ability]] = {
    "archive": OF_IMAGING,
    "sender": OF_IMAGING,
    "hl7": OF_IMAGING | {_A.RECORD_EVENTS},
    "bulk": OF_IMAGING | {_A.RECORD_EVENTS},
    "cds_client": frozenset({_A.SCORE}),
    # Whoever has the machine: ``manage.py dead_letters``.
    "shell": frozenset({_A.SETTLE_DEAD_LETTERS}),
}
_READ, _WRITE = "rs", "cud"
# Resource type -> letters of a scope -> what a program with any of these letters may do.
SCOPES: Mapping[str, Mapping[str, frozenset[Ability]]] = {
    "Patient": {"cu": frozenset({_A.REGISTER_PATIENTS, _A.OPEN_RESTRICTED})},
    "Observation": {_READ: frozenset({_A.READ_SCANS, _A.READ_ASSESSMENTS})},
    "Condition": {_WRITE: frozenset({_A.RECORD_EVENTS})},
    "MedicationStatement": {_WRITE: frozenset({_A.RECORD_EVENTS})},
    "ServiceRequest": {_READ: frozenset({_A.READ_SCANS}), _WRITE: frozenset({_A.WORK_ON_SCANS})},
    "ImagingStudy": {
        _READ: frozenset({_A.READ_SCANS}),
        _WRITE: frozenset({_A.READ_SCANS, _A.WORK_ON_SCANS}),
    },
    "RiskAssessment": {
        _READ: frozenset({_A.READ_ASSESSMENTS}),
        # What was made is told, and rests on scans.
        "c": frozenset({_A.ASSESS, _A.SCORE, _A.READ_ASSESSMENTS, _A.READ_SCANS}),
    },
    "DiagnosticReport": {_READ: frozenset({_A.READ_ASSESSMENTS})},
    "Provenance": {_READ: frozenset({_A.READ_ASSESSMENTS})},
    "Device": {_READ: frozenset({_A.READ_ASSESSMENTS})},
    "Binary": {_READ: frozenset({_A.READ_ASSESSMENTS})},
    "Communication": {
        _READ: frozenset({_A.READ_ASSESSMENTS}),
        _WRITE: frozenset({_A.READ_ASSESSMENTS, _A.DISCUSS}),
    },
    "DocumentReference": {_READ + _WRITE: frozenset({_A.READ_ASSESSMENTS, _A.DISCUSS})},
    "DeviceMetric": {_READ + _WRITE: frozenset({_A.RECORD_PRECISION})},
    "Subscription": {_READ + _WRITE: frozenset({_A.MANAGE_CONNECTIONS})},
    "AuditEvent": {_READ: frozenset({_A.READ_ADVICE})},
    "ResearchStudy": {
        _READ: frozenset({_A.WORK_WITH_MODELS}),
        _WRITE: frozenset({_A.RECORD_OUTCOMES}),
    },
}


def abilities(by: User) -> frozenset[Ability]:
    """All that somebody may do: a person by their roles, a program by its kind or its scopes.

    An app may do what both its scopes and the person's roles allow.
    """
    bound = bound_to_scopes(by)
    kind = program(by)
    if not kind:
        held = frozenset().union(*(ROLES[role] for role in roles(by)))
        return held if bound is None else held & abilities_of(bound)
    if kind in PEERS:
        return PEERS[kind]
    if bound is None:  # later and without a token, such as in a worker
        client = ApiClient.objects.filter(account_id=by.pk, revoked_at=None).first()
        bound = tuple(client.scopes) if client else ()
    return abilities_of(bound)


def roles(by: User) -> tuple[Role, ...]:
    """Somebody's roles in the order of ``Role``; none without an organisation."""
    membership = getattr(by, "membership", None)
    return tuple(role for role in Role if membership and role in membership.roles)


def program(by: User) -> str:
    """The kind of program that an account acts for; blank for a person."""
    membership = getattr(by, "membership", None)
    return membership.program if membership else ""


def abilities_of(scopes: Iterable[str]) -> frozenset[Ability]:
    """What a program may do with these scopes; each door asks for its own scope besides."""
    found: set[Ability] = set()
    for scope in scopes_in(scopes):
        named = SCOPES if scope.resource == ANY else [scope.resource]
        for by_letters in (SCOPES.get(resource, {}) for resource in named):
            for letters, given in by_letters.items():
                if set(letters) & set(scope.letters):
                    found |= given
        if scope.resource == ANY or scope.resource in OF_A_PATIENT:
            found.add(Ability.FIND_PATIENTS)  # whoever it is about has to be found
    return frozenset(found)


def may(by: User, ability: Ability) -> bool:
    return ability in abilities(by)


def check(by: User, ability: Ability) -> None:
    """Refuse who may not do something.

    Raises
    ------
    NotAllowed
        With a sentence that says which role may.
    """
    if not may(by, ability):
        raise NotAllowed(refusal(by, ability))


def needs(ability: Ability) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Refuse at an action itself, whichever door led there, who may not do it.

    The action raises NotAllowed; who does it is its named argument ``by``.
    """

    def decorated(action: Callable[P, T]) -> Callable[P, T]:
        @wraps(action)
        def asked(*given: P.args, **named: P.kwargs) -> T:
            check(cast(User, named["by"]), ability)
            return action(*given, **named)

        return asked

    return decorated


def refusal(by: User, ability: Ability) -> str:
    """Why somebody may not do something, and who may."""
    if getattr(by, "membership", None) is None:
        return "This account belongs to no organisation; ask your administrator."
    if program(by) or bound_to_scopes(by) is not None:
        return "This program may not do this: neither its scopes nor its account reach this far."
    plural = [f"{role.value}s" for role in Role if ability in ROLES[role]]
    return f"Only {' and '.join(plural)} may do this; ask your administrator for the right."


def is_statistician(by: User) -> bool:
    return may(by, Ability.WORK_WITH_MODELS)


def check_statistician(by: User) -> None:
    """Refuse who may not work with models.

    Raises
    ------
    NotAllowed
    """
    check(by, Ability.WORK_WITH_MODELS)
