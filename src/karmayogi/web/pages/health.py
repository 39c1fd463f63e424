"""For the load balancer: whether requests should come here."""

from typing import Any

from django.db import connection
from django.http import HttpResponse

from karmayogi.institutions.roles import Audience
from karmayogi.web.routes import Data, Scope, route


@route(Audience.ANYONE, scope=Scope.NONE, data=Data.PUBLIC)
def ready(request: Any) -> HttpResponse:
    """200 while this process reaches its database; the gate answers 503 while it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")
