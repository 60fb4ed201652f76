"""The product's settings, less collected static files and what makes passwords slow to guess."""

import os
from pathlib import Path

from riskapp.databases import database
from riskapp.settings import *

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
# Tests send from one address what a hospital sends from many; those of the rates set them.
RATES = {}
# Tests look into what is printed, and share what was laid out once; test_printing_apart has the
# process that it has elsewhere.
PRINT_APART = False
