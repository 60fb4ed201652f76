"""Each row of a list says whose it is; in parts, and where it was cut off it goes on."""

from django.db import migrations

from riskapp.models.home import fill


def fill_homes(apps, schema_editor):
    fill(lambda name: apps.get_model("riskapp", name))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("riskapp", "0049_indexes_of_lists")]
    operations = [migrations.RunPython(fill_homes, migrations.RunPython.noop)]
