"""What every answer tells a browser, with TLS in front and without."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.kept import ROOT

pytestmark = pytest.mark.django_db
ASKED = """
import django; django.setup()
from django.conf import settings
settings.STORAGES = {**settings.STORAGES, "staticfiles": {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
from django.test import Client
reply = Client().get("/sign-in/", headers={"host": "a.example"}, secure=True)
plain = Client().get("/sign-in/", headers={"host": "a.example"})
health = Client().get("/health/live", headers={"host": "a.example"})
print(reply.headers["Strict-Transport-Security"])
for cookie in reply.cookies.values():
    print(cookie.key, cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
statuses = plain.status_code, health.status_code
print(settings.SESSION_COOKIE_NAME, plain.headers["Location"], *statuses)
"""


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/nowhere/", "/api/v1/scores/", "/fhir/x"])
def test_every_answer_keeps_other_sites_out(client: Client, address: str) -> None:
    said = client.get(address).headers
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"
    assert said["Referrer-Policy"] == "same-origin"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["X-Frame-Options"] == "DENY"
    assert "camera=()" in said["Permissions-Policy"]
    assert "unsafe-inline" not in said["Content-Security-Policy"]
    assert "unsafe-eval" not in said["Content-Security-Policy"]


def test_behind_tls_cookies_are_of_this_host_alone_and_browsers_stay_with_https(
    tmp_path: Path,
) -> None:
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASKED],
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
            "TRABECULA_DATA_DIR": str(tmp_path),
            "TRABECULA_HTTPS": "1",
            "TRABECULA_HOSTS": "a.example",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
    )
    assert told.stdout.splitlines() == [
        "max-age=31536000; includeSubDomains; preload",
        "__Host-csrftoken True True / ",
        "__Host-sessionid https://a.example/sign-in/ 301 200",
    ], told.stderr
