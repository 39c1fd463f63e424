from django.apps import AppConfig


class EhrmsConfig(AppConfig):
    name = "karmayogi.ehrms"
    default_auto_field = "django.db.models.BigAutoField"
