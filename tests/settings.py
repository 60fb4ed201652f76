"""The product's settings, less collected static files and what makes passwords slow to guess."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Each process that runs tests has a data folder of its own: what one does to its keys is nothing to
# another, nor to a site that somebody tries in this checkout. What it starts is told the same one.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
if os.environ.get("TESTS_HAVE_A_FOLDER") != WORKER:
    folder = tempfile.mkdtemp(prefix="trabecula-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {"TESTS_HAVE_A_FOLDER": WORKER, "TRABECULA_DATA_DIR": folder}

from riskapp.databases import database  # noqa: E402
from riskapp.settings import *  # noqa: E402

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# What the real hashers withhold from an attacker is processor time, of which tests have none.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# `python -m tests.postgres COMMAND` starts a PostgreSQL for one command and names it here.
if address := os.environ.get("TRABECULA_TEST_DATABASE"):
    default = database(address, Path())
    # Each worker of the tests has a copy of the database named, which is migrated and stays empty.
    default["TEST"] = {"TEMPLATE": default["NAME"]}
    default["CONN_MAX_AGE"] = 0
    DATABASES = {"default": default}
else:
    # In memory, also beside other workers of the tests, which know no database but Django's own.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
# Tests send from one address what a hospital sends from many; those of the rates set them.
RATES = {}
# Tests look into what is printed, and share what was laid out once; test_printing_apart has the
# process that it has elsewhere.
PRINT_APART = False
