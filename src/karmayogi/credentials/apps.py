from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "karmayogi.credentials"
    default_auto_field = "django.db.models.BigAutoField"
