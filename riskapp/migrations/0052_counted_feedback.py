"""Feedback says what it is counted by; in parts, and where it was cut off it goes on."""

from django.db import migrations

from riskapp.models.cds_card import fill_feedback


def fill(apps, schema_editor):
    fill_feedback(lambda name: apps.get_model("riskapp", name))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("riskapp", "0051_counted_advice_and_deeds")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
