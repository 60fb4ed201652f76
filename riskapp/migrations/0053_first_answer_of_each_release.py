"""Which releases and models answered is found in an index, and not in every answer."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('riskapp', '0052_counted_feedback'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['organisation', 'software_version', 'model_ids', 'created_at', 'patient'], name='assessments_by_answerer'),
        ),
    ]
