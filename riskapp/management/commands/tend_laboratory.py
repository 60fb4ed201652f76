"""The laboratory's worker: checks cohorts, trains models, lets those in shadow answer."""

import logging
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from riskapp.actions import leasing
from riskapp.actions.alive import keep_telling
from riskapp.actions.following import TOLD_TO_STOP
from riskapp.actions.running import run_next
from riskapp.actions.shadowing import score_shadows
from riskapp.management.patience import patiently

log = logging.getLogger(__name__)
# How long a run waits at most before an idle worker looks.
LOOK_EVERY_S = 1.0


class Command(BaseCommand):
    help = "Check cohorts, train models and score in shadow, in the background, one at a time."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="stop when there is nothing left to do"
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        # A run is given back for the next worker within a second.
        signal.signal(signal.SIGTERM, lambda *_: TOLD_TO_STOP.set())
        worker = leasing.this_process()
        log.info("Laboratory worker %s is ready", worker)
        if not until_idle:
            keep_telling("tend_laboratory")
        try:
            while not TOLD_TO_STOP.is_set():
                if patiently(
                    lambda: run_next(worker) or score_shadows(),
                    TOLD_TO_STOP,
                    until_idle=until_idle,
                ):
                    continue
                if until_idle:
                    break
                close_old_connections()
                TOLD_TO_STOP.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            pass
