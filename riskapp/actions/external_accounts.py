"""Whose account it is that signs in with an organisation's own service, and with which role."""

import hashlib
import re

from django.contrib.auth.models import User
from django.db import transaction

from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import register_account
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.sign_in.errors import NotSignedIn
from riskapp.exchange.sign_in.identity import Identity
from riskapp.models import ExternalIdentity, Role

NOT_FOR_A_NAME = re.compile(r"[^\w.@+-]")


@transaction.atomic
def account_of(provider: IdentityProvider, identity: Identity) -> User:
    """The account of this person, made on the first sign-in; their roles as the service has them.

    Raises
    ------
    NotSignedIn
        If they may not come in.
    """
    _check_may_come_in(provider, identity)
    known = (
        ExternalIdentity.objects.select_related("user__membership__organisation")
        .filter(issuer=identity.issuer, subject=identity.subject)
        .first()
    )
    user = known.user if known else _new_account(provider, identity)
    if not user.is_active:
        raise NotSignedIn("This account is closed; ask your administrator.")
    if user.membership.organisation.name != provider.organisation:
        raise NotSignedIn(
            "This account belongs to another organisation than this sign-in; "
            "ask your administrator."
        )
    user.first_name, user.last_name = identity.given_name, identity.family_name
    user.email = identity.email if identity.email_is_verified else ""
    user.save(update_fields=["first_name", "last_name", "email"])
    _follow_groups(provider, identity, user)
    return user


def _check_may_come_in(provider: IdentityProvider, identity: Identity) -> None:
    if provider.required_group and provider.required_group not in identity.groups:
        raise NotSignedIn(
            f"{provider.label} does not list you among those who may use Trabecula; "
            "ask your administrator."
        )
    _, at, domain = identity.email.casefold().rpartition("@")
    if provider.email_domains and not (
        at
        and identity.email_is_verified
        and domain in {one.casefold() for one in provider.email_domains}
    ):
        raise NotSignedIn(
            f"{provider.label} gives no confirmed e-mail address of this organisation for you; "
            "ask your administrator."
        )


def _new_account(provider: IdentityProvider, identity: Identity) -> User:
    """An account that nobody had before: one of the same name or address stays untouched."""
    wished = NOT_FOR_A_NAME.sub("", identity.user_name or identity.email)[:100] or provider.name
    taken = User.objects.filter(username__iexact=wished).exists()
    mark = hashlib.sha256(f"{identity.issuer} {identity.subject}".encode()).hexdigest()[:10]
    # A service that says who is a clinician is believed about who is none.
    says_so = Role.CLINICIAN in provider.roles.values()
    user = register_account(
        username=f"{wished}-{mark}" if taken else wished,
        password=None,
        organisation=provider.organisation,
        roles=[] if says_so else [Role.CLINICIAN],
    )
    ExternalIdentity.objects.create(user=user, issuer=identity.issuer, subject=identity.subject)
    return user


def _follow_groups(provider: IdentityProvider, identity: Identity, user: User) -> None:
    """Give and take away the roles that the service speaks of; others stay as they are."""
    spoken_of = set(provider.roles.values())
    given = {role for group, role in provider.roles.items() if group in identity.groups}
    set_roles(by=user, user=user, roles=(set(user.membership.roles) - spoken_of) | given)
