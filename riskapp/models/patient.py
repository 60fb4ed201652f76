"""A person whose bones are looked at."""

import uuid
from datetime import date

from django.db import models

from riskapp.models.encrypted import EncryptedDate, EncryptedText
from riskapp.models.keyed_hash import KeyedHash
from riskapp.models.organisation import Organisation
from riskapp.risk.profile import Sex


class Patient(models.Model):
    """Who a scan and an assessment belong to, known by the organisation's own record number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="patients"
    )
    name = EncryptedText()
    record_number = EncryptedText()
    number_hash = KeyedHash(of="record_number")
    number_folded = KeyedHash(of="record_number", fold=True, db_index=True)
    date_of_birth = EncryptedDate()
    # Sex at birth, as the published tables use it.
    sex = models.CharField(max_length=6, choices=[(sex.value, sex.value.title()) for sex in Sex])
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # By name would need names that can be compared; see docs/encryption.md.
        ordering = ["registered_at", "id"]
        indexes = [
            models.Index(
                fields=["organisation", "registered_at", "id", "sex"], name="patients_by_day"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number_hash"],
                name="one_patient_per_record_number",
            ),
            models.CheckConstraint(
                condition=models.Q(sex__in=[sex.value for sex in Sex]), name="patient_sex_is_listed"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def age_years_on(self, day: date) -> int:
        """Completed years, as a clinician would say them."""
        had_birthday = (day.month, day.day) >= (self.date_of_birth.month, self.date_of_birth.day)
        return day.year - self.date_of_birth.year - (not had_birthday)
