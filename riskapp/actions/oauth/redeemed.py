"""Authorization codes that were redeemed: who shows one again ends all that came of it.

Sources: RFC 6749, section 4.1.2; OWASP ASVS 5.0, requirements 10.4.2 and 10.4.8.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from riskapp.actions import auditing
from riskapp.models import ApiClient, RedeemedCode

# Counted from the user's consent, however often a token is renewed; then the user is asked again.
LASTS = timedelta(days=90)


def keep(code: str, made: AccessToken) -> None:
    """Remember what was made of a code; call it inside the transaction that uses the code up."""
    RedeemedCode.objects.filter(redeemed_at__lt=timezone.now() - LASTS).delete()
    RedeemedCode.objects.create(
        code_sha256=_digest(code),
        application=made.application,
        token=made,
        token_family=_family_of(made),
    )


def may_be_renewed(token: RefreshToken) -> bool:
    """True while the consent that a token comes from is not too old."""
    return RedeemedCode.objects.filter(
        token_family=token.token_family, redeemed_at__gt=timezone.now() - LASTS
    ).exists()


@transaction.atomic
def end_what_came_of(code: str, client: ApiClient) -> None:
    """End the tokens of a code that its own client shows again: one of two has stolen it.

    Of a code that was never redeemed, or by another client, nothing happens.
    """
    known = RedeemedCode.objects.filter(
        code_sha256=_digest(code), application=client.application
    ).first()
    if known is None:
        return
    RefreshToken.revoke_family(known.token_family)
    AccessToken.objects.filter(pk=known.token_id).delete()
    auditing.record(by=client.account, action="client.code_shown_again", target=client.id)


def end(made: AccessToken) -> None:
    """End a token that nobody has been given yet."""
    RefreshToken.revoke_family(_family_of(made))
    AccessToken.objects.filter(pk=made.pk).delete()


def _family_of(made: AccessToken) -> object:
    found = RefreshToken.objects.filter(access_token=made)
    return found.values_list("token_family", flat=True).first()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
