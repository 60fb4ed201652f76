"""The one Django app."""

from django.apps import AppConfig


class RiskAppConfig(AppConfig):
    name = "riskapp"
    verbose_name = "Trabecula"
    default_auto_field = "django.db.models.BigAutoField"
