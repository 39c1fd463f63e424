"""Every page of the demonstration in Hindi and in Urdu, as whom it is for: no English word is left on it.

Chosen languages stick, and whoever comes in finds their own.
"""

import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from karmayogi.institutions.models import Body, Person

for folder in ("journeys", "pages"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
import grid  # noqa: E402
import words  # noqa: E402
from test_statements import Site  # noqa: E402

WRITTEN = (
    "The fourth question had two right answers.",
    "Page 4 of my service book has it so.",
    "He stood at the counter with his card this morning.",
    "card ending 118, room 204",
    "The division has no field officer since March.",
    "You wrote that your level page stays empty.",
    "Order A-11/2026 lies with the establishment section, room 204.",
    "Rural Connectivity Wing",
    "A laptop with a list of officials was lost on a train. It was encrypted; its key was with it.",
)
"""What personas of the grid wrote: nobody's words are translated."""

pytestmark = pytest.mark.django_db


def proper() -> set[str]:
    """Words of names that stay as their owners write them: people's, and the codes of bodies."""
    names = set(Person.objects.values_list("name", flat=True)) | set(
        Body.objects.values_list("code", flat=True)
    )
    return {word for name in names for word in words.WORD.findall(name)}


@pytest.mark.parametrize("language", ["hi", "ur"])
def test_no_page_has_an_english_word(language: str) -> None:
    site = Site()
    found = grid.examples(site)  # type: ignore[arg-type]
    names, left = proper(), {}
    clients = {p: site.client(language=language, persona=p) for p in {page.persona for page in grid.PAGES}}
    for page in grid.PAGES:
        response = clients[page.persona].get(page.path.format(**found), follow=True)
        assert response.status_code == page.status, page.label
        shown = response.text
        for sentence in WRITTEN:
            shown = shown.replace(sentence, "")
        if pieces := words.latin(shown, language=language, names=names):
            left[page.label] = pieces
    assert left == {}


def spoken(client: Client) -> str:
    """The language of the page a client sees first."""
    return client.get("/", follow=True).text.partition('<html lang="')[2].partition('"')[0]


def enter(client: Client, persona: str) -> str:
    """Signs in as a persona; the language of the first page."""
    return (
        client.post("/demo/", {"as": persona}, follow=True)
        .text.partition('<html lang="')[2]
        .partition('"')[0]
    )


def test_a_persona_speaks_their_own_language_from_sign_in_and_the_next_one_theirs() -> None:
    client = Site().client()
    del client.cookies["language"]
    assert enter(client, "devidas") == "hi"
    assert enter(client, "meenakshi") == "en"
    assert enter(client, "devidas") == "hi"


def test_a_language_chosen_while_signed_in_sticks_to_that_person() -> None:
    client = Site().client()
    del client.cookies["language"]
    enter(client, "devidas")
    client.post(reverse("set_language"), {"language": "ur", "next": "/"})
    assert spoken(client) == "ur"
    assert enter(client, "meenakshi") == "en"
    assert enter(client, "devidas") == "ur"


def test_a_language_chosen_at_the_door_sticks_to_whoever_comes_in() -> None:
    client = Site().client(language="ur")
    assert enter(client, "meenakshi") == "ur"
    assert enter(client, "devidas") == "ur"
