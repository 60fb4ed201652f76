"""Registering people: what is refused, what is stored, and that each write leaves its trace."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import finding
from riskapp.actions.errors import NotAllowed, NotFound, Refused
from riskapp.actions.registering import issue_token, register_clinician, register_patient
from riskapp.models import ApiToken, AuditEvent, Organisation, Patient

GOOD = {
    "name": "Grace Example",
    "record_number": "G-1",
    "date_of_birth": date(1950, 12, 9),
    "sex": "female",
}


def test_a_patient_is_stored_with_one_audit_row_that_names_no_value(owner: User) -> None:
    patient = register_patient(by=owner, **GOOD)
    event = AuditEvent.objects.get(action="patient.register")
    assert (event.by, event.target) == (str(owner.pk), str(patient.id))
    assert not any("Grace" in str(value) for value in vars(event).values())


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "  ", "Name is missing."),
        ("name", "x" * 201, "at most 200 fit"),
        ("name", "nul\x00byte", "cannot be stored"),
        ("name", "half \ud800 character", "cannot be stored"),
        ("name", "Ada\N{RIGHT-TO-LEFT OVERRIDE}elpmaxE", "cannot be stored"),
        ("name", "Ada\N{ZERO WIDTH SPACE}Example", "cannot be stored"),
        ("name", "Ada\N{LINE SEPARATOR}Example", "cannot be stored"),
        ("name", "\N{ZERO WIDTH JOINER}", "Name is missing."),
        ("record_number", "", "Record number is missing."),
        ("record_number", "G\N{ZERO WIDTH JOINER}1", "cannot be stored"),
        ("date_of_birth", date(1850, 1, 1), "more than 122 years ago"),
        ("sex", "unknown", "female or male"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence_and_nothing_is_stored(
    owner: User, field: str, value: object, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        register_patient(by=owner, **GOOD | {field: value})
    assert list(refused.value.by_field) == [field]
    assert not Patient.objects.exists()


def test_200_characters_and_a_birth_today_are_accepted_and_one_tomorrow_is_not(owner: User) -> None:
    today = timezone.localdate()
    register_patient(by=owner, **GOOD | {"name": "x" * 200, "date_of_birth": today})
    tomorrow = GOOD | {"record_number": "G-2", "date_of_birth": today + timedelta(days=1)}
    with pytest.raises(Refused, match="in the future") as refused:
        register_patient(by=owner, **tomorrow)
    assert list(refused.value.by_field) == ["date_of_birth"]


def test_a_name_is_written_as_its_language_writes_it(owner: User) -> None:
    for number, name in enumerate(
        [
            "علی\N{ZERO WIDTH NON-JOINER}رضا",
            "ශ්\N{ZERO WIDTH JOINER}රී",
            "Zoë O\u2019Brien-Ümit",
            "山田 花子",
        ]
    ):
        made = register_patient(by=owner, **GOOD | {"name": name, "record_number": str(number)})
        assert made.name == name


def test_a_record_number_is_taken_once_in_an_organisation_and_free_in_another(
    owner: User, colleague: User, stranger: User
) -> None:
    register_patient(by=owner, **GOOD)
    with pytest.raises(Refused, match="already registered"):
        register_patient(by=colleague, **GOOD)
    register_patient(by=stranger, **GOOD)


def test_a_colleague_finds_the_patient_and_a_stranger_finds_nothing(
    patient: Patient, colleague: User, stranger: User
) -> None:
    assert finding.patient(by=colleague, id=patient.id) == patient
    assert list(finding.patients(by=colleague, matching="ada")) == [patient]
    assert not finding.patients(by=stranger).exists()
    with pytest.raises(NotFound):
        finding.patient(by=stranger, id=patient.id)
    with pytest.raises(NotFound):
        finding.patient(by=colleague, id="not an id")


def test_a_user_of_no_organisation_may_do_nothing(db: None) -> None:
    with pytest.raises(NotAllowed, match="no organisation"):
        finding.patients(by=User.objects.create_user("nobody"))


@pytest.mark.parametrize(
    ("day", "years"), [(date(2026, 5, 31), 70), (date(2026, 6, 1), 71), (date(2026, 12, 31), 71)]
)
def test_age_is_in_completed_years(day: date, years: int) -> None:
    assert Patient(date_of_birth=date(1955, 6, 1)).age_years_on(day) == years


def test_a_new_token_revokes_the_older_one_and_its_key_is_not_stored(owner: User) -> None:
    first, second = issue_token(by=owner, label="robot"), issue_token(by=owner, label="robot")
    assert first != second
    assert ApiToken.objects.filter(revoked_at=None).count() == 1
    assert not ApiToken.objects.filter(digest__in=[first, second]).exists()


def test_registering_a_clinician_again_renews_the_password(db: None) -> None:
    for password in ("one-long-secret", "another-secret"):
        user = register_clinician(username="demo", password=password, organisation="Demo")
    assert user.check_password("another-secret")
    assert User.objects.count() == 1


def test_an_account_is_not_moved_to_another_organisation(owner: User) -> None:
    with pytest.raises(Refused, match="works for another organisation"):
        register_clinician(username="owner", password="a-new-secret", organisation="Clinic B")
    owner.refresh_from_db()
    assert not owner.check_password("a-new-secret")
    assert finding.organisation_of(owner).name == "Clinic A"
    assert not Organisation.objects.filter(name="Clinic B").exists()
