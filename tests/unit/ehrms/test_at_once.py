"""Two orders for one post issued at the same moment, on two real connections: one holds the post."""

import datetime as dt
import threading

import pytest
from django.db import connection

from karmayogi.ehrms import orders, postings
from karmayogi.ehrms.orders import OrderCard, PostAlreadyHeld
from karmayogi.registry.acting import as_worker

NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 21)


@pytest.fixture
def committed(databases, django_db_blocker, found_ministry):
    """The ministry of this folder in a database of its own, committed."""
    with django_db_blocker.unblock():
        before = dict(connection.settings_dict)
        connection.close()
        address = databases.address
        connection.settings_dict.update(
            NAME=databases.clone("empty"), USER="postgres", PASSWORD=address.passwords["postgres"],
            HOST=address.host, PORT=str(address.port),
        )  # fmt: skip
        yield found_ministry()
        connection.close()
        connection.settings_dict.update(before)


def at_once(*calls):
    """Runs the calls in threads that start together, each on a connection of its own; what came of each."""
    barrier, came = threading.Barrier(len(calls), timeout=300), [None] * len(calls)

    def run(place, call):
        try:
            connection.ensure_connection()
            barrier.wait()
            came[place] = call()
        except Exception as error:
            came[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_of_two_orders_for_one_post_issued_at_once_one_wins(committed, ranked):
    _, who, seats = committed
    with as_worker():
        ranking = ranked(committed)
        drafts = [
            orders.draft(
                ranking.id,
                person=who[name],
                maker=who["maker"],
                reason="A reason. " * 7,
                effective=DAY,
                now=NOW,
            )
            for name in ("anna", "chand")
        ]

    def issue(order):
        def act():
            with as_worker():
                return orders.issue(order.id, checker=who["checker"], now=NOW)

        return act

    came = at_once(*(issue(order) for order in drafts))
    assert {type(c) for c in came} == {OrderCard, PostAlreadyHeld}
    (won,) = (c for c in came if isinstance(c, OrderCard))
    with as_worker():
        assert [h.person for h in postings.holders([seats["V"]], on=DAY)[seats["V"]]] == [won.person]
        assert sorted(o.state for o in orders.of([o.id for o in drafts])) == ["in_force", "recommended"]
        (loser,) = {who["anna"], who["chand"]} - {won.person}
        assert [p.until for p in postings.of([loser])[loser]] == [None]
