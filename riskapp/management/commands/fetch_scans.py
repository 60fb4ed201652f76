"""The worker that fetches studies from a site's archives."""

import logging
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from riskapp.actions import leasing
from riskapp.actions.alive import keep_telling
from riskapp.actions.carrying import fetch_next
from riskapp.actions.fetching import forget_ended
from riskapp.management.patience import patiently
from riskapp.management.stopping import stop_when_told

log = logging.getLogger(__name__)
# How long something waits at most before an idle worker looks.
LOOK_EVERY_S = 0.5


class Command(BaseCommand):
    help = "Fetch the studies that were asked for from the site’s archives."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="stop when nothing is due any more"
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        stop_when_told()
        forget_ended()
        worker, pause = leasing.this_process(), threading.Event()
        log.info("Fetching worker %s is ready", worker)
        if not until_idle:
            keep_telling("fetch_scans")
        try:
            while True:
                if patiently(lambda: fetch_next(worker), pause, until_idle=until_idle):
                    continue
                if until_idle:
                    break
                close_old_connections()
                pause.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            pass
