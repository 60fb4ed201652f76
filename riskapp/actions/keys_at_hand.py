"""Whether the keys that are here are those under which this site was written."""

from django.db import DatabaseError, connections

from riskapp import keys
from riskapp.models import AuditEvent

NOT_HERE = (
    "The key {key}, under which this site was written, is not {where}: names and scans cannot be "
    "read, and what is written now could not be read later. Put the site's own ring of keys in its "
    "place before anything is started (docs/encryption.md)."
)


def at_start() -> None:
    """End a web process that would write under other keys; without a database it goes on.

    Raises
    ------
    SystemExit
    """
    try:
        problem = problem_with_the_keys()
    except DatabaseError:
        return  # which each request and readiness tell
    finally:
        connections.close_all()
    if problem:
        raise SystemExit(problem)


def problem_with_the_keys() -> str:
    """One sentence, or nothing; a site in which nothing is written may have any keys, or none.

    Raises
    ------
    riskapp.keys.UnusableKeys
        If those that are here cannot be used.
    """
    seal = AuditEvent.objects.order_by("-number").values_list("seal", flat=True).first()
    key, _, _ = (seal or "").partition(":")
    if not key:
        return ""
    if keys.is_there():
        ring = keys.ring()
        if key in ring.keys or key in ring.retired:
            return ""
    return NOT_HERE.format(key=key, where=keys.whereabouts())
