"""How a request of Django's reaches oauthlib: as the toolkit does it, with the whole address."""

from typing import Any

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.common import urlencode

# Everything that we read of what a program sends; whatever else it names is ignored (RFC 6749,
# section 3), as oauthlib would mix it with what it notes itself.
NAMES = frozenset(
    {
        "client_assertion", "client_assertion_type", "client_id", "client_secret", "code",
        "code_challenge", "code_challenge_method", "code_verifier", "grant_type", "nonce", "prompt",
        "redirect_uri", "refresh_token", "response_type", "scope", "state", "token",
        "token_type_hint",
    }
)  # fmt: skip


class Backend(OAuthLibCore):  # type: ignore[misc]
    """The toolkit's backend; ``settings`` name it."""

    def _extract_params(self, request: HttpRequest) -> tuple[Any, ...]:
        _, method, _, headers = super()._extract_params(request)
        # What authorises is asked in the address, everything else in the body alone.
        asked = request.GET.lists() if "response_type" in request.GET else ()
        sent = [(name, value) for name, values in asked for value in values if name in NAMES]
        address = request.build_absolute_uri(request.path)
        return f"{address}?{urlencode(sent)}", method, urlencode(_body(request)), headers


def _body(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value) for name, values in request.POST.lists() for value in values if name in NAMES
    ]
