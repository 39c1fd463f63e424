"""What of the running site takes text from outside, as a person sees it: found by walking, judged by the URL resolver.

A walk from the first pages follows links that only read. Each address is given to the resolver, which says which parts
of it are parameters and of which kind; links and forms of the pages say the names of all others.
"""

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.urls import Resolver404, get_resolver
from lxml import html

from karmayogi.institutions.roles import Audience

ASKED = re.compile(r"GET\.get\('(\w+)'")
TYPED = frozenset({"UUIDConverter", "IntConverter"})
"""Kinds of parameters that reach a view as a number only: the resolver answers 404 to all other text."""
LEAVE = re.compile(r"^/(account/(sign|security|again)|demo/|language/)")
"""Signing out and changing how one signs in would end the walk; journeys and test_sign_in.py try those."""
KEY = "once"
"""The hidden key of a form: a second text under the same key is refused before any view sees it, so none is sent."""
A_ROUTE = 2
"""Addresses looked at for each route; a list of a thousand officials is one route."""


@dataclass(frozen=True)
class Target:
    """One request that takes text. `mark`: parameter of the address that is tried, `names`: those of query or form."""

    route: str
    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()
    mark: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names that are tried; the token of the form is not."""
        return tuple(name for name, _ in self.fields if name != "csrfmiddlewaretoken")

    @property
    def data(self) -> str:
        """Fields as a form sends them."""
        return urlencode(self.fields)

    def __str__(self) -> str:
        what = f"{self.mark}*" if self.mark else ", ".join(self.names)
        return f"{self.method} {self.route} ({what})"


@dataclass
class Surface:
    """What one person can reach. `pages`: addresses that answered 200; `numbers`: parameters that are numbers only."""

    pages: list[str] = field(default_factory=list)
    targets: dict[tuple[Any, ...], Target] = field(default_factory=dict)
    numbers: int = 0

    def add(self, target: Target) -> None:
        """Keeps one target for each route, method and set of names."""
        self.targets.setdefault((target.route, target.method, target.mark, target.names), target)


def walk(client: Any, starts: Iterable[str], *, urls: str | None = None) -> Surface:
    """Everything the client reaches from the addresses it starts with; `urls`: other addresses than the site's own."""
    found, waiting, seen, often = Surface(), list(starts), set(), Counter()
    resolver = get_resolver(urls)
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        route = _match(resolver, path)
        if address in seen or route is None or LEAVE.match(path) or often[route.url_name] >= A_ROUTE:
            continue
        seen.add(address)
        answer = client.get(address)
        if answer.status in (301, 302):
            waiting.append(_inside(urljoin(address, answer.headers["location"])))
        if answer.status != 200:
            continue
        often[route.url_name] += 1
        found.pages.append(address)
        _take_path(found, resolver, route, path)
        _take_query(found, route, path)
        if "text/html" in answer.headers["content-type"]:
            waiting += _read(found, resolver, address, answer.text)
    return found


def routes_with_text() -> dict[str, Audience]:
    """The routes of our own whose address has a part that may be any text, and for whom each is."""
    patterns = [p for p in get_resolver().url_patterns if hasattr(p.callback, "route")]
    texts = [p for p in patterns if any(type(k).__name__ not in TYPED for k in p.pattern.converters.values())]
    return {p.name: p.callback.route.audience for p in texts if not p.callback.route.machine}


def _match(resolver: Any, path: str) -> Any:
    try:
        return resolver.resolve(path)
    except Resolver404:
        return None


def _inside(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _take_path(found: Surface, resolver: Any, match: Any, path: str, form: Target | None = None) -> None:
    """Text in the address of a page, or of where a form goes."""
    (pattern,) = (p.pattern for p in resolver.url_patterns if p.name == match.url_name)
    for name, value in match.kwargs.items():
        marked = path.replace(str(value), f"{value}*", 1)
        if type(pattern.converters.get(name)).__name__ in TYPED:
            found.numbers += form is None
        elif form is None:
            found.add(Target(match.url_name, "GET", marked, mark=name))
        else:
            found.add(replace(form, path=marked, mark=name))


def _take_query(found: Surface, match: Any, path: str) -> None:
    """Names that the view or a helper in its module reads from a query, whether or not a link has them."""
    view = inspect.unwrap(match.func)
    module = ast.parse(Path(inspect.getsourcefile(view) or "").read_text())
    read = [
        f
        for f in module.body
        if isinstance(f, ast.FunctionDef) and f.name in (view.__name__, *_private(module))
    ]
    for name in sorted({name for part in read for name in ASKED.findall(ast.unparse(part))}):
        found.add(Target(match.url_name, "GET", path, ((name, "1"),)))


def _private(module: ast.Module) -> list[str]:
    return [f.name for f in module.body if isinstance(f, ast.FunctionDef) and f.name.startswith("_")]


def _read(found: Surface, resolver: Any, address: str, text: str) -> list[str]:
    """Takes the forms and queries of a page; the links that lead on."""
    page = html.fromstring(text, base_url=address)
    for form in page.forms:
        path = _inside(urljoin(address, form.action or address))
        match = _match(resolver, urlsplit(path).path)
        if match is None or LEAVE.match(path):
            continue
        names = [name for name in dict.fromkeys(form.fields.keys()) if name and name != KEY]
        fields = tuple((name, _value(form, name)) for name in names)
        target = Target(match.url_name, form.method.upper(), urlsplit(path).path, fields)
        if target.names:
            found.add(target)
        if target.method == "POST":
            _take_path(found, resolver, match, target.path, target)
    links = [_inside(urljoin(address, link)) for link in page.xpath("//a/@href") if not link.startswith("#")]
    for link in links:
        parts = urlsplit(link)
        match = _match(resolver, parts.path)
        if match and parts.query and not LEAVE.match(link):
            found.add(Target(match.url_name, "GET", parts.path, tuple(parse_qsl(parts.query))))
    return links


def _value(form: Any, name: str) -> str:
    value = form.fields[name]
    if value:
        return str(value)
    field = form.inputs[name]
    options = [o for o in getattr(field, "value_options", ()) if o]
    if options:
        return options[0]
    kind = getattr(field, "type", "text") or "text"
    return {"date": "2026-11-22", "number": "1", "checkbox": "on", "radio": "1", "search": "a"}.get(
        kind, "A text of some length."
    )
