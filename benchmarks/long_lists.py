"""Lists and searches of a clinic of many patients, each with its first page: CPU time.

    python -m benchmarks.long_lists [100000]

In a data folder of its own that is removed, on SQLite. A tenth of the people wait for something,
and a twentieth are on the recall list.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import django

PAGE, ROUNDS, AT_ONCE = 50, 5, 2_000
GIVEN = ("Ada", "Bea", "Carla", "Dora", "Edith", "Frieda", "Gerda", "Hanna", "Ida", "Jana")
FAMILY = ("ab", "ber", "chen", "dor", "el", "fal", "gru", "hof", "in", "kel", "lan", "mer")


def main(people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TRABECULA_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "riskapp.settings"}
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        by = _filled(people)
        for what, run in _asked(by):
            sys.stdout.write(f"{what}: {1000 * _median(run):.0f} ms\n")


def _median(run: Callable[[], object]) -> float:
    run()
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return sorted(taken)[ROUNDS // 2]


def _asked(by: Any) -> Iterator[tuple[str, Callable[[], object]]]:
    from riskapp.actions import finding
    from riskapp.actions.alike import alike
    from riskapp.actions.fhir.query import Query, Token
    from riskapp.actions.fhir.searching import search
    from riskapp.actions.recalling import recall_list
    from riskapp.actions.worklist import worklist

    name = finding.patients(by=by).first().name
    yield "worklist", lambda: list(worklist(by=by).rows[:PAGE])
    yield "worklist, everyone", lambda: list(worklist(by=by, waits="everyone").rows[:PAGE])
    yield "worklist, searched", lambda: list(worklist(by=by, matching=name).rows[:PAGE])
    yield "recall list", lambda: list(recall_list(by=by).waits[:PAGE])
    found = finding.patients(by=by)
    yield "patients", lambda: (found.count(), list(found.all()[:PAGE]))
    named = finding.patients(by=by, matching="ad")
    yield "patients, two letters", lambda: (named.count(), list(named.all()[:PAGE]))
    yield "alike", lambda: alike(by=by, name=name, date_of_birth=date(1950, 5, 6))
    by_name = Query(asked=(("name", (finding.plain_letters(name),)),), count=PAGE)
    yield "FHIR, by name", lambda: search(by=by, kind="Patient", query=by_name)
    by_number = Query(asked=(("identifier", (Token(None, "R-77"),)),), count=PAGE)
    yield "FHIR, by number", lambda: search(by=by, kind="Patient", query=by_number)


def _filled(people: int) -> Any:
    """A clinic of made-up people, written at once as a migration would."""
    from django.utils import timezone

    from riskapp.actions.looking import RANKS, RULES
    from riskapp.actions.registering import register_clinician
    from riskapp.models import Patient, Wait, WorklistRow
    from riskapp.models.search_word import SearchWord, _number, beginnings, births

    by, draw = register_clinician(username="x", password=None, organisation="x"), random.Random(1)  # noqa: S311
    home, now = by.membership.organisation, timezone.now()
    for first in range(0, people, AT_ONCE):
        rows, words, listed, waits = [], [], [], []
        for number in range(first, min(first + AT_ONCE, people)):
            name = f"{draw.choice(GIVEN)} {''.join(draw.choices(FAMILY, k=3)).title()}"
            born = date(1930, 1, 1) + timedelta(draw.randrange(18_000))
            one = Patient(organisation=home, name=name, record_number=f"R-{number}",
                          date_of_birth=born, sex="female", registered_at=now)  # fmt: skip
            rows.append(one)
            words += [SearchWord(patient=one, word=_number(word))
                      for word in beginnings(name) | births(born)]  # fmt: skip
            kind = Wait.Kind.ASSESS if number % 10 == 0 else None
            then = now - timedelta(minutes=number)
            listed.append(WorklistRow(patient=one, rules=RULES, active_at=then, since=kind and then,
                                      rank=kind and RANKS[kind]))  # fmt: skip
            if kind:
                on_recall = Wait.Recall.ASSESSMENT if number % 20 == 0 else ""
                waits.append(Wait(row=listed[-1], kind=kind, rank=RANKS[kind], reason="never",
                                  since=then, listed_from=now.date(), recall=on_recall,
                                  due_on=now.date()))  # fmt: skip
        Patient.objects.bulk_create(rows)
        SearchWord.objects.bulk_create(words)
        WorklistRow.objects.bulk_create(listed)
        Wait.objects.bulk_create(waits)
    return by


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
