"""What the authorization server believes and grants, where the toolkit's own rule is not ours."""

import hashlib
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.utils import scope_to_list

from riskapp.actions.errors import NotAllowed
from riskapp.actions.finding import organisation_of
from riskapp.actions.oauth import redeemed
from riskapp.actions.own_keys import own_signing_key
from riskapp.actions.proving_identity import ASSERTION_TYPE, NotProven, prove
from riskapp.exchange import smart_scopes
from riskapp.models import ApiClient, LaunchedPatient
from riskapp.models.composed import Composed

ID_TOKEN_SECONDS = 300
# RFC 7636, section 4.2: the challenge is the hash of 32 bytes, in base64url.
CHALLENGE_LENGTH = 43
# Tokens of clients that stand, with their client and whom they act for.
STANDING = Composed(
    lambda: AccessToken.objects.filter(application__api_client__revoked_at=None).select_related(
        "user__membership",
        "application__api_client__account__membership",
        "application__api_client__organisation",
    ),
    "token_checksum",
)


class _SecondUse(Exception):
    """A refresh token of this family was used by somebody else meanwhile."""


class Validator(OAuth2Validator):  # type: ignore[misc]
    """The toolkit's validator with keys instead of secrets, SMART's scopes, and one patient.

    Names that are set on ``request`` here are set always: oauthlib reads what is not set from what
    the caller sent.
    """

    # -- who is asking -----------------------------------------------------------------------

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        if _assertion_of(request):
            return True
        if request.grant_type == "refresh_token" and not request.client_id:
            # SMART's own client library names no client here; who has none to prove is known by
            # the token itself (RFC 6749, section 6).
            request.client_id = _public_owner_of(request.refresh_token)
        return bool(super().client_authentication_required(request, *args, **kwargs))

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Check the signature where one is sent; a secret only from a client without keys."""
        assertion = _assertion_of(request)
        if not assertion:
            if not super().authenticate_client(request, *args, **kwargs):
                return False
            return not request.client.api_client.has_keys
        if getattr(request, "client_assertion_type", "") != ASSERTION_TYPE:
            raise errors.InvalidClientError("client_assertion_type is not known.", request=request)
        try:
            client = prove(assertion, audience=f"{issuer_of(request)}/token")
        except NotProven as refusal:
            raise errors.InvalidClientError(str(refusal), request=request) from refusal
        request.client = client.application
        if request.client_id not in (None, client.application.client_id):
            raise errors.InvalidClientError(
                "client_id is not the one that the statement was signed for.", request=request
            )
        request.client_id = client.application.client_id
        return True

    def _extract_basic_auth(self, request: Any) -> str | None:
        """Nothing where it cannot be base64, over which the toolkit falls."""
        told: str | None = super()._extract_basic_auth(request)
        return told if told and told.isascii() else None

    def authenticate_client_id(
        self, client_id: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Let a public client name itself; every other one must prove who it is."""
        found = self._load_application(client_id, request)
        return found is not None and found.client_type == found.CLIENT_PUBLIC

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        """The application of a standing client; without one the toolkit's table counts nothing."""
        # PostgreSQL does not even look for a text with NUL in it.
        known = "" if "\0" in (client_id or "") else client_id
        application = super()._load_application(known, request)
        if application is None:
            return None
        stands = ApiClient.objects.filter(application=application, revoked_at=None).exists()
        if not stands:
            request.client = None
        return application if stands else None

    # -- what it may have --------------------------------------------------------------------

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return response_type == "code" and bool(client.redirect_uris)

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Letter by letter; the toolkit would let a loopback address have any port."""
        return redirect_uri in request.client.redirect_uris.split()

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, *_: Any, **__: Any
    ) -> bool:
        return Grant.objects.filter(
            code=code, application=client, redirect_uri=redirect_uri
        ).exists()

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Grant what of the scopes is allowed; only where none is, refuse."""
        request.scopes = smart_scopes.granted(scopes, client.api_client.scopes)
        return bool(request.scopes)

    def is_within_original_scope(
        self, request_scopes: list[str], refresh_token: str, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Let a token be renewed for less, such as one type of ``patient/*.rs``."""
        held = scope_to_list(self.get_original_scopes(refresh_token, request))
        return smart_scopes.granted(request_scopes, held) == list(request_scopes)

    def get_default_scopes(self, client_id: str, request: Any, *_: Any, **__: Any) -> list[str]:
        """Nothing that was not asked for."""
        return []

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    # -- one patient -------------------------------------------------------------------------

    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Any:
        if len(request.code_challenge or "") != CHALLENGE_LENGTH:
            raise errors.InvalidRequestError(
                f"code_challenge has {CHALLENGE_LENGTH} letters.", request=request
            )
        grant = super()._create_authorization_code(request, code, expires)
        if request.launched_patient_id is not None:
            LaunchedPatient.objects.create(grant=grant, patient_id=request.launched_patient_id)
        return grant

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if not super().validate_code(client_id, code, client, request, *args, **kwargs):
            redeemed.end_what_came_of(code, client.api_client)
            return False
        launched = LaunchedPatient.objects.filter(grant__code=code).first()
        return _stands(request) and _about(request, launched)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Use the code up and remember what it brought; who shows it at the same time is second."""
        try:
            with transaction.atomic():
                super().invalidate_authorization_code(client_id, code, request)
                redeemed.keep(code, request.made_token)
        except errors.InvalidGrantError:
            redeemed.end(request.made_token)
            redeemed.end_what_came_of(code, request.client.api_client)
            raise

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        if not redeemed.may_be_renewed(request.refresh_token_instance):
            return False
        token = request.refresh_token_instance.access_token
        launched = LaunchedPatient.objects.filter(token=token).first() if token else None
        return _stands(request) and _about(request, launched)

    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Of two who renew by one token at the same moment one is second, and that ends both."""
        try:
            return super().save_bearer_token(token, request, *args, **kwargs)
        except _SecondUse as second:
            RefreshToken.revoke_family(second.args[0])
            raise errors.InvalidGrantError(request=request) from second

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.grant_type == "refresh_token":
            # Looked at before, when the other one may have looked too; now one waits.
            held = RefreshToken.objects.select_for_update().get(
                pk=request.refresh_token_instance.pk
            )
            if held.revoked is not None:
                raise _SecondUse(held.token_family)
        return super()._save_bearer_token(token, request, *args, **kwargs)

    def _create_access_token(
        self, expires: Any, request: Any, token: Any, source_refresh_token: Any = None
    ) -> AccessToken:
        # Tokens of minutes would pile up otherwise; those that can be renewed are kept for that.
        AccessToken.objects.filter(
            application=request.client, refresh_token=None, expires__lt=timezone.now()
        ).delete()
        made: AccessToken = super()._create_access_token(
            expires, request, token, source_refresh_token
        )
        is_apps = request.grant_type != "client_credentials"
        if is_apps and request.launched_patient_id is not None:
            LaunchedPatient.objects.create(token=made, patient_id=request.launched_patient_id)
        request.made_token = made
        return made

    # -- who signed in, for an app that asks (OpenID Connect) --------------------------------

    def finalize_id_token(
        self, id_token: Mapping[str, Any], token: Any, token_handler: Any, request: Any
    ) -> str:
        """Sign with the key of this installation; the toolkit's own would lie in the settings."""
        key, now = own_signing_key(), int(time.time())
        claims = {
            **id_token,
            "iss": issuer_of(request),
            "sub": str(request.user.pk),
            "exp": now + ID_TOKEN_SECONDS,
        }
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})

    def _load_id_token(self, token: str) -> None:
        """It is told and not kept."""

    def validate_silent_login(self, request: Any) -> bool:
        return False

    def refresh_id_token(self, request: Any) -> bool:
        return False


def token_of(raw: str) -> AccessToken | None:
    """The token of this text while it can be used, with its client and whom it acts for."""
    return next((one for one in STANDING.by(_digest(raw)) if not one.is_expired()), None)


def issuer_of(request: Any) -> str:
    """The address of this server, as whoever asked wrote it: .../oauth."""
    parts = urlsplit(request.uri)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"


def _public_owner_of(refresh_token: str | None) -> str | None:
    """The client id of the public app that this token was given to."""
    owner = RefreshToken.objects.filter(
        token_checksum=_digest(refresh_token or ""),
        application__client_type=Application.CLIENT_PUBLIC,
    )
    return owner.values_list("application__client_id", flat=True).first()


def _digest(token: str) -> str:
    """How the toolkit finds a token without keeping it."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _assertion_of(request: Any) -> str:
    """The signed statement that came along, if one did."""
    return str(getattr(request, "client_assertion", ""))


def _stands(request: Any) -> bool:
    """True if who allowed it may still sign in, and where the app belongs."""
    try:
        home = organisation_of(request.user)
    except NotAllowed:
        return False
    return bool(request.user.is_active) and home.id == request.client.api_client.organisation_id


def _about(request: Any, launched: LaunchedPatient | None) -> bool:
    """Keep the one patient for the token that is made now, and tell the app who it is."""
    # Always set: what is not would be read from what the caller sent under this name.
    request.launched_patient_id = launched.patient_id if launched else None
    if launched is not None:
        request.extra_credentials = {
            "patient": str(launched.patient_id),
            "need_patient_banner": True,
        }
    return True
