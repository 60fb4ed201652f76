"""The WSGI entry point."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
application = get_wsgi_application()
# Every page's code is read before the first request, and what every answer needs: seconds that
# nobody has to wait for.
import_module(settings.ROOT_URLCONF)
import_module("riskapp.actions.warming").warm()
import_module("riskapp.actions.keys_at_hand").at_start()
import_module("riskapp.actions.clock").at_start()
# What fails is withheld, never the start: stored records can still be read.
import_module("riskapp.actions.self_testing").at_start()
