"""Workers that wait for what goes by itself: a database that is away, a disk that is full."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from riskapp.actions.leasing import jittered
from riskapp.actions.troubles import has_room, trouble_of

log = logging.getLogger(__name__)
# Long enough that a database which starts is not asked by everybody at once.
WAIT_S = 8


def patiently(work: Callable[[], bool], pause: threading.Event, *, until_idle: bool) -> bool:
    """Do the next thing, and say whether there was one; wait a while where nothing can be done.

    Nothing is taken that could not be finished for want of room, so that no try is spent on it.
    With ``until_idle`` trouble ends the command, which would otherwise claim that all is done.
    """
    if not has_room() and not until_idle:
        log.warning("The disk is full; nothing is taken until there is room.")
        pause.wait(jittered(timedelta(seconds=WAIT_S)).total_seconds())
        return False
    try:
        return work()
    except Exception as error:
        if until_idle or trouble_of(error) is None:
            raise
        log.warning("The database does not answer; it is asked again soon.")
        connection.close()
        pause.wait(jittered(timedelta(seconds=WAIT_S)).total_seconds())
        return False
