"""People of an organisation: invited, given roles, kept out again. For its administrators.

Programs have accounts too, which are not found here: ``connections.toml`` and
``manage.py add_api_client`` speak of them.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from riskapp.actions import auditing, counting_attempts, passwords, second_factor, sessions
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.passwords import MadeLink
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.registering import JOINERS
from riskapp.models import Membership, Role

NOBODY = "There is no such person."
LAST = "This is the organisation’s last administrator; give another person that role first."
NO_ROLE = "Choose at least one role. To end somebody’s access, close the account."
TAKEN = "There is an account of this name already; take another name."
UNSEEN = "The name holds letters that cannot be seen; type it anew."
BY_SERVICE = "This account signs in with the organisation’s own service and needs no password."


@needs(Ability.MANAGE_PEOPLE)
def people(*, by: User) -> QuerySet[Membership]:
    """The people of one's own organisation with their accounts, by user name."""
    check_unconfined(by)
    found = Membership.objects.filter(organisation=organisation_of(by), program="")
    return found.select_related("user").order_by("user__username")


def person(*, by: User, id: int) -> Membership:
    """One of them.

    Raises
    ------
    NotFound
    """
    # Asked for as an account: a number that no column holds then finds nobody.
    found = people(by=by).filter(user__in=User.objects.filter(pk=id)).first()
    if found is None:
        raise NotFound(NOBODY)
    return found


@transaction.atomic
def invite(*, by: User, username: str, full_name: str, roles: Iterable[str]) -> MadeLink:
    """Make an account without a password, and the link by which its owner sets one.

    Raises
    ------
    Refused
        With a sentence for each answer that must be mended.
    """
    people(by=by)
    roles, first, _, last = set(roles), *full_name.strip().rpartition(" ")
    user = User(username=username.strip(), first_name=first, last_name=last)
    user.set_unusable_password()
    problems = _name_problems(user) | {"roles": _roles_problem(roles)}
    if problems := {name: sentence for name, sentence in problems.items() if sentence}:
        raise Refused(problems)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as taken:
        raise Refused({"username": TAKEN}) from taken
    Membership.objects.create(user=user, organisation=organisation_of(by))
    auditing.record(by=by, action="account.invite", target=user.pk)
    set_roles(by=by, user=user, roles=roles)
    return passwords.make_link(by=by, user=user)


@transaction.atomic
def change_roles(*, by: User, id: int, roles: Iterable[str]) -> Membership:
    """Let somebody have these roles and no others; it counts from their next request.

    Raises
    ------
    NotFound
    Refused
        If there is no such role, none at all, or no administrator would be left.
    """
    one, roles = person(by=by, id=id), set(roles)
    if problem := _roles_problem(roles):
        raise Refused({"roles": problem})
    if Role.ADMINISTRATOR not in roles:
        _check_another_administrator(by, one)
    set_roles(by=by, user=one.user, roles=roles)
    return one


@transaction.atomic
def close(*, by: User, id: int) -> Membership:
    """Keep somebody out from now on: sessions, keys, apps and links of theirs end.

    Raises
    ------
    NotFound
    Refused
        If no administrator would be left.
    """
    one = person(by=by, id=id)
    _check_another_administrator(by, one)
    one.user.is_active = False
    one.user.save(update_fields=["is_active"])
    now = timezone.now()
    sessions.end_all(by=by, user=one.user)
    one.user.api_tokens.filter(revoked_at=None).update(revoked_at=now)
    one.user.one_time_links.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    for kind in (Grant, RefreshToken, AccessToken):
        kind.objects.filter(user=one.user).delete()
    auditing.record(by=by, action="account.close", target=one.user_id)
    return one


@transaction.atomic
def reopen(*, by: User, id: int) -> Membership:
    """Let somebody in again, with the roles and the password that they had.

    Raises
    ------
    NotFound
    """
    one = person(by=by, id=id)
    one.user.is_active = True
    one.user.save(update_fields=["is_active"])
    auditing.record(by=by, action="account.reopen", target=one.user_id)
    return one


def make_link(*, by: User, id: int) -> MadeLink:
    """A new link by which somebody sets a password; their older ones end.

    Raises
    ------
    NotFound
    Refused
        If the account is closed, or signs in otherwise.
    """
    user = person(by=by, id=id).user
    if not user.is_active:
        raise Refused({"": "This account is closed; reopen it first."})
    if signs_in_elsewhere(user):
        raise Refused({"": BY_SERVICE})
    return passwords.make_link(by=by, user=user)


def signs_in_elsewhere(user: User) -> bool:
    """Whether a sign-in service or a hospital's record vouches for somebody."""
    return user.external_identities.exists() or hasattr(user, "ehr_account")


def unlock(*, by: User, id: int) -> None:
    """Let somebody try again at once whose attempts to sign in failed."""
    counting_attempts.unlock(by=by, user=person(by=by, id=id).user)


@transaction.atomic
def take_factors_away(*, by: User, id: int) -> None:
    """Let somebody in by password alone who lost app, passkeys and codes; their sessions end.

    Raises
    ------
    NotFound
    """
    second_factor.take_away(by=by, user=person(by=by, id=id).user)


@transaction.atomic
def ask_for_factors(*, by: User, roles: Iterable[str]) -> None:
    """Ask the people in these roles for a second factor besides a password, and no others.

    Whom the site asks by TRABECULA_SECOND_FACTOR stays asked.

    Raises
    ------
    Refused
        If there is no such role.
    """
    people(by=by)
    wanted = set(roles)
    if not wanted <= set(Role):
        raise Refused({"roles": _roles_problem(wanted)})
    organisation = organisation_of(by)
    organisation.second_factor_of = [role.value for role in Role if role in wanted]
    organisation.save(update_fields=["second_factor_of"])
    auditing.record(
        by=by,
        action="organisation.second_factor",
        target=organisation.pk,
        detail={"roles": organisation.second_factor_of},
    )


def end_sessions(*, by: User, id: int, session: UUID | None = None) -> int:
    """End one session of somebody's, or all; give how many.

    Raises
    ------
    NotFound
    """
    user = person(by=by, id=id).user
    if session is None:
        return sessions.end_all(by=by, user=user)
    sessions.end_one_of(by=by, user=user, id=session)
    return 1


@transaction.atomic
def set_roles(*, by: User, user: User, roles: Iterable[Role | str]) -> None:
    """Give somebody these roles and take all others away; nothing is written where nothing changes.

    Whoever calls it has asked whether ``by`` may: a sign-in service and the shell may too.
    """
    wanted = set(roles)
    membership = Membership.objects.select_for_update().get(user=user)
    before = set(membership.roles)
    if wanted == before:
        return
    membership.roles = [role.value for role in Role if role in wanted]
    membership.save(update_fields=["roles"])
    user.membership = membership
    for role in Role:
        if (role in wanted) != (role in before):
            given = "give" if role in wanted else "end"
            auditing.record(by=by, action=f"role.{given}.{role.value}", target=user.pk)


def make_statistician(user: User) -> None:
    """Give a user the role of a statistician too."""
    set_roles(by=user, user=user, roles={*user.membership.roles, Role.STATISTICIAN})


def _check_another_administrator(by: User, one: Membership) -> None:
    """Refuse what would leave an organisation without anybody who manages its people."""
    # All of them are locked, so that of two administrators only one can take the other's role.
    everybody = list(people(by=by).select_for_update(of=("self",)))
    left = [
        other
        for other in everybody
        if other.pk != one.pk and other.user.is_active and Role.ADMINISTRATOR in other.roles
    ]
    if Role.ADMINISTRATOR in one.roles and not left:
        raise Refused({"roles": LAST})


def _roles_problem(roles: set[str]) -> str:
    if not roles:
        return NO_ROLE
    return "" if roles <= set(Role) else f"Roles are {', '.join(Role)}."


def _name_problems(user: User) -> dict[str, str]:
    if not all(one.isprintable() or one in JOINERS for one in user.get_full_name()):
        return {"full_name": UNSEEN}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as refusal:
        told = {name: " ".join(said) for name, said in refusal.message_dict.items()}
        names = [told.pop(name, "") for name in ("first_name", "last_name")]
        return told | {"full_name": " ".join(filter(None, names))}
    is_taken = User.objects.filter(username__iexact=user.username).exists()
    return {"username": TAKEN} if is_taken else {}
