"""Sign-in and sign-out: by password, or with the organisation's own service."""

from math import ceil

from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from riskapp.actions import passwords, second_factor, signing_in
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.actions.sessions import How
from riskapp.client_address import caller_of
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent
from riskapp.web.views.second_factor import ask_for_second

ATTEMPTS, SERVICE, ID_TOKEN = "sign_in_attempts", "signed_in_with", "signed_in_by"
WRONG = "The user name and the password do not belong together. Please try again."
# What a browser may have kept of us when somebody leaves; pages themselves are never stored.
LEAVE_NOTHING = '"cache", "cookies", "storage"'
PASSWORD_CHECKS = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (a class, no password)


class SignInForm(AuthenticationForm):
    """A name and a password, judged by ``actions.passwords``."""

    def clean(self) -> dict[str, str]:
        told = self.cleaned_data
        if not {"username", "password"} <= told.keys():
            return told
        try:
            self.user_cache = passwords.check_password(
                username=told["username"],
                password=told["password"],
                address=caller_of(self.request),
            )
        except MustWait as wait:
            self.wait = wait
            raise ValidationError(str(wait)) from wait
        except NotRight as wrong:
            raise ValidationError(WRONG) from wrong
        return told


class SignIn(LoginView):
    """The form, with a button for each service that the site has configured."""

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:
        if second_factor.has_factor(form.get_user()):
            return ask_for_second(self.request, form.get_user(), self.get_success_url())
        return super().form_valid(form)

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = super().form_invalid(form)
        if wait := getattr(form, "wait", None):
            response.status_code = 429
            response["Retry-After"] = str(ceil((wait.until - timezone.now()).total_seconds()))
        return response

    def get_context_data(self, **more: object) -> dict[str, object]:
        return super().get_context_data(providers=signing_in.providers(), **more)


class SignOut(LogoutView):
    """Out of Trabecula; the next page offers to sign out of the service too."""

    def post(self, request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        service = request.session.get(SERVICE, "")
        id_token = request.session.get(ID_TOKEN, "")
        response = super().post(request, *args, **more)
        response["Clear-Site-Data"] = LEAVE_NOTHING
        back_to = request.build_absolute_uri(reverse("sign_in"))
        there = (
            signing_in.address_to_sign_out(service, id_token, back_to=back_to) if service else None
        )
        if there is None:
            return response
        provider, address = there
        told = {"label": provider.label, "address": address}
        page = TemplateResponse(request, "account/signed_out.html", told)
        page["Clear-Site-Data"] = LEAVE_NOTHING
        return page


@never_cache
@require_GET
def sign_in_with(request: HttpRequest, name: str) -> HttpResponse:
    """Send the browser to the service."""
    provider = signing_in.provider_named(name)
    then = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        then, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    try:
        address, attempts = signing_in.begin(
            provider,
            request.session.get(ATTEMPTS, {}),
            redirect_uri=request.build_absolute_uri(reverse("signed_in_with", args=[name])),
            then=then if is_ours else "",
        )
    except NotSignedIn as refusal:
        return _refused(request, name, refusal)
    request.session[ATTEMPTS] = attempts
    return HttpResponseRedirect(address)


@never_cache
@require_GET
def signed_in_with(request: HttpRequest, name: str) -> HttpResponse:
    """Take the browser back, with what the service says of who it is."""
    provider = signing_in.provider_named(name)
    attempts = dict(request.session.get(ATTEMPTS, {}))
    # Whatever comes of it, this attempt is used up.
    attempt = attempts.pop(request.GET.get("state", ""), None)
    request.session[ATTEMPTS] = attempts
    try:
        signed_in = signing_in.finish(provider, attempt, request.GET.dict())
    except NotSignedIn as refusal:
        return _refused(request, name, refusal)
    # Gives the session a new name, so that one planted before is worth nothing.
    request.signs_in_by = (How.SERVICE, name)
    login(request, signed_in.user, backend=PASSWORD_CHECKS)
    request.session.pop(ATTEMPTS, None)
    request.session[SERVICE], request.session[ID_TOKEN] = name, signed_in.id_token
    return redirect((attempt or {}).get("then") or "worklist")


def _refused(request: HttpRequest, name: str, why: NotSignedIn) -> HttpResponse:
    is_silent = isinstance(why, ProviderSilent)
    told = {"why": str(why), "again": reverse("sign_in_with", args=[name]) if is_silent else ""}
    return TemplateResponse(
        request, "account/not_signed_in.html", told, status=502 if is_silent else 403
    )
