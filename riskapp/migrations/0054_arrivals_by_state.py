"""Studies that wait for a person are found among all that ever came."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('riskapp', '0053_first_answer_of_each_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='arrival',
            index=models.Index(fields=['organisation', 'status', 'first_at'], name='arrivals_by_state'),
        ),
    ]
