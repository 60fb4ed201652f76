"""Everything that can be looked up. Each query starts at the user's own organisation."""

import unicodedata
from collections.abc import Iterable
from typing import BinaryIO, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Func, Model, Prefetch, Q, QuerySet, UUIDField

from riskapp.actions.closed_records import closed_to, unrestricted
from riskapp.actions.confining import confined_to
from riskapp.actions.errors import NotAllowed, NotFound, RecordRestricted
from riskapp.actions.noticing import gathering, noticed
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.stored_bytes import open_kept
from riskapp.models import (
    Assessment,
    Discussion,
    Fracture,
    MeasurementVersion,
    Membership,
    Organisation,
    Patient,
    Scan,
    ScanPicture,
    Treatment,
    search_word,
)
from riskapp.models.keyed_hash import hashed

Row = TypeVar("Row", bound=Model)
# What an assessment keeps beside its answers, and which is much.
NOT_ANSWERED = ("site_values", "provenance", "measurements", "warnings", "other_evidence")
OF_NO_ORGANISATION = "This account belongs to no organisation; ask your administrator."


def organisation_of(by: User) -> Organisation:
    """The one organisation that a user works for.

    Raises
    ------
    NotAllowed
        If the user belongs to none.
    """
    organisation = Organisation.objects.filter(memberships__user_id=by.pk).first()
    if organisation is None:
        raise NotAllowed(OF_NO_ORGANISATION)
    return organisation


def organisation_id_of(by: User) -> UUID:
    """Its id; where the account was found with its membership, nothing more is looked up.

    Raises
    ------
    NotAllowed
        If the user belongs to none.
    """
    membership: Membership | None = getattr(by, "membership", None)
    if membership is None:
        raise NotAllowed(OF_NO_ORGANISATION)
    return membership.organisation_id


def everyone(*, by: User) -> QuerySet[Patient]:
    """All patients of the user's organisation, restricted ones too: to match, not to show."""
    return _of_token(by, Patient.objects.filter(organisation=organisation_id_of(by)), "pk")


@needs(Ability.FIND_PATIENTS)
def patients(
    *, by: User, matching: str = "", closed: bool = False, few: bool = False
) -> QuerySet[Patient]:
    """Patients of the user's organisation as they were registered.

    ``matching`` is beginnings of words of the name, or the whole record number; ``few`` says that
    the caller will ask for few as well (``belonging``).
    Those whose records are restricted, and closed to the user, are left out; ``closed`` finds
    them instead, for who they are and nothing else.
    """
    found = everyone(by=by)
    if matching or few:
        found = _of_token(by, belonging(Patient.objects.all(), organisation_id_of(by)), "pk")
    if closed:
        found = noticed(by, found.filter(pk__in=closed_to(by)), "pk")
    else:
        found = within_bounds(by, found, "pk")
    if matching:
        found = found.filter(search_word.matching(matching))
    return found


def belonging(rows: QuerySet[Row], home: UUID, of: str = "organisation") -> QuerySet[Row]:
    """Rows of an organisation where few are sought: the condition is one that no index serves.

    SQLite, which keeps no statistics unless told to, would otherwise begin with it, and go
    through all that the organisation has.
    """
    whose = Func(F(of), template="COALESCE(%(expressions)s, NULL)", output_field=UUIDField())
    return rows.alias(whose=whose).filter(whose=home)


def numbered(*numbers: str) -> Q:
    """The condition that a patient's record number is one of these."""
    return hashed(Patient, "number_hash", *numbers)


def by_name(found: Iterable[Patient]) -> list[Patient]:
    """A few patients in the order of their names, which only their rows can tell."""
    return sorted(found, key=lambda one: (plain_letters(one.name), one.record_number))


def plain_letters(text: str) -> str:
    """Small letters without accents, so that "odon" finds "Ödön"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@needs(Ability.FIND_PATIENTS)
def patient(*, by: User, id: UUID | str) -> Patient:
    home, only = organisation_id_of(by), confined_to(by)
    found = unrestricted(id)
    if found is None or found.organisation_id != home or only not in (None, found.pk):
        return one_open(by, patients(by=by), id, "There is no such patient.")
    gathering().see(by, [found.pk])
    return found


def whole_patient(*, by: User, id: UUID | str) -> Patient:
    """A patient with all that happened to them fetched along.

    Of the assessments it is when they were made and who answered: ``whole_assessments`` has more.
    """
    made = Assessment.objects.only("patient", "created_at", "model_ids")
    fetched = patients(by=by).prefetch_related(
        "scans__versions",
        Prefetch("assessments", made),
        "fractures__struck_out_by",
        "treatments__struck_out_by",
    )
    return one_open(by, fetched, id, "There is no such patient.")


@needs(Ability.READ_SCANS)
def scans(*, by: User) -> QuerySet[Scan]:
    """Scans of the user's organisation, newest first."""
    found = Scan.objects.filter(patient__organisation=organisation_of(by))
    return within_bounds(by, found, "patient").select_related("patient", "uploaded_by")


def scan(*, by: User, id: UUID | str) -> Scan:
    return one_open(by, scans(by=by), id, "There is no such scan.")


def scan_of(*, by: User, patient: Patient, id: UUID | str) -> Scan:
    return one_of(scans(by=by).filter(patient=patient), id, "There is no such scan.")


@needs(Ability.READ_SCANS)
def versions(*, by: User, scan: Scan) -> QuerySet[MeasurementVersion]:
    """Every measurement of one scan, oldest first."""
    found = MeasurementVersion.objects.filter(
        scan=scan, scan__patient__organisation=organisation_of(by)
    )
    return (
        within_bounds(by, found, "scan__patient")
        .select_related("scan", "made_by", "confirmed_by")
        .prefetch_related("pictures")
    )


def picture(*, by: User, scan_id: UUID | str, name: str, number: int | None = None) -> ScanPicture:
    """A picture of one version of a scan: the newest version unless another is asked for."""
    versions = scan(by=by, id=scan_id).versions
    version = versions.last() if number is None else versions.filter(number=number).first()
    found = version.pictures.filter(name=name).first() if version else None
    if found is None:
        raise NotFound("There is no such picture.")
    return found


def picture_file(
    *, by: User, scan_id: UUID | str, name: str, number: int | None = None
) -> BinaryIO:
    """The PNG of a picture, for a door to send."""
    return open_kept(picture(by=by, scan_id=scan_id, name=name, number=number).sha256)


@needs(Ability.READ_ASSESSMENTS)
def assessments(*, by: User) -> QuerySet[Assessment]:
    """Stored assessments of the user's organisation, newest first."""
    found = Assessment.objects.filter(patient__organisation=organisation_of(by))
    return (
        within_bounds(by, found, "patient")
        .select_related("patient", "created_by")
        .prefetch_related("scans")
    )


@needs(Ability.READ_ASSESSMENTS)
def whole_assessments(ids: Iterable[UUID], *, by: User, patient: Patient) -> dict[UUID, Assessment]:
    """What some assessments of a patient answered, with how they were discussed."""
    # Not by way of the patient, who has the same rows without their answers.
    found = Assessment.objects.filter(patient=patient, pk__in=list(ids)).order_by()
    whole = found.defer(*NOT_ANSWERED).prefetch_related("discussions")
    known = {one.pk: one for one in noticed(by, whole, "patient")}
    for one in known.values():
        one.patient = patient
    return known


def assessment(*, by: User, id: UUID | str) -> Assessment:
    return one_open(by, assessments(by=by), id, "There is no such assessment.")


def fracture(*, by: User, patient_id: UUID | str, id: UUID | str) -> Fracture:
    fractures = patient(by=by, id=patient_id).fractures
    return one_of(fractures.all(), id, "There is no such fracture.")


def treatment(*, by: User, patient_id: UUID | str, id: UUID | str) -> Treatment:
    treatments = patient(by=by, id=patient_id).treatments
    return one_of(treatments.all(), id, "There is no such treatment.")


def discussion(*, by: User, assessment_id: UUID | str, id: UUID | str) -> Discussion:
    discussions = assessment(by=by, id=assessment_id).discussions
    return one_of(discussions.all(), id, "There is no such discussion.")


def one_of(among: QuerySet[Row], id: UUID | str, missing: str) -> Row:
    """The row of this id, or a sentence that there is none."""
    try:
        return among.get(id=UUID(str(id)))
    except (ValueError, among.model.DoesNotExist) as absent:
        raise NotFound(missing) from absent


def one_open(by: User, among: QuerySet[Row], id: UUID | str, missing: str) -> Row:
    """The row of this id, or why not.

    Raises
    ------
    NotFound
    RecordRestricted
        If it is of a patient whose record is restricted, and closed to the user.
    """
    try:
        return one_of(among, id, missing)
    except NotFound:
        say_if_restricted(by, among.model, id)
        raise


def still_open(*, by: User, patient: UUID | str) -> None:
    """Refuse who was told of a patient before, and may not be any more; else they have read.

    Raises
    ------
    NotFound
    RecordRestricted
    """
    one_open(by, within_bounds(by, everyone(by=by), "pk"), patient, "There is no such patient.")


def say_if_restricted(by: User, kind: type[Model], id: UUID | str) -> None:
    """Tell what is closed to the user from what is not there, within their organisation."""
    of_patient = "pk" if kind is Patient else "patient"
    try:
        found = kind._default_manager.filter(id=UUID(str(id)))
    except ValueError:
        return
    whose = found.values_list(of_patient, flat=True)
    closed = everyone(by=by).filter(pk__in=whose).filter(pk__in=closed_to(by)).first()
    if closed is not None:
        raise RecordRestricted(closed.pk)


def within_bounds(by: User, among: QuerySet[Row], patient: str) -> QuerySet[Row]:
    """Rows of patients whom this user may open, and of the one that a token is for.

    What is restricted, and closed to the user, is left out here for every door. Whoever fetches
    the rows has read them (``noticing``).
    """
    found = _of_token(by, among, patient).exclude(**{f"{patient}__in": closed_to(by)})
    return noticed(by, found, patient)


def _of_token(by: User, among: QuerySet[Row], patient: str) -> QuerySet[Row]:
    """Rows of the one patient that a token is for, where it is for one; else all of them."""
    only = confined_to(by)
    return among if only is None else among.filter(**{patient: only})
