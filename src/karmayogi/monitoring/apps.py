from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "karmayogi.monitoring"
    default_auto_field = "django.db.models.BigAutoField"
