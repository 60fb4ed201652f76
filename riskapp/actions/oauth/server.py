"""The grants that there are, and no other: authorization code, client credentials, refresh."""

from typing import Any

from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.grant_types import (
    AuthorizationCodeGrant as OpenIdCodeGrant,
)
from oauthlib.openid.connect.core.grant_types import (
    AuthorizationCodeGrantDispatcher,
    AuthorizationTokenGrantDispatcher,
)

from riskapp.exchange.smart_scopes import OFFLINE

# SMART App Launch 2.2, "Backend Services": expires_in should not exceed 300. An app's token
# lasts at most one hour ("Worked example"); people do not want to be asked more often.
BACKEND_SECONDS, APP_SECONDS = 300, 3600


class Tokens(BearerToken):
    """Tokens as short as their kind should be; another one later only where that was allowed."""

    def create_token(self, request: Any, refresh_token: bool = False, **kwargs: Any) -> Any:
        may_refresh = request.grant_type == "refresh_token" or OFFLINE in (request.scopes or ())
        return super().create_token(request, refresh_token and may_refresh, **kwargs)


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """What django-oauth-toolkit asks; settings name it. ``kwargs`` are the toolkit's, unused."""

    def __init__(self, request_validator: Any, **kwargs: Any) -> None:
        tokens = Tokens(request_validator, expires_in=_lifetime_seconds)
        code = AuthorizationCodeGrant(request_validator)
        with_identity = OpenIdCodeGrant(request_validator)
        for grant in (code, with_identity.proxy_target):
            grant._code_challenge_methods = {"S256": code_challenge_method_s256}
        AuthorizationEndpoint.__init__(
            self,
            default_response_type="code",
            response_types={
                "code": AuthorizationCodeGrantDispatcher(
                    default_grant=code, oidc_grant=with_identity
                )
            },
            default_token_type=tokens,
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": AuthorizationTokenGrantDispatcher(
                    request_validator, default_grant=code, oidc_grant=with_identity
                ),
                "client_credentials": ClientCredentialsGrant(request_validator),
                "refresh_token": RefreshTokenGrant(request_validator),
            },
            default_token_type=tokens,
        )
        RevocationEndpoint.__init__(self, request_validator)


def _lifetime_seconds(request: Any) -> int:
    return BACKEND_SECONDS if request.grant_type == "client_credentials" else APP_SECONDS
