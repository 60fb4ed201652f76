from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("riskapp", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="other_evidence",
            field=models.JSONField(default=list),
        ),
    ]
