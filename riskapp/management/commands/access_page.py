"""Write docs/access.md: what each role may do, and who may open which address."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_resolver

from riskapp.access import ACCESS, Everybody, Needed, walked
from riskapp.actions.permitting import PEERS, ROLES, SCOPES, Ability
from riskapp.models import Role

PAGE = settings.BASE_DIR / "docs" / "access.md"
HEAD = """# Who may do what

Written by `manage.py access_page` from `riskapp/actions/permitting.py` and `riskapp/access.py`.
Somebody has one role or several, and may do what any of them may. What belongs to another
organisation is not there for anybody (404); what a role may not do is refused (403) with a
sentence that names the roles that may; who has not signed in is sent to sign in (302), and a
program is told so (401). An address that is not in the table is open to nobody, and the site does
not start with one. Roles are read anew with each request, those of open sessions too.

An administrator sees no patient, a statistician none who is named, an auditor the trail alone. A
radiographer works on scans and sees no estimate.
"""


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        PAGE.write_text(document(), encoding="utf-8")
        self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} is written.")


def document() -> str:
    return "\n".join([HEAD, *_of_roles(), *_of_programs(), *_of_addresses()])


def _of_roles() -> Iterator[str]:
    yield "## Roles\n"
    yield f"| may | {' | '.join(Role)} |"
    yield "| --- " * (len(Role) + 1) + "|"
    for one in Ability:
        marks = ("yes" if one in ROLES[role] else "" for role in Role)
        yield f"| {one.words} | {' | '.join(marks)} |"
    yield ""


def _of_programs() -> Iterator[str]:
    yield "## Programs\n"
    yield "A program may do what its scopes say; an app, what the person who signed in may too.\n"
    yield "| scope | may |\n| --- | --- |"
    for resource, by_letters in SCOPES.items():
        for letters, given in by_letters.items():
            words = "; ".join(one.words for one in Ability if one in given)
            yield f"| {resource}, any of `{letters}` | {words} |"
    yield "\nA scope about patients finds them too. Peers that `connections.toml` names:\n"
    yield "| peer | may |\n| --- | --- |"
    for kind, given in PEERS.items():
        yield f"| {kind} | {'; '.join(one.words for one in Ability if one in given)} |"
    yield ""


def _of_addresses() -> Iterator[str]:
    yield "## Addresses\n"
    yield "| address | who may open it |\n| --- | --- |"
    for one in walked(get_resolver()):
        pattern = str(one.pattern).lstrip("^").rstrip("$").replace("|", "\\|")
        yield f"| `/{pattern}` | {_who(ACCESS[one.name or ''])} |"
    yield ""


def _who(needed: Any) -> str:
    if isinstance(needed, Ability | Everybody):
        return _roles(needed)
    return "; ".join(f"{method}: {_roles(one)}" for method, one in needed.items())


def _roles(needed: Needed) -> str:
    if isinstance(needed, Everybody):
        return needed.value
    return ", ".join(role for role in Role if needed in ROLES[role])
