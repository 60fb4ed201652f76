from django.db import migrations


def split(apps, schema_editor):
    from riskapp.actions.splitting_stored import split_stored

    split_stored(apps)


def join(apps, schema_editor):
    from riskapp.actions.splitting_stored import join_stored

    join_stored(apps)


class Migration(migrations.Migration):
    # Each scan is a transaction of its own: what is done when it is cut off stays done.
    atomic = False

    dependencies = [
        ("riskapp", "0005_frame_of_reference"),
    ]

    operations = [migrations.RunPython(split, join)]
