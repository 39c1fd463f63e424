"""Posts that act once, however often they are sent: by the header `Idempotency-Key`, or a hidden field of a form."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from karmayogi.registry import replays
from karmayogi.registry.replays import Kept

HEADER = "Idempotency-Key"
FIELD = "once"
"""The hidden field; `{% once %}` writes it into a form that has no natural key of its own."""
BESIDE = frozenset({FIELD, "csrfmiddlewaretoken"})
"""Fields that differ each time the same form is shown."""


def before(request: Any) -> HttpResponse | None:
    """The answer that was given to this very request before; None if it shall act now, or has no key."""
    reach = getattr(request, "reach", None)  # a machine has none: what it sends has natural keys
    actor = reach.actor if reach else None
    if request.method != "POST" or actor is None:
        return None
    said = request.headers.get(HEADER)
    key = _field(request) if said is None else said.strip()
    if not key and said is None:
        return None
    found = replays.take(key, person=actor, asked=_content(request), now=timezone.now())
    if found is None:
        request.once = key
        return None
    answer = HttpResponse(found.body or b"", status=found.status, content_type=found.media_type or None)
    if found.location:
        answer.headers["Location"] = found.location
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def after(request: Any, response: HttpResponse) -> None:
    """Keeps the answer under the key of the request; a refusal or a form shown again gives the key back."""
    key = getattr(request, "once", "")
    if not key:
        return
    kind = response.headers.get("Content-Type", "")
    page = kind.startswith("text/html") and not response.has_header("Location")
    if response.status_code >= 400 or page:
        replays.release(key, person=request.reach.actor)
        return
    body = None if response.streaming or response.has_header("Location") else response.content
    replays.keep(
        key,
        person=request.reach.actor,
        answer=Kept(response.status_code, response.headers.get("Location", ""), kind, body),
    )


def _field(request: HttpRequest) -> str:
    return request.POST.get(FIELD, "").strip()


def _content(request: HttpRequest) -> bytes:
    """Everything that makes this request what it is."""
    parts = [request.method or "", request.get_full_path()]
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        parts += [f"{name}={values}" for name, values in sorted(request.POST.lists()) if name not in BESIDE]
        for name, held in sorted(request.FILES.items()):
            digest = sha256()
            for chunk in held.chunks():  # type: ignore[union-attr]
                digest.update(chunk)
            held.seek(0)  # type: ignore[union-attr]
            parts.append(f"{name}={digest.hexdigest()}")
        return "\n".join(parts).encode()
    return "\n".join(parts).encode() + b"\n" + request.body
