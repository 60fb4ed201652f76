"""The policy that is put together once is the package's, and answers with their own keep it."""

from collections.abc import Callable

import pytest
from csp.constants import HEADER, NONE, SELF
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from riskapp.web.content_policy import ContentPolicy


def plain() -> HttpResponse:
    return HttpResponse("told")


def replaced() -> HttpResponse:
    made = plain()
    made._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]
    return made


def updated() -> HttpResponse:
    made = plain()
    made._csp_update = {"img-src": ["data:"]}  # type: ignore[attr-defined]
    return made


def with_a_policy_of_its_own() -> HttpResponse:
    made = plain()
    made._csp_config = {"default-src": [NONE]}  # type: ignore[attr-defined]
    return made


def exempt() -> HttpResponse:
    made = plain()
    made._csp_exempt = True  # type: ignore[attr-defined]
    return made


def given_already() -> HttpResponse:
    return HttpResponse("told", headers={HEADER: "default-src 'self'"})


@pytest.mark.parametrize(
    "make", [plain, replaced, updated, with_a_policy_of_its_own, exempt, given_already]
)
def test_every_answer_has_the_headers_that_the_package_gives(
    make: Callable[[], HttpResponse],
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return make()

    request = RequestFactory().get("/")
    expected, found = CSPMiddleware(answer)(request), ContentPolicy(answer)(request)
    assert dict(found.headers) == dict(expected.headers)


def test_a_nonce_cannot_be_asked_for_once_the_policy_is_written() -> None:
    request = RequestFactory().get("/")
    ContentPolicy(lambda request: plain())(request)
    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)  # type: ignore[attr-defined]


def test_a_policy_for_some_addresses_or_for_reports_is_left_to_the_package(
    settings: Settings,
) -> None:
    own = settings.CONTENT_SECURITY_POLICY
    settings.CONTENT_SECURITY_POLICY = own | {"EXCLUDE_URL_PREFIXES": ["/free/"]}
    free = RequestFactory().get("/free/")
    assert HEADER not in ContentPolicy(lambda request: plain())(free).headers
    settings.CONTENT_SECURITY_POLICY_REPORT_ONLY = settings.CONTENT_SECURITY_POLICY = own
    request = RequestFactory().get("/")
    expected = CSPMiddleware(lambda request: plain())(request)
    assert dict(ContentPolicy(lambda request: plain())(request).headers) == dict(expected.headers)


def test_it_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ContentPolicy(lambda request: plain())
    monkeypatch.delattr("csp.middleware.build_policy")
    assert HEADER in made(RequestFactory().get("/")).headers
