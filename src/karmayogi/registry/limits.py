"""Rate limits in a table that all workers share; counts survive the rollback of the request they count."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class TooMany(Exception):
    """More of these requests came than the limit allows; wait for the time stated and try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(_("Too many requests. Try again in {seconds} seconds.").format(seconds=seconds))
        self.seconds = seconds


@dataclass(frozen=True)
class Limit:
    """At most `times` in each window of `seconds`."""

    times: int
    seconds: int


def count(key: str, limit: Limit, *, now: dt.datetime) -> None:
    """Counts one request under `key` in the current window; raises `TooMany` beyond the limit."""
    window = int(now.timestamp()) // limit.seconds
    # A keyed hash: the table is open to every request, so it must not say who did what.
    key = salted_hmac("registry.limits", key, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_tally (key, span, window_no, times) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (key, span) DO UPDATE SET window_no = excluded.window_no,"
            " times = CASE WHEN registry_tally.window_no = excluded.window_no THEN registry_tally.times + 1 ELSE 1 END"
            " RETURNING times",
            [key, limit.seconds, window],
        )
        (times,) = cursor.fetchone()
    if times > limit.times:
        raise TooMany(limit.seconds - int(now.timestamp()) % limit.seconds)
