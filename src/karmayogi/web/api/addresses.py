"""Every address of the API. The modules are named here, because an operation exists once its module is read."""

from django.urls import path

from karmayogi.web.api import (
    anyone,
    authority,
    commission,
    document,
    learning,
    manager,
    official,
    operations,
    supervisor,
)

PARTS = (anyone, official, learning, supervisor, manager, authority, commission)

urlpatterns = [
    path("api/openapi.json", document.openapi, name="api-openapi"),
    path("api/docs", document.docs, name="api-docs"),
    *operations.patterns(),
]
