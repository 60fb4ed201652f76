"""The peers that a site has configured, and the accounts that act for them."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from riskapp.actions.registering import register_account
from riskapp.exchange.connections import Connections, read_connections


def connections() -> Connections:
    """What the file says now: read anew when it has changed.

    Raises
    ------
    UnusableConnection
        If it cannot be used, with what to mend.
    """
    path = Path(settings.CONNECTIONS_FILE)
    try:
        stat = path.stat()
    except OSError:
        return read_connections(path)
    return _read(path, stat.st_mtime_ns, stat.st_size)


def service_account(kind: str, name: str, organisation: str) -> User:
    """The account that acts for one peer: nobody can sign in with it, and the audit names it.

    Raises
    ------
    Refused
        If a peer of this kind and name acts for another organisation already.
    """
    username = f"{kind}:{name}"
    known = User.objects.filter(
        username=username, membership__organisation__name=organisation
    ).first()
    return known or register_account(
        username=username, password=None, organisation=organisation, program=kind
    )


@lru_cache(maxsize=1)
def _read(path: Path, changed_ns: int, size_bytes: int) -> Connections:
    return read_connections(path)
