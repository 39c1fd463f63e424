"""The needs of a body on the demonstration: as published, and what the gaps of its officials say that day."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from karmayogi.competency import gaps
from karmayogi.ehrms import posts
from karmayogi.institutions import access, assignments, people
from karmayogi.institutions.access import Reach
from karmayogi.institutions.roles import Audience
from karmayogi.monitoring import needs
from karmayogi.registry.acting import acting, as_worker

pytestmark = pytest.mark.django_db


def manager() -> Reach:
    """What the training manager of the demonstration reaches today."""
    with as_worker():
        who, today = people.by_logins(["nandini"])["nandini"].id, timezone.localdate()
        return access.reach(who, Audience.MANAGER, on=today)


def test_the_published_counts_are_those_worked_out_official_by_official() -> None:
    reach = manager()
    (body,) = reach.bodies
    with acting(actor=reach.actor, scopes=reach.scopes, on=reach.on, purpose="manager"):
        published = needs.of(body)
        assert published.as_of is not None
        on = timezone.localdate(published.as_of)
        stated = gaps.of_standings(assignments.within(body, on=on), on=on)
    found: dict[str, list[gaps.Gap]] = {}
    for gap in (g for held in stated.values() for g in held):
        found.setdefault(gap.name, []).append(gap)
    live = {name: gaps.counts(held) for name, held in found.items()}
    assert len(live) >= 5
    assert {n.name: (n.met, n.below, n.unsure) for n in published.rows} == {
        name: (c.met, c.below, c.unsure) for name, c in live.items()
    }


def test_the_published_seats_are_those_counted_post_by_post() -> None:
    reach = manager()
    (body,) = reach.bodies
    with acting(actor=reach.actor, scopes=reach.scopes, on=reach.on, purpose="manager"):
        published = needs.of(body)
        assert published.as_of is not None
        on = timezone.localdate(published.as_of)
        counted = posts.strength([body], on=on)[body.id]
    assert counted.filled > 10
    assert (published.sanctioned, published.filled, published.vacant) == (
        counted.sanctioned,
        counted.filled,
        counted.vacant,
    )


def test_the_page_says_as_of_when_it_counted() -> None:
    client = Client(headers={"host": "localhost"})
    client.post("/demo/", {"as": "nandini"})
    page = client.get(reverse("needs"))
    assert "As of" in page.content.decode()
    assert len(page.context["rows"]) >= 5
