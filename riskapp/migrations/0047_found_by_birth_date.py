"""Birth dates are found by keyed hashes among the words of names."""

from django.db import migrations

from riskapp import keys
from riskapp.models.search_word import births

AT_ONCE = 500


def write_births(apps, schema_editor):
    people, words = (apps.get_model("riskapp", name) for name in ("Patient", "SearchWord"))
    waiting = []
    for patient in people._base_manager.order_by("pk").iterator(chunk_size=AT_ONCE):
        waiting += [
            words(
                patient=patient,
                word=int.from_bytes(
                    bytes.fromhex(keys.keyed_hash("search", f"word:{word}")[:16]), signed=True
                ),
            )
            for word in births(patient.date_of_birth)
        ]
        if len(waiting) >= AT_ONCE:
            words.objects.bulk_create(waiting)
            waiting = []
    words.objects.bulk_create(waiting)


class Migration(migrations.Migration):
    dependencies = [("riskapp", "0046_nightly_runs_and_retention")]
    operations = [migrations.RunPython(write_births, migrations.RunPython.noop)]
