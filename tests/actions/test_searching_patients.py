"""Who is found by what is typed, although no name can be read in the database."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from riskapp import keys
from riskapp.actions import finding
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.errors import Refused
from riskapp.actions.registering import register_patient
from riskapp.models import Patient, SearchWord
from riskapp.models.search_word import beginnings, words, write_words


def _register(by: User, name: str, number: str) -> Patient:
    born = date(1950, 2, 3)
    return register_patient(
        by=by, name=name, record_number=number, date_of_birth=born, sex="female"
    )


def _found(by: User, typed: str) -> list[str]:
    return [one.name for one in finding.by_name(finding.patients(by=by, matching=typed))]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ödön Groß", ["Ödön", "odon", "OD", "groß", "GROSS", "gro odo", "  ödön "]),
        ("Sinéad O’Brien-Smith", ["o'brien", "obrien", "brien", "smith", "sin obr", "O’B"]),
        ("Müller-Lüdenscheid", ["müller-lüd", "ludenscheid", "Mu", "Ludenscheidxyz"[:10]]),
        ("王小明", ["王", "王小", "王小明"]),
        ("Konstantinopolitanska Eva", ["konstantinopolitanska", "konstantinop"]),
    ],
)
def test_what_begins_a_word_of_a_name_finds_it(name: str, typed: list[str], owner: User) -> None:
    _register(owner, name, "A-1")
    _register(owner, "Somebody Else", "B-2")
    for one in typed:
        assert _found(owner, one) == [name], one


@pytest.mark.parametrize("typed", ["d", "don", "gross odx", "A-", "1", "%", "_", "'", "-", "o"])
def test_what_begins_no_word_finds_nobody(typed: str, owner: User) -> None:
    _register(owner, "Ödön Groß", "A-1")
    assert _found(owner, typed) == []


def test_a_record_number_is_found_whole_whatever_its_capitals(owner: User) -> None:
    _register(owner, "Eva One", "Ab-100")
    _register(owner, "Eva Two", "Ab-1001")
    assert _found(owner, "AB-100") == ["Eva One"]
    assert _found(owner, " ab-1001 ") == ["Eva Two"]
    assert _found(owner, "ab-10") == []


def test_of_another_organisation_nobody_is_found(owner: User, stranger: User) -> None:
    _register(owner, "Eva One", "A-1")
    assert _found(stranger, "eva") == _found(stranger, "A-1") == []


def test_who_is_called_otherwise_is_found_by_the_new_name_only(owner: User) -> None:
    patient = _register(owner, "Eva One", "A-1")
    change_patient(by=owner, patient=patient, name="Eva Two")
    assert _found(owner, "two") == ["Eva Two"]
    assert _found(owner, "one") == []


def test_names_are_shown_in_order_and_no_case_decides(owner: User) -> None:
    for number, name in enumerate(("Zoe", "émile", "Adam", "eva")):
        _register(owner, name, str(number))
    found = finding.by_name(finding.patients(by=owner))
    assert [one.name for one in found] == ["Adam", "émile", "eva", "Zoe"]


def test_a_record_number_is_registered_once_and_the_database_holds_that(
    owner: User, stranger: User
) -> None:
    first = _register(owner, "Eva One", "A-1")
    with pytest.raises(Refused, match="already registered"):
        _register(owner, "Eva Two", "A-1")
    _register(owner, "Eva Two", "a-1")  # another one, as some hospitals count
    _register(stranger, "Eva Three", "A-1")
    twin = Patient(
        organisation=first.organisation,
        name="x",
        record_number="A-1",
        date_of_birth=first.date_of_birth,
        sex="female",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_people_are_found_while_keys_are_changed(
    owner: User, tmp_path_factory: pytest.TempPathFactory, settings: object
) -> None:
    settings.DATA_DIR = tmp_path_factory.mktemp("site")  # type: ignore[attr-defined]
    before = _register(owner, "Eva One", "A-1")
    keys.replace_ring(keys.with_new_key)
    after = _register(owner, "Eva Two", "A-2")
    assert _found(owner, "eva") == ["Eva One", "Eva Two"]
    with pytest.raises(Refused, match="already registered"):
        _register(owner, "Eva Three", "A-1")
    old = set(before.search_words.values_list("word", flat=True))
    write_words(before)
    assert not old & set(SearchWord.objects.values_list("word", flat=True))
    assert _found(owner, "one") == ["Eva One"]
    assert after.number_hash != before.number_hash


def test_nothing_in_the_database_spells_a_name(owner: User) -> None:
    _register(owner, "Katharina Weißenborn", "MRN-4711")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM riskapp_patient")
        row = b" ".join(
            one if isinstance(one, bytes) else str(one).encode() for one in cursor.fetchone()
        )
    for told in (b"Kath", b"Wei", b"4711", b"1950-02-03"):
        assert told not in row


@pytest.mark.parametrize(("words_before", "found"), [(5, 0), (6, 1), (500, 1)])
def test_the_first_six_words_are_looked_for(
    owner: User, patient: Patient, words_before: int, found: int
) -> None:
    asked = "ada " * words_before + "nobody"
    assert finding.patients(by=owner, matching=asked).count() == found


def test_words_are_cut_and_plain() -> None:
    assert words("Jean-Luc d’Été 3rd") == ["jean", "luc", "dete", "3rd"]
    assert beginnings("Li A") == {"li", "a"}
    assert words(" - ' ") == []
