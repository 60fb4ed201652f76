"""Keys of other programs: `Authorization: Token <key>` or `Authorization: Bearer <token>`."""

from django.contrib.auth.models import User
from oauth2_provider.models import AccessToken
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from riskapp.actions.confining import act_through, bind_to_scopes
from riskapp.actions.errors import NotAllowed
from riskapp.actions.finding import organisation_id_of
from riskapp.actions.oauth.validator import token_of
from riskapp.models import ApiToken
from riskapp.models.api_token import digest_of
from riskapp.models.composed import Composed

# Far longer than any token of ours.
LONGEST_TOKEN = 500
# With all that every door asks of whoever holds one.
STANDING = Composed(
    lambda: ApiToken.objects.filter(revoked_at=None, user__is_active=True).select_related(
        "user__membership"
    ),
    "digest",
)


class BearerAuthentication(TokenAuthentication):
    """A token from /oauth/token: of a backend's own account, or of a person through an app."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, AccessToken]:
        token = token_of(key) if len(key) <= LONGEST_TOKEN else None
        if token is None:
            raise AuthenticationFailed("This token is not valid, or has expired.")
        client = token.application.api_client
        user = token.user or client.account
        if not user.is_active or not _works_at(user, client.organisation_id):
            raise AuthenticationFailed("This account may not sign in any more.")
        bind_to_scopes(user, token.scope.split())
        if token.user:
            act_through(user, client.name)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """Both ways that there are; of a token that was sent, that it was not good (RFC 6750)."""
        sent = request.headers.get("Authorization", "").lower().startswith("bearer")
        error = ', error="invalid_token"' if sent else ""
        return f'Bearer realm="trabecula"{error}, Token'


class HashedTokenAuthentication(TokenAuthentication):
    """The framework's scheme, with only the key's digest in the database."""

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        for token in STANDING.by(digest_of(key)):
            return token.user, token
        raise AuthenticationFailed("This token is not valid, or was revoked.")


def _works_at(user: User, organisation_id: object) -> bool:
    try:
        return organisation_id_of(user) == organisation_id
    except NotAllowed:
        return False
