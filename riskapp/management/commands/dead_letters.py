"""What failed for good, from the shell: listed, tried again, let go."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions import dead_letters
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import ActionError
from riskapp.models import DeadLetter


class Command(BaseCommand):
    help = (
        "List what failed for good in every organisation; try it again, or let it go with a "
        "reason. Nothing is dropped otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        listed = what.add_parser("list", help="one line for each, the latest first")
        again = what.add_parser("retry", help="try it again, from the beginning")
        let_go = what.add_parser("drop", help="let it go; it stays written down who did and why")
        let_go.add_argument("--because", required=True, help="the reason, in one line")
        for one in (listed, again, let_go):
            one.add_argument("--kind", choices=DeadLetter.Kind.values, help="of this kind only")
        for one in (again, let_go):
            one.add_argument("ids", nargs="*", metavar="ID", help="as the list shows them")
            one.add_argument("--all", action="store_true", help="all, or all of the kind")

    def handle(
        self,
        *,
        what: str,
        kind: str | None,
        ids: list[str] = [],  # noqa: B006 (never changed)
        all: bool = False,
        because: str = "",
        **options: Any,
    ) -> None:
        found = DeadLetter.objects.filter(outcome="").select_related("organisation")
        found = found.filter(kind=kind) if kind else found
        if what == "list":
            for letter in found.iterator():
                self.stdout.write(_line(letter))
            self.stdout.write(f"{found.count()} open")
            return
        if bool(ids) == all:
            raise CommandError("Name what is meant by its id, or say --all.")
        chosen = list(found) if all else [one for one in found if str(one.id) in ids]
        missing = sorted(set(ids) - {str(one.id) for one in chosen})
        if missing:
            raise CommandError(f"There is nothing open of the id {missing[0]}.")
        failed = [not self._done(letter, what, because) for letter in chosen]
        if any(failed):
            raise CommandError(f"{sum(failed)} of {len(failed)} could not be done; see above.")

    def _done(self, letter: DeadLetter, what: str, because: str) -> bool:
        try:
            by = service_account("shell", str(letter.organisation_id), letter.organisation.name)
            if what == "retry":
                dead_letters.retry(by=by, id=letter.id)
            else:
                dead_letters.drop(by=by, id=letter.id, because=because)
        except ActionError as reason:
            self.stdout.write(f"{letter.id}: {reason}")
            return False
        self.stdout.write(f"{letter.id}: {'is tried again' if what == 'retry' else 'let go'}")
        return True


def _line(letter: DeadLetter) -> str:
    often = f"tried {letter.tries} time{'' if letter.tries == 1 else 's'}"
    return (
        f"{letter.id}  {letter.at:%Y-%m-%d %H:%M}  {letter.get_kind_display()} "
        f"({letter.organisation}), {often}: {letter.problem}"
    )
