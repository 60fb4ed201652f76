"""Settings. What differs between sites comes from the environment; no secret is written here."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from imaging.limits import LIMITS
from riskapp import api_settings, site_settings
from riskapp.databases import database
from riskapp.exchange.languages import LOCALE
from riskapp.log_settings import logging_settings
from riskapp.password_rules import LEAST
from riskapp.rates import rates
from riskapp.retention import periods, records_go

BASE_DIR = Path(__file__).resolve().parent.parent
# What a site has set; docs/settings.md. Whatever cannot be meant stops the start with a sentence.
try:
    site_settings.checked(os.environ)
    HTTPS = site_settings.switch(os.environ, "TRABECULA_HTTPS")
    FRAMED = site_settings.switch(os.environ, "TRABECULA_FRAMED")
    if FRAMED and not HTTPS:
        raise site_settings.BadSetting("TRABECULA_FRAMED=1 needs TRABECULA_HTTPS=1.")
    ALLOWED_HOSTS = site_settings.hosts(os.environ, https=HTTPS)
    PROXIES = site_settings.proxies(os.environ, https=HTTPS)
    # Whoever does nothing for so long has to sign in again.
    IDLE_MINUTES = site_settings.whole(os.environ, "TRABECULA_IDLE_MINUTES", 15, least=1, most=60)
    # Roles whose people need a second factor besides a password.
    SECOND_FACTOR_OF = site_settings.second_factor_of(os.environ)
    PASSKEY_ORIGINS = site_settings.passkey_origins(os.environ, ALLOWED_HOSTS, https=HTTPS)
    METRICS_TOKEN = site_settings.token(os.environ, "TRABECULA_METRICS_TOKEN")
    TIME_ZONE = site_settings.time_zone(os.environ)
    LOG = site_settings.choice(os.environ, "TRABECULA_LOG", ("text", "json"))
    RATES = rates(os.environ)
    # Where spans go; blank where nothing is traced.
    TRACES = site_settings.traces(os.environ)
    RETENTION = periods(os.environ)
    RECORDS_GO = records_go(os.environ)
    _given_key = site_settings.secret_of_environment(os.environ)
except site_settings.BadSetting as _bad:
    raise SystemExit(str(_bad)) from None


def _folder(path: Path) -> Path:
    """Make a folder that is missing; without it nothing can start, so say so and stop."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        pass
    if not os.access(path, os.W_OK | os.X_OK):
        raise SystemExit(
            f"The data folder {path} cannot be written; give this user the right to, or name "
            "another with TRABECULA_DATA_DIR."
        )
    return path


# Everything that a site must keep lies here: database, scans, the signing key.
DATA_DIR = _folder(Path(os.environ.get("TRABECULA_DATA_DIR", BASE_DIR / "var")))


def _secret_key() -> str:
    """Read the signing key, made once for each installation and never shared."""
    if _given_key:
        return _given_key
    kept = DATA_DIR / "secret-key"
    if not kept.exists():
        # Complete before it has its name: two processes that start at once share one key.
        fresh = DATA_DIR / f"secret-key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(get_random_secret_key(), encoding="utf-8")
        try:
            kept.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        return site_settings.private_file(kept).read_text(encoding="utf-8")
    except site_settings.BadSetting as bad:
        raise SystemExit(str(bad)) from None


SECRET_KEY = _secret_key()
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "oauth2_provider",
    "riskapp",
]
MIDDLEWARE = [
    "riskapp.observing.Observed",
    "riskapp.api.every_problem.ProblemsUnderApi",
    "riskapp.api.over_tls.ProgramsOverTls",
    "riskapp.web.privacy.KeepSharedPagesClosed",
    "riskapp.web.privacy.ForThisSiteOnly",
    "riskapp.shedding.Shedding",
    "riskapp.api.cross_origin.AppsInBrowsers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "riskapp.web.content_policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "riskapp.web.sessions.SessionsThatEnd",
    "riskapp.recorded_access.RecordAccess",
    "riskapp.web.privacy.KeepPagesPrivate",
    "riskapp.web.launched.WithinTheRecord",
    "riskapp.rate_gate.RateGate",
    "riskapp.gate.Gate",
    "riskapp.web.shown_patient.RefuseAnother",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "riskapp.web.restricted.AskForAReason",
    "riskapp.web.withheld.SayWhatIsWithheld",
]
ROOT_URLCONF = "riskapp.urls"
WSGI_APPLICATION = "riskapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "riskapp.web.context.safety_words",
                "riskapp.web.context.withheld",
                "riskapp.web.context.abilities",
                "riskapp.web.context.trail_problem",
                "riskapp.web.context.night_problem",
                "riskapp.web.context.session_words",
                "riskapp.web.context.passkey_origins",
            ]
        },
    }
]
DATABASES = {"default": database(os.environ.get("TRABECULA_DATABASE"), DATA_DIR)}
# Scans without identity and their pictures, each under the hash of its content.
SCAN_DIR = DATA_DIR / "scans"
# Uploads as they were sent, until identity and pixels are taken apart; empty most of the time.
RECEIVED_DIR = DATA_DIR / "received"
# Originals of scans that were stored before identity lay apart, until a person lets them go.
SET_ASIDE_DIR = DATA_DIR / "before-split"
# What a site learned itself, and what it learned from: tables of people, runs with their logs.
MODEL_DIR = DATA_DIR / "models"
COHORT_DIR = DATA_DIR / "cohorts"
RUN_DIR = DATA_DIR / "runs"
# Series that come from an archive, file by file, until they are whole.
FETCH_DIR = DATA_DIR / "fetching"
# Where the trail's end is told outside of the database; name another disk with
# TRABECULA_TRAIL_WITNESS=/path/of/a/file.
TRAIL_WITNESSES = [
    DATA_DIR / "trail-heads",
    *map(Path, filter(None, [os.environ.get("TRABECULA_TRAIL_WITNESS")])),
]
# Where certificates of erasure are kept besides the data folder.
ERASURE_REGISTER = os.environ.get("TRABECULA_ERASURE_REGISTER", "")
# The site's peers: records, archives, senders, identity providers. See docs/connections.md.
CONNECTIONS_FILE = Path(os.environ.get("TRABECULA_CONNECTIONS", DATA_DIR / "connections.toml"))
# What lays a report out for those who send it on and may not know the pages.
REPORT_MAKER = "riskapp.web.report.make_report"
LANGUAGE_CODE = "en-gb"
# Only the patient's page is translated. Drafts, which no speaker has reviewed yet, are offered
# where a site asks for them by code: TRABECULA_DRAFT_LANGUAGES=de,fr
LOCALE_PATHS = [LOCALE]
DRAFT_LANGUAGES = frozenset(os.environ.get("TRABECULA_DRAFT_LANGUAGES", "").lower().split(","))
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = _folder(DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "worklist"
LOGOUT_REDIRECT_URL = "sign_in"

# Argon2id as RFC 9106 has it; passwords that were hashed before are hashed anew at sign-in.
PASSWORD_HASHERS = [
    f"django.contrib.auth.hashers.{name}"
    for name in ("Argon2PasswordHasher", "PBKDF2PasswordHasher")
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": LEAST},
    },
    {"NAME": "riskapp.password_rules.NotTooLong"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "riskapp.password_rules.NotOfKnownWords"},
]

# Hosts that webhooks may name although they are private; on this machine also without TLS.
WEBHOOK_HOSTS = frozenset(filter(None, os.environ.get("TRABECULA_WEBHOOK_HOSTS", "").split(",")))

# What the browser may do: nothing that is not served from here, and no inline script or style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Within another site's frame, as a record may show Trabecula (`framed_by` in connections.toml), a
# browser sends no Lax cookie; TRABECULA_FRAMED=1 asks for None, which needs HTTPS.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "None" if FRAMED else "Lax"
# Longer than a session lasts (actions.sessions), so that what was typed at its end is not lost.
SESSION_COOKIE_AGE = 24 * 60 * 60
# Set where a proxy in front ends TLS and sends X-Forwarded-Proto; the demo on one machine has none.
# A browser takes a cookie of such a name only over TLS, for this host alone and all its paths.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# For whoever watches this machine from within, and sees no proxy.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

# 1,000 full profiles are about 1.5 MB of JSON. Uploaded files do not count here: for them
# UploadLimit and the table of imaging limits speak.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = LIMITS.files
FILE_UPLOAD_HANDLERS = [
    "riskapp.upload_limit.UploadLimit",
    "riskapp.whole_upload.WholeUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "riskapp.sealed_upload.SealedUpload",
]
# Reports are laid out in a process of their own (riskapp.exchange.printing_apart).
PRINT_APART = True
# Of the four threads of a process, those that bulk work may hold (riskapp.shedding).
BULK_THREADS = 3
# On the same disk as the scans, and never in a folder that others read.
FILE_UPLOAD_TEMP_DIR = _folder(DATA_DIR / "incoming")

REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR
# The authorization server's tables are the toolkit's.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth2_provider.AccessToken"  # noqa: S105 (no secret)
OAUTH2_PROVIDER_GRANT_MODEL = "oauth2_provider.Grant"
OAUTH2_PROVIDER = api_settings.OAUTH2_PROVIDER

# What the toolkit's checks cannot see: consent.py adds the issuer to its answers itself (RFC 9207),
# and a redirect address is one of those registered, https or a native app's own machine (RFC 8252).
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W005", "oauth2_provider.W008"]

LOGGING = logging_settings(as_json=LOG == "json")
