"""Everything that is kept of one person, found by what points at them, and not by a list.

A new table that points at a patient, at a scan, at an assessment, or at anything that does, belongs
to the person from its first row. What says of a person without pointing is in ``MENTIONED``; every
other table is in ``NOBODYS`` with the reason. A test finds a table that is in none of the three.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField, ForeignKey, Max, Model, OneToOneField

from riskapp.actions.stored_bytes import path_of, received_path
from riskapp.models import (
    Arrival,
    ArrivedFile,
    BulkAnswer,
    DeadLetter,
    Delivery,
    Fetch,
    KeptAnswer,
    LaunchedPatient,
    Patient,
    ReceivedFile,
    Scan,
    ScanFile,
    ScanPicture,
    Wait,
    WorklistRow,
)
from riskapp.models.keyed_hash import hashed

Found = dict[type[Model], set[Any]]
# References that are followed to what they point at as well: a token for one patient would be a
# token for everybody once the row that binds it is gone.
FOLLOWED: Mapping[type[Model], tuple[str, ...]] = {LaunchedPatient: ("grant", "token")}
# Tables whose rows can speak of a person by an id, or by what was answered, without pointing.
MENTIONED: tuple[type[Model], ...] = (KeptAnswer, Delivery, DeadLetter, BulkAnswer, Session)
# Tables that are written anew from the others at any time.
DERIVED: tuple[type[Model], ...] = (WorklistRow, Wait)
# Tables that hold nothing of any patient, by their names, and what they hold.
NOBODYS: Mapping[str, str] = {
    "auth.User": "who works here",
    "auth.Group": "rights",
    "auth.Permission": "rights",
    "contenttypes.ContentType": "names of tables",
    "oauth2_provider.Application": "other programs",
    "oauth2_provider.DeviceGrant": "a way in that is not offered",
    "oauth2_provider.IDToken": "who signed in",
    "riskapp.ApiClient": "other programs",
    "riskapp.ApiToken": "keys of programs, as hashes",
    "riskapp.AuditEvent": "the trail: ids and who did what, which stays so that it can be checked",
    "riskapp.AuthenticatorApp": "who works here",
    "riskapp.BulkImport": "progress of an import; what it brings are patients",
    "riskapp.CdsCard": "counts of advice, by the day and without a patient",
    "riskapp.CdsFeedback": "how advice was taken, without a patient",
    "riskapp.CohortFile": "tables of a site's own, kept without names",
    "riskapp.EhrAccount": "who works here",
    "riskapp.Erasure": "that a record was erased: its id and a keyed hash",
    "riskapp.ExternalIdentity": "who works here",
    "riskapp.FailedSignIn": "who works here",
    "riskapp.KnownDevice": "who works here",
    "riskapp.LaboratoryRun": "models in the making",
    "riskapp.Membership": "who works here",
    "riskapp.MonitoringSnapshot": "sums over many",
    "riskapp.NightlyRun": "what the site found in a night",
    "riskapp.OneTimeLink": "who works here",
    "riskapp.Organisation": "where people work",
    "riskapp.Passkey": "who works here",
    "riskapp.ReaderPreference": "who works here",
    "riskapp.RecoveryCode": "who works here",
    "riskapp.RegisteredModel": "models",
    "riskapp.RetentionRun": "how many of what was let go",
    "riskapp.ServedModel": "models",
    "riskapp.SignInSession": "who works here",
    "riskapp.SitePrecision": "how exactly scanners repeat themselves, without names",
    "riskapp.StatusChange": "models",
    "riskapp.TrailCheck": "whether the trail is whole",
    "riskapp.TrailHead": "where the trail ends",
    "riskapp.TakenMessage": "that a message was taken, and no word of it",
    "riskapp.UsedAssertion": "proofs of programs, as hashes",
    "riskapp.UsedCdsToken": "proofs of programs, as hashes",
    "riskapp.UsedLogout": "words of sign-in services, as hashes",
    "riskapp.Webhook": "addresses of other programs",
}


def belongings(patient: Patient, *, mentioned: bool = True) -> Found:
    """Ids of every row that belongs to a person, by table, the person's own among them.

    Without ``mentioned`` those that only speak of the person are left out, for which whole tables
    have to be read.
    """
    found: Found = {Patient: {patient.pk}}
    waiting: list[type[Model]] = [Patient]
    nameless = Arrival.objects.filter(
        hashed(Arrival, "identifier_folded", patient.record_number),
        organisation_id=patient.organisation_id,
        patient=None,
    )
    if arrived := set(nameless.values_list("pk", flat=True)):
        found[Arrival] = arrived
        waiting.append(Arrival)
    while waiting:
        model = waiting.pop()
        for other, ids in _next_to(model, found[model]):
            if fresh := ids - found.get(other, set()):
                found.setdefault(other, set()).update(fresh)
                waiting.append(other)
    for model in MENTIONED if mentioned else ():
        if ids := set(_mentioning(model, patient, found)):
            found.setdefault(model, set()).update(ids)
    return found


def last_moment(found: Found) -> datetime:
    """The latest moment that any row of a record bears; one that lies ahead counts as well.

    Rows that only mention the person, that are made anew from others, and keys of other programs
    say nothing of their care.
    """
    latest = []
    for model, ids in found.items():
        if model in MENTIONED + DERIVED or model._meta.app_label != "riskapp":
            continue
        rows = model._base_manager.filter(pk__in=ids)
        for field in model._meta.concrete_fields:
            if isinstance(field, DateTimeField):
                latest.append(rows.aggregate(at=Max(field.attname))["at"])
    return max(filter(None, latest))


def owned_tables() -> set[type[Model]]:
    """Every table whose rows can point at a patient, over however many others."""
    owned, waiting = {Patient}, [Patient]
    while waiting:
        for field in pointing_at(waiting.pop()):
            if field.model not in owned:
                owned.add(field.model)
                waiting.append(field.model)
        for model, names in FOLLOWED.items():
            followed = {model._meta.get_field(name).related_model for name in names}
            if model in owned and followed - owned:
                waiting.extend(followed - owned)
                owned |= followed
    return owned


def pointing_at(model: type[Model]) -> Iterator[ForeignKey]:
    """Every reference to a table, also between two others and where no way leads back."""
    for other in apps.get_models(include_auto_created=True):
        for field in other._meta.local_fields:
            if isinstance(field, ForeignKey | OneToOneField) and field.related_model is model:
                yield field


def files_of(found: Found) -> set[Path]:
    """Files and folders of a person that nobody else's rows speak of."""
    paths = {received_path(name) for name in _values(found, ReceivedFile, "name")}
    paths |= {received_path(name) for name in _values(found, ArrivedFile, "name") if name}
    paths |= {path_of(one) for one in own_hashes(found)}
    paths |= {Path(settings.SET_ASIDE_DIR) / str(id) for id in found.get(Scan, ())}
    paths |= {Path(settings.FETCH_DIR) / str(id) for id in found.get(Fetch, ())}
    paths |= {
        Path(settings.DATA_DIR) / "bulk-answers" / str(id) for id in found.get(BulkAnswer, ())
    }
    return {path for path in paths if path.exists()}


def own_hashes(found: Found) -> set[str]:
    """Of kept bytes that nobody else's rows speak of."""
    own = _values(found, ScanFile, "sha256") | _values(found, ScanPicture, "sha256")
    return own - _of_others(found, own)


def _next_to(model: type[Model], ids: set[Any]) -> Iterator[tuple[type[Model], set[Any]]]:
    for field in pointing_at(model):
        rows = field.model._base_manager.filter(**{f"{field.name}__in": ids})
        yield field.model, set(rows.values_list("pk", flat=True))
    for name in FOLLOWED.get(model, ()):
        followed = model._meta.get_field(name).related_model
        told = model._base_manager.filter(pk__in=ids).exclude(**{name: None})
        yield followed, set(told.values_list(name, flat=True))


def _mentioning(model: type[Model], patient: Patient, found: Found) -> Iterator[Any]:
    ids = {str(id) for rows in found.values() for id in rows if isinstance(id, UUID)}
    everybody = {str(patient.organisation_id)}
    for row in model._base_manager.iterator():
        if isinstance(row, Session):
            told = json.dumps(row.get_decoded(), default=str)
        elif isinstance(row, BulkAnswer):
            # A request for everybody answers for this person too.
            told = json.dumps(row.people) if row.people else str(row.organisation_id)
            if told in everybody:
                yield row.pk
        else:
            told = json.dumps(
                [getattr(row, field.attname) for field in row._meta.concrete_fields], default=str
            )
        if any(id in told for id in ids):
            yield row.pk


def _values(found: Found, model: type[Model], field: str) -> set[str]:
    rows = model._base_manager.filter(pk__in=found.get(model, ()))
    return set(rows.values_list(field, flat=True))


def _of_others(found: Found, hashes: set[str]) -> set[str]:
    """Those of the bytes that other people's scans hold as well."""
    shared: set[str] = set()
    for model in (ScanFile, ScanPicture):
        rows = model._base_manager.filter(sha256__in=hashes).exclude(pk__in=found.get(model, ()))
        shared |= set(rows.values_list("sha256", flat=True))
    return shared
