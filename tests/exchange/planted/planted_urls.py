"""The site with three operations that break what the document promises, each in its own way."""

from django.http import JsonResponse

from karmayogi.institutions.access import OutOfReach
from karmayogi.institutions.roles import Audience
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import Code, Shape
from karmayogi.web.routes import Data, Scope


class Told(Shape):
    """What each of them promises."""

    number: int


def planted(address, name):
    """Declares one for anyone."""
    return operation(
        "GET", address, Audience.ANYONE, name=name, answers=Told, scope=Scope.NONE, data=Data.PUBLIC
    )


@planted("planted/shape", "planted-shape")
def other_shape(request):
    """Answers something else than it declares."""
    return JsonResponse({"number": "seven"})


@planted("planted/fault", "planted-fault")
def fault(request):
    """Breaks."""
    raise ZeroDivisionError


@planted("planted/{str:code}", "planted-shut")
def shut(request, code: Code):
    """Finds nothing, whatever it is asked; that is no fault of the protocol, and no use to anyone."""
    raise OutOfReach("There is nothing here.")


# Read last: the addresses of the API are those that are declared by now.
from karmayogi.web.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: E402

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
