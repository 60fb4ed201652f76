"""Sign-in and sign-out: by password, or with the organisation's own service."""

from math import ceil

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from riskapp.actions import passwords, second_factor, sessions, signing_in
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.actions.sessions import How, WayIn
from riskapp.client_address import caller_of
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent, TooWeak
from riskapp.exchange.signed_token import NotProven
from riskapp.web.coming_in import come_in, device_of, keep_device
from riskapp.web.sessions import session_of
from riskapp.web.views.second_factor import ask_for_second

ATTEMPTS, SERVICE, ID_TOKEN = "sign_in_attempts", "signed_in_with", "signed_in_by"
WRONG = "The user name and the password do not belong together. Please try again."
# What a browser may have kept of us when somebody leaves; pages themselves are never stored.
# Of the cookies, the session's goes with the session, and what a browser is known by stays.
LEAVE_NOTHING = '"cache", "storage"'


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
                device=device_of(self.request),
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
        come_in(self.request, form.get_user(), WayIn(How.PASSWORD))
        response = HttpResponseRedirect(self.get_success_url())
        return keep_device(self.request, response, form.get_user())

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
        if request.user.is_authenticated:
            sessions.leave(by=request.user, id=session_of(request).pk)
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
            again=request.GET.get("again") == "1",
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
    come_in(request, signed_in.user, signed_in.way)
    request.session.pop(ATTEMPTS, None)
    request.session[SERVICE], request.session[ID_TOKEN] = name, signed_in.id_token
    return redirect((attempt or {}).get("then") or "worklist")


def _refused(request: HttpRequest, name: str, why: NotSignedIn) -> HttpResponse:
    is_silent = isinstance(why, ProviderSilent)
    again = reverse("sign_in_with", args=[name])
    if isinstance(why, TooWeak):
        again += "?again=1"
    elif not is_silent:
        again = ""
    told = {"why": str(why), "again": again}
    return TemplateResponse(
        request, "account/not_signed_in.html", told, status=502 if is_silent else 403
    )


@csrf_exempt
@never_cache
@require_POST
def signed_out_with(request: HttpRequest, name: str) -> HttpResponse:
    """A service says that somebody signed out there; it proves who it is by its signature."""
    provider = signing_in.provider_named(name)
    try:
        signing_in.sign_out_by_service(provider, request.POST.get("logout_token", ""))
    except (NotProven, NotSignedIn) as refusal:
        # OpenID Connect Back-Channel Logout 1.0, section 2.8.
        told = {"error": "invalid_request", "error_description": str(refusal)}
        return JsonResponse(told, status=400)
    return HttpResponse()
