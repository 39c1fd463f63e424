"""Oneself: the actor's own account and person as one view, because every request reads them.

The conditions of the two tables serve many: supervisors, help desks, record keepers, auditors. Planning them takes
longer than all else a page does. The view says the one that every request needs: whose id, login or mobile it is.
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
)
"""The web role finds itself here, and while somebody signs in, the one account that was presented."""
