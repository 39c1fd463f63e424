"""The grid is whole, and no page of it is heavy: 50 kB for a first visit, 12 kB of HTML for an official's page."""

from collections.abc import Callable
from typing import Any

from grid import ANYONE, LANGUAGES, NOT_PAGES, OFFICIAL, PAGES, examples
from weights import MOST_FIRST, MOST_HTML, Weight, weigh


def test_every_address_that_shows_a_page_is_in_the_grid() -> None:
    from karmayogi.web.urls import urlpatterns

    shows = {p.name for p in urlpatterns if "GET" in getattr(p.callback, "methods", {"GET"})}
    assert shows - {page.route for page in PAGES} == set(NOT_PAGES)


def test_no_page_is_heavy(site: Any, say: Callable[[str], None]) -> None:
    weights = _weigh_all(site)
    say(_table(weights))
    heavy = {key: w.first for key, w in weights.items() if w.first > MOST_FIRST}
    assert heavy == {}
    light = {page.label for page in ANYONE + OFFICIAL}
    wordy = {key: w.html for key, w in weights.items() if key[0] in light and w.html > MOST_HTML}
    assert wordy == {}


def _weigh_all(site: Any) -> dict[tuple[str, str], Weight]:
    names = examples(site)
    found = {}
    for language in LANGUAGES:
        clients: dict[str, Any] = {}
        for page in PAGES:
            if page.persona not in clients:
                clients[page.persona] = site.client(language=language, persona=page.persona)
            found[page.label, language] = weigh(clients[page.persona], page.path.format(**names))
    return found


def _table(weights: dict[tuple[str, str], Weight]) -> str:
    head = f"\n{'kB gzip':<40}" + "".join(f"{language:>7} HTML  first" for language in LANGUAGES)
    lines = [
        f"{page.label:<40}"
        + "".join(
            f"{weights[page.label, language].html / 1000:12.1f}{weights[page.label, language].first / 1000:7.1f}"
            for language in LANGUAGES
        )
        for page in PAGES
    ]
    return "\n".join([head, *lines])
