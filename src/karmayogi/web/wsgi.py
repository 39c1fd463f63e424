"""WSGI entry point for gunicorn: whole once it is loaded, so that the first visitor does not wait for the rest."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karmayogi.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 (the settings are known only now)

# Django reads the addresses, and with them every view and what it needs, at the first request: seconds of work.
get_resolver().url_patterns  # noqa: B018
