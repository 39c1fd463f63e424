"""Oneself: the actor's session, account, person and authority as three views, because every request reads them.

The conditions of their tables serve many: supervisors, help desks, record keepers, auditors. Planning them takes
longer than all else a page does. The views say the one that every request needs: whose id, login or mobile it is.
"""

from karmayogi.registry import roles
from karmayogi.registry.rows import ACTOR, PRESENTED, View

ACCOUNT = ("password", "last_login", "person_id", "login", "email", "mobile", "is_active")
PERSON = ("id", "employee_code", "name", "language", "joined")
"""The columns of the two models, in the models' order."""

ONESELF = View(
    name="institutions_oneself",
    through=("institutions_account", "institutions_person"),
    query=(
        f"SELECT {', '.join(f'a.{name}' for name in ACCOUNT)}, {', '.join(f'p.{name}' for name in PERSON)}"
        " FROM institutions_account a JOIN institutions_person p ON p.id = a.person_id"
        f" WHERE a.person_id = {ACTOR} OR {PRESENTED} IN (a.person_id::text, a.login, nullif(a.mobile, ''))"
        f" OR current_user <> '{roles.APP}'"
    ),
    monitored=False,
)
"""The web role finds itself here, and while somebody signs in, the one account that was presented."""

HELD = View(
    name="institutions_held",
    through=("institutions_grant", "institutions_grantstop", "institutions_body"),
    query=(
        "SELECT g.person_id, g.role, g.during, g.source_id, b.id AS body_id, b.code, b.name, b.kind, b.lower, b.upper,"
        " (SELECT range_agg(s.during) FROM institutions_grantstop s WHERE s.grant_id IN (g.id, g.source_id)) AS stopped"
        " FROM institutions_grant g JOIN institutions_body b ON b.id = g.body_id"
        f" WHERE g.person_id = {ACTOR} OR current_user <> '{roles.APP}'"
    ),
)
"""The web role finds its own grants here, with the days on which they or their source are stopped."""

BEGUN = View(
    name="institutions_begun",
    through=("institutions_session",),
    query=(
        "SELECT session_key, session_data, expire_date FROM institutions_session"
        " WHERE session_key = (select current_setting('app.session', true))"
        f" OR current_user <> '{roles.APP}'"
    ),
    monitored=False,
)
"""The web role finds here the one session whose key the request presented."""
