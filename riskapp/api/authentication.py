"""Keys of other programs: `Authorization: Token <key>`."""

from django.contrib.auth.models import User
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from riskapp.models import ApiToken
from riskapp.models.api_token import digest_of


class HashedTokenAuthentication(TokenAuthentication):
    """The framework's scheme, with only the key's digest in the database."""

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        token = (
            ApiToken.objects.filter(digest=digest_of(key), revoked_at=None, user__is_active=True)
            .select_related("user")
            .first()
        )
        if token is None:
            raise AuthenticationFailed("This token is not valid, or was revoked.")
        return token.user, token
