from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "karmayogi.planning"
    default_auto_field = "django.db.models.BigAutoField"
