"""Every address of the site, and two that trust what they are given: one for SQL injection, one for reflected XSS."""

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from karmayogi.institutions.roles import Audience
from karmayogi.web import urls
from karmayogi.web.routes import Data, Scope, route

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@route(Audience.OFFICIAL, scope=Scope.NONE, data=Data.PUBLIC)
def find(request):
    """Planted bug: the text of the address becomes part of the statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code FROM institutions_body WHERE code = '{request.GET.get('q', '')}'")
        found = cursor.fetchall()
    return HttpResponse(f"<title>Find</title><p>{len(found)} found</p>")


@route(Audience.OFFICIAL, scope=Scope.NONE, data=Data.PUBLIC)
def greet(request):
    """Planted bug: the text of the address becomes part of the page."""
    return HttpResponse(f"<title>Greet</title><p>Good morning, {request.GET.get('q', '')}</p>")


@route(Audience.OFFICIAL, scope=Scope.NONE, data=Data.PUBLIC)
def door(request):
    """Links to both, as a page of the site would have them."""
    return HttpResponse(
        "<title>Planted</title><a href='/planted/find/?q=MORD'>find</a><a href='/planted/greet/?q=you'>greet</a>"
    )


urlpatterns = [
    *urls.urlpatterns,
    path("planted/", door, name="planted"),
    path("planted/find/", find, name="planted-find"),
    path("planted/greet/", greet, name="planted-greet"),
]
