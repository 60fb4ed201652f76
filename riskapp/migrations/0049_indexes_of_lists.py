"""Whose a row is stands on the row, and each list has an index of all that it is cut by."""


import riskapp.models.home
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskapp", "0048_passkeys_and_known_browsers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="wait",
            name="waits_to_recall",
        ),
        migrations.RemoveIndex(
            model_name="patient",
            name="patients_as_registered",
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                fields=["organisation", "registered_at", "id", "sex"], name="patients_by_day"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["target", "organisation"], name="deliveries_of_a_target"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["organisation", "status", "asked_at"], name="deliveries_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["organisation", "status", "confirmed_at"], name="deliveries_confirmed"
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="organisation",
            field=riskapp.models.home.HomeOf(of="patient"),
        ),
        migrations.AddField(
            model_name="scan",
            name="organisation",
            field=riskapp.models.home.HomeOf(of="patient"),
        ),
        migrations.AddField(
            model_name="wait",
            name="organisation",
            field=riskapp.models.home.HomeOf(of="row"),
        ),
        migrations.AddField(
            model_name="worklistrow",
            name="organisation",
            field=riskapp.models.home.HomeOf(of="patient"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                fields=["organisation", "created_at", "id", "patient"], name="assessments_by_day"
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["patient", "created_at"], name="assessments_of_a_patient"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["organisation_id", "action", "number"], name="trail_of_an_action"
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["action", "number"], name="trail_by_action"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at"], name="trail_by_day"),
        ),
        migrations.AddIndex(
            model_name="scan",
            index=models.Index(
                fields=["organisation", "uploaded_at", "id", "patient", "status"], name="scans_by_day"
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                fields=["organisation", "recall", "due_on", "row"], name="recall_counted"
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                fields=["organisation", "due_on", "row", "id", "recall"], name="recall_by_day"
            ),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(
                fields=["organisation", "since", "-active_at", "patient", "rank"],
                name="worklist_by_wait",
            ),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(
                fields=["organisation", "-active_at", "patient", "rank"],
                name="worklist_by_activity",
            ),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(
                fields=["organisation", "-major", "-active_at", "patient", "rank"],
                name="worklist_by_risk",
            ),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(fields=["organisation", "rank", "since", "major"], name="worklist_counted"),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(fields=["organisation", "rules"], name="worklist_by_rules"),
        ),
        migrations.AddIndex(
            model_name="worklistrow",
            index=models.Index(fields=["organisation", "valid_before"], name="worklist_outdated"),
        ),
    ]
