from django.db import migrations, models

from riskapp.models import append_only


def take_in(apps, schema_editor):
    from riskapp.actions.trail.taking_in import take_in

    take_in(apps)


def give_back(apps, schema_editor):
    from riskapp.actions.trail.taking_in import give_back

    give_back(apps)


def protect(apps, schema_editor):
    append_only.protect(schema_editor.connection)


def unprotect(apps, schema_editor):
    append_only.unprotect(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("riskapp", "0039_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrailHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(default=0)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="TrailCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("broken_at", models.BigIntegerField(null=True)),
                ("is_sound", models.BooleanField()),
                ("sentence", models.CharField(max_length=300)),
                ("seconds", models.FloatField()),
            ],
            options={"ordering": ["-at"]},
        ),
        migrations.AlterModelOptions("auditevent", {"ordering": ["number"]}),
        migrations.AddField("auditevent", "number", models.BigIntegerField(null=True)),
        migrations.AddField("auditevent", "patient_id", models.UUIDField(null=True)),
        migrations.AddField("auditevent", "detail", models.JSONField(default=dict)),
        migrations.AddField("auditevent", "content", models.CharField(blank=True, default="", max_length=100), preserve_default=False),
        migrations.AddField("auditevent", "before", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AddField("auditevent", "digest", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AddField("auditevent", "seal", models.CharField(default="", max_length=100), preserve_default=False),
        migrations.AlterField("auditevent", "action", models.CharField(max_length=60)),
        migrations.AlterField("auditevent", "at", models.DateTimeField()),
        migrations.RunPython(take_in, give_back),
        migrations.AlterField("auditevent", "number", models.BigIntegerField(unique=True)),
        migrations.AddIndex("auditevent", models.Index(fields=["patient_id", "number"], name="trail_of_a_patient")),
        migrations.AddIndex("auditevent", models.Index(fields=["organisation_id", "number"], name="trail_of_an_organisation")),
        migrations.AddIndex("auditevent", models.Index(fields=["by", "number"], name="trail_of_a_person")),
        migrations.RunPython(protect, unprotect),
        migrations.AddField("assessment", "versions", models.JSONField(default=dict)),
    ]
