"""Signing in: how django-allauth behaves here. Who is who comes from the service record; nobody signs up."""
