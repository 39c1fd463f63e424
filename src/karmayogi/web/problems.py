"""Refusals for programs: the words of an error page as problem+json (RFC 9457), for every address under `/api/`."""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/"
"""What is asked under this address is answered in JSON, whatever it is refused by and wherever."""
PAGES = frozenset({"/api/docs"})


class Misfit(Exception):
    """The request does not fit the declared shape; names each place that does not, in the words of the document."""

    status = 400


class Unreadable(Exception):
    """The request has its shape and does not say enough."""

    status = 400


class NotJson(Exception):
    """The body of a request is of another media type than JSON."""

    status = 415


def spoken(request: HttpRequest) -> bool:
    """True if whoever asks is a program: the answer is never a page and never the way to one."""
    return request.path.startswith(ROOT) and request.path not in PAGES


def answer(status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem. `title`: what sort it is; `detail`: what happened and what to do, in the language asked for."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return HttpResponse(
        json.dumps(told, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )
