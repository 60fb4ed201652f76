"""A hundred thousand people who are copies of a few, each with years of assessments behind them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db import models as orm
from django.db.models import Min, OuterRef, Subquery
from django.utils import timezone

from benchmarks.large_site_models import Models
from benchmarks.large_site_rows import Copy, Ids, Recipe, batches, recipe, written
from riskapp.models import (
    Assessment,
    Discussion,
    Fracture,
    IncidentalFinding,
    Job,
    MeasurementVersion,
    Patient,
    Scan,
    ScanFile,
    ScanIdentity,
    ScanPicture,
    SearchWord,
    Treatment,
    Wait,
    WorklistRow,
    search_word,
)
from riskapp.models.search_word import beginnings, births

# In the order in which they point at each other, and the way from each to its patient.
TABLES: Mapping[type[orm.Model], str] = {
    Patient: "pk",
    Scan: "patient",
    ScanIdentity: "scan__patient",
    ScanFile: "scan__patient",
    Job: "scan__patient",
    MeasurementVersion: "scan__patient",
    ScanPicture: "version__scan__patient",
    IncidentalFinding: "scan__patient",
    Fracture: "patient",
    Treatment: "patient",
    Assessment: "patient",
    Assessment.scans.through: "assessment__patient",
    Discussion: "assessment__patient",
    WorklistRow: "patient",
    Wait: "row__patient",
}
GIVEN = (
    "Ann Bea Carla Dora Edith Flora Greta Hanna Ida Jane Karin Lena Mary Nora Olga Paula Rosa "
    "Sara Tilda Ursula Vera Wilma Yara Zoe Adam Boris Carl David Emil Frank"
).split()
FIRST = "Al Bar Cor Dan El Fal Gar Hol Jen Kar Lin Mor Nor Os Pet Quin Ros Sten".split()
LAST = "berg by den field ford gate ham ing land ler man mont ney son ton ward wood".split()
FAMILY = [first + last for first in FIRST for last in LAST]
PEOPLE_AT_ONCE, LONGEST = 500, 300
YEARS_BACK = 9


def copied_people(models: Models, patients: int, assessments: int, chance: Random) -> None:
    """Write so many people, less those who are there, with so many assessments in all."""
    ids = Ids(chance)
    told = [(_recipes(one.patient), one.share) for one in models.told]
    stories, shares = zip(*told, strict=True)
    earlier = [recipe(one) for one in models.earlier]
    # Of most there are a few, of some there are many, of one there are hundreds.
    counts = [
        min(60, int(chance.expovariate(1.25 * patients / assessments))) for _ in range(patients)
    ]
    counts[patients // 2] = LONGEST
    for people in batches(range(patients - len(stories) - 1), PEOPLE_AT_ONCE):
        rows: dict[type[orm.Model], list[Any]] = defaultdict(list)
        for i in people:
            (story,) = chance.choices(stories, shares)
            copy = Copy(timedelta(days=-_days_ago(chance)), _person(i, chance))
            _copied(story, copy, ids, rows)
            if any(one.key[0] is Assessment for one in story):
                _assessed_before(earlier, counts[i], copy, ids, rows, chance)
        with transaction.atomic():
            for model in (*TABLES, SearchWord):
                written(model, rows[model])
    _more_until(assessments, earlier, ids, chance)
    _standing_today()


def _recipes(patient: Patient) -> list[Recipe]:
    return [
        recipe(row)
        for model, path in TABLES.items()
        for row in model._base_manager.filter(**{path: patient.pk}).order_by("pk")
    ]


def _person(i: int, chance: Random) -> Mapping[str, Any]:
    born = date(1935, 1, 1) + timedelta(days=chance.randrange(365 * 30))
    name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    return {"name": name, "record_number": f"{7_000_000 + i}", "date_of_birth": born}


def _days_ago(chance: Random) -> float:
    """Half of all were last here within the last year and a half."""
    return min(365.0 * YEARS_BACK, chance.expovariate(1 / 800))


def _copied(story: list[Recipe], copy: Copy, ids: Ids, rows: dict[Any, list[Any]]) -> None:
    for one in story:
        model, old = one.key
        # A row of the lists has its patient's id.
        copy.ids[one.key] = copy.ids[Patient, old] if model is WorklistRow else ids.new(model)
    for one in story:
        rows[one.key[0]].append(one.written(copy))
    patient = next(copy.ids[one.key] for one in story if one.key[0] is Patient)
    prepare = Patient._meta.pk.get_db_prep_save
    for word in sorted(beginnings(copy.person["name"]) | births(copy.person["date_of_birth"])):
        rows[SearchWord].append([ids.new(SearchWord), prepare(patient, connection), _word(word)])


@lru_cache(maxsize=100_000)
def _word(word: str) -> int:
    number: int = search_word._number(word)
    return number


def _assessed_before(
    earlier: list[Recipe],
    many: int,
    copy: Copy,
    ids: Ids,
    rows: dict[Any, list[Any]],
    chance: Random,
) -> None:
    """So many assessments of the years before."""
    owner = next(new for (model, _), new in copy.ids.items() if model is Patient)
    for i in range(many):
        one = earlier[i % len(earlier)]
        before = Copy(copy.later - timedelta(days=450 + 40 * i + chance.random()), {})
        before.ids = {one.key: ids.new(Assessment), (Patient, _owner_of(one)): owner}
        rows[Assessment].append(one.written(before))


@lru_cache(maxsize=100)
def _owner_of(one: Recipe) -> Any:
    return Assessment.objects.get(pk=one.key[1]).patient_id


def _more_until(assessments: int, earlier: list[Recipe], ids: Ids, chance: Random) -> None:
    """As many as are missing yet, for people by chance."""
    missing = max(0, assessments - Assessment.objects.count())
    assessed = Assessment.objects.order_by().values_list("patient", flat=True).distinct()
    owners = sorted(assessed[: missing + 1])
    for some in batches(range(missing), 5_000):
        rows: list[Any] = []
        for i in some:
            one = earlier[i % len(earlier)]
            copy = Copy(timedelta(days=-500 - chance.random() * 365 * YEARS_BACK), {})
            copy.ids = {
                one.key: ids.new(Assessment),
                (Patient, _owner_of(one)): chance.choice(owners),
            }
            rows.append(one.written(copy))
        with transaction.atomic():
            written(Assessment, rows)


def _standing_today() -> None:
    """What is waited for today, as the days were moved: what looking again would write."""
    today = timezone.localdate()
    of_row = Wait.objects.filter(row=OuterRef("pk"))
    first = of_row.filter(listed_from__lte=today).order_by("rank", "since")
    later = of_row.filter(listed_from__gt=today).order_by().values("row")
    WorklistRow.objects.update(
        rank=Subquery(first.values("rank")[:1]),
        since=Subquery(first.values("since")[:1]),
        valid_before=Subquery(later.annotate(day=Min("listed_from")).values("day")),
    )
