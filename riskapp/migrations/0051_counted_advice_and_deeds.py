"""Advice and deeds are counted by what an index holds; expected scans stand by their day."""

import riskapp.models.home
import riskapp.models.keyed_hash
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('riskapp', '0050_homes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='expectedscan',
            options={'ordering': ['planned_on', 'told_at', 'id']},
        ),
        migrations.AddField(
            model_name='cdsfeedback',
            name='has_comment',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='cdsfeedback',
            name='is_latest',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='cdsfeedback',
            name='kind',
            field=models.CharField(db_default='', default='', max_length=30),
        ),
        migrations.AddField(
            model_name='cdsfeedback',
            name='organisation',
            field=riskapp.models.home.HomeOf(of='card'),
        ),
        migrations.AddField(
            model_name='cdsfeedback',
            name='words_hash',
            field=riskapp.models.keyed_hash.KeyedHash(db_default='', default='', fold=False, of='reason_words'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['organisation_id', 'by', 'action', 'number'], name='trail_of_a_deed'),
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['organisation'], name='assessments_counted'),
        ),
        migrations.AddIndex(
            model_name='cdscard',
            index=models.Index(fields=['organisation', 'kind'], name='cards_counted'),
        ),
        migrations.AddIndex(
            model_name='cdsfeedback',
            index=models.Index(fields=['organisation', 'kind', 'outcome', 'reason_system', 'reason', 'words_hash', 'is_latest'], name='feedback_counted'),
        ),
        migrations.AddIndex(
            model_name='cdsfeedback',
            index=models.Index(condition=models.Q(('has_comment', True)), fields=['organisation', '-happened_at', '-id'], name='feedback_with_comments'),
        ),
        migrations.AddIndex(
            model_name='expectedscan',
            index=models.Index(fields=['organisation', 'planned_on', 'told_at', 'id', 'patient', 'arrived_at', 'cancelled_at'], name='expected_scans_by_day'),
        ),
    ]
