from django.apps import AppConfig


class CompetencyConfig(AppConfig):
    name = "karmayogi.competency"
    default_auto_field = "django.db.models.BigAutoField"
