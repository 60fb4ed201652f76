"""What was told of people and is never looked up becomes ciphertext (docs/encryption.md)."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import migrations
from django.db.models import CharField, DateField, JSONField, TextField, Value

from riskapp.migrations._encrypting import EncryptColumns
from riskapp.models.encrypted import EncryptedDate, EncryptedJSON, EncryptedText


def _box():
    """The encryption that the secrets of launches had before, with the key of sessions."""
    purpose = b"trabecula: tokens of hospital records"
    derived = HKDF(SHA256(), length=32, salt=None, info=purpose)
    return Fernet(urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


def opened(text):
    try:
        return _box().decrypt(text)
    except InvalidToken:
        return b"{}"


def boxed(told):
    return _box().encrypt(told)


def texts(lengths, row="pk"):
    return {
        name: (CharField(max_length=length, blank=True), EncryptedText(blank=True, row=row))
        for name, length in lengths.items()
    }


def jsons(*names):
    return {name: (JSONField(), EncryptedJSON()) for name in names}


def lists(*names):
    return {name: (JSONField(default=list), EncryptedJSON()) for name in names}


class Migration(migrations.Migration):
    dependencies = [("riskapp", "0041_own_impressions")]

    operations = [
        EncryptColumns(
            "assessment",
            jsons("profile", "provenance", "estimates", "warnings")
            | lists("site_values", "measurements", "other_evidence"),
        ),
        EncryptColumns("importedrecord", jsons("answers", "chosen", "passed_over")),
        EncryptColumns(
            "takenmessage", {"answer": (TextField(), EncryptedText(row="sha256"))}
        ),
        EncryptColumns("keptanswer", {"answer": (JSONField(), EncryptedJSON(row="key"))}),
        EncryptColumns(
            "bulkanswer", {"request": (TextField(blank=True), EncryptedText(blank=True))}
        ),
        EncryptColumns(
            "scanidentity",
            texts(
                {
                    "identifier": 200, "issuer": 200, "name": 200, "sex": 6, "age": 20,
                    "accession_number": 200, "frame_uid": 200,
                },
                row="scan_id",
            )
            | {
                "birth_date": (
                    DateField(blank=True, null=True),
                    EncryptedDate(blank=True, null=True, row="scan_id"),
                ),
                "instances": (JSONField(default=list), EncryptedJSON(row="scan_id")),
                "printed": (
                    JSONField(db_default=Value([], JSONField()), default=list),
                    EncryptedJSON(null=True, row="scan_id"),
                ),
            },
        ),
        migrations.RemoveConstraint("radiologystep", "no_action_has_a_reason"),
        EncryptColumns("radiologystep", texts({"because": 500}, row="scan_id")),
        EncryptColumns(
            "cdsfeedback", texts({"reason_words": 200, "comment": 1_000}, row="digest")
        ),
        EncryptColumns(
            "ehrlaunch", {"secrets": (TextField(), EncryptedJSON())}, to=opened, back=boxed
        ),
        EncryptColumns(
            "ehrlaunch",
            texts({"fhir_patient": 64, "encounter": 64}) | lists("same_although"),
        ),
        EncryptColumns("fetch", {"told": (JSONField(default=dict), EncryptedJSON())}),
    ]
