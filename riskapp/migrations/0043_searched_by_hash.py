"""People are found by keyed hashes; what is looked up of them becomes ciphertext as well."""

import django.db.models.deletion
from django.db import migrations, models

from riskapp import keys
from riskapp.migrations._encrypting import EncryptColumns
from riskapp.models.encrypted import EncryptedDate, EncryptedText
from riskapp.models.keyed_hash import KeyedHash
from riskapp.models.search_word import beginnings


def hashes_of(model, **columns):
    """An operation that writes keyed hashes of columns that are still plain."""

    def fill(apps, schema_editor):
        rows = apps.get_model("riskapp", model)._base_manager
        for row in rows.order_by("pk").iterator(chunk_size=500):
            found = {}
            for column in columns.values():
                field = rows.model._meta.get_field(column)
                found[column] = (field.hashes(getattr(row, field.of)) or [""])[0]
            rows.filter(pk=row.pk).update(**found)

    return migrations.RunPython(fill, migrations.RunPython.noop)


def write_words(apps, schema_editor):
    people, words = (apps.get_model("riskapp", name) for name in ("Patient", "SearchWord"))
    for patient in people._base_manager.order_by("pk").iterator(chunk_size=500):
        words.objects.bulk_create(
            words(
                patient=patient,
                word=int.from_bytes(
                    bytes.fromhex(keys.keyed_hash("search", f"word:{word}")[:16]), signed=True
                ),
            )
            for word in beginnings(patient.name)
        )


def write_lists_anew(apps, schema_editor):
    """What listed people by their letters has to write them again."""
    apps.get_model("riskapp", "WorklistRow").objects.update(rules="")


def text(length, **more):
    return models.CharField(max_length=length, **more)


ARRIVED = {"identifier": 200, "issuer": 200, "name": 200, "sex": 6, "accession_number": 200}


class Migration(migrations.Migration):
    dependencies = [("riskapp", "0042_encrypted_columns")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("word", models.BigIntegerField()),
                ("patient", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="search_words",
                    to="riskapp.patient",
                )),
            ],
            options={
                "indexes": [models.Index(fields=["word", "patient"], name="patients_of_a_word")]
            },
        ),
        migrations.RunPython(write_words, migrations.RunPython.noop),
        migrations.AddField("patient", "number_hash", KeyedHash(of="record_number")),
        migrations.AddField(
            "patient", "number_folded", KeyedHash(db_index=True, fold=True, of="record_number")
        ),
        hashes_of("patient", exact="number_hash", folded="number_folded"),
        migrations.RemoveConstraint("patient", "one_patient_per_record_number"),
        EncryptColumns("patient", {
            "name": (text(200), EncryptedText()),
            "record_number": (text(64), EncryptedText()),
            "date_of_birth": (models.DateField(), EncryptedDate()),
        }),
        migrations.AddConstraint("patient", models.UniqueConstraint(
            fields=("organisation", "number_hash"), name="one_patient_per_record_number"
        )),
        migrations.AlterModelOptions("patient", {"ordering": ["registered_at", "id"]}),
        migrations.AddIndex("patient", models.Index(
            fields=["organisation", "registered_at", "id"], name="patients_as_registered"
        )),
        migrations.AddField("arrival", "identifier_folded", KeyedHash(fold=True, of="identifier")),
        migrations.AddField("arrival", "accession_hash", KeyedHash(of="accession_number")),
        hashes_of("arrival", folded="identifier_folded", exact="accession_hash"),
        EncryptColumns("arrival", {
            name: (text(length, blank=True), EncryptedText(blank=True))
            for name, length in (ARRIVED | {"because": 200}).items()
        } | {
            "birth_date": (
                models.DateField(blank=True, null=True), EncryptedDate(blank=True, null=True)
            ),
        }),
        migrations.AddField("expectedscan", "accession_hash", KeyedHash(of="accession_number")),
        hashes_of("expectedscan", exact="accession_hash"),
        migrations.RemoveConstraint("expectedscan", "one_expected_scan_per_accession_number"),
        EncryptColumns("expectedscan", {
            "accession_number": (text(64), EncryptedText()),
            "procedure": (text(200, blank=True), EncryptedText(blank=True)),
        }),
        migrations.AddConstraint("expectedscan", models.UniqueConstraint(
            fields=("organisation", "accession_hash"),
            name="one_expected_scan_per_accession_number",
        )),
        migrations.AlterModelOptions("expectedscan", {"ordering": ["planned_on", "told_at"]}),
        migrations.RunPython(migrations.RunPython.noop, write_lists_anew),
        migrations.AlterField("worklistrow", "letters", models.TextField(default="")),
        migrations.RemoveField("worklistrow", "letters"),
    ]
