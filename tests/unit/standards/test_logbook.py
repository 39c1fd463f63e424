"""The bytes of an entry: by hand, and blind to what is personal once the salt is gone."""

import datetime as dt
import hashlib
import hmac
from dataclasses import replace
from uuid import UUID

from karmayogi.standards import logbook
from karmayogi.standards.logbook import Entry

SALT = bytes(range(32))
ENTRY = Entry(
    id=UUID("01919191-0000-7000-8000-000000000001"),
    at=dt.datetime(2026, 11, 22, 15, 30, 0, 7, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    act="order.issue",
    kind="order",
    body=None,
    actor=UUID("01919191-0000-7000-8000-000000000002"),
    object="o-1",
    reason="क्यों",
    details={"b": 1, "a": {"d": [True, None], "c": "x"}},
    salt=SALT,
)


def by_hand(name, value):
    inner = hmac.new(SALT, name.encode(), hashlib.sha256).digest()
    return hmac.new(inner, value.encode(), hashlib.sha256).hexdigest()


def test_a_leaf_is_canonical_json_of_strings():
    assert logbook.leaf(ENTRY) == (
        '{"act":"order.issue","actor":"' + by_hand("actor", str(ENTRY.actor)) + '",'
        '"at":"2026-11-22T10:00:00.000007Z","body":null,'
        '"details":"' + by_hand("details", '{"a":{"c":"x","d":[true,null]},"b":1}') + '",'
        '"format":"karmayogi-audit/1","id":"01919191-0000-7000-8000-000000000001","kind":"order",'
        '"object":"' + by_hand("object", "o-1") + '","reason":"' + by_hand("reason", "क्यों") + '"}'
    )


def test_every_field_changes_the_leaf():
    changes = {
        "id": UUID(int=5), "at": ENTRY.at + dt.timedelta(microseconds=1), "act": "order.stop", "kind": "post",
        "body": UUID(int=6), "actor": None, "object": "o-2", "reason": "", "details": {}, "salt": bytes(32),
    }  # fmt: skip
    leaves = {logbook.leaf(replace(ENTRY, **{name: value})) for name, value in changes.items()}
    assert len(leaves | {logbook.leaf(ENTRY)}) == len(changes) + 1


def test_nothing_personal_stands_in_a_leaf():
    leaf = logbook.leaf(ENTRY)
    assert not any(word in leaf for word in (str(ENTRY.actor), "o-1", "क्यों", "x"))


def test_the_entry_of_a_single_act_is_found_by_act_and_object():
    found = logbook.entry_id("order.issue", "o-1")
    assert found == logbook.entry_id("order.issue", "o-1")
    assert found.version == 8
    assert (
        len(
            {
                found,
                logbook.entry_id("order.issue", "o-2"),
                logbook.entry_id("order.issue", "o-1", digest="d"),
            }
        )
        == 3
    )
