"""The statements of provisioning, and filters as SQL over an allow-list of columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from karmayogi.standards.scim.filters import Condition, Every, Match, No, Some

COMPARED = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


class NotAskable(Exception):
    """An attribute that no list can be narrowed by."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where an attribute stands, as SQL that is null where there is no value."""

    sql: str
    folded: bool = False
    """Kept in small letters, so that an index serves the comparison."""
    text: bool = True


def where(asked: Condition | None, columns: Mapping[str, Column]) -> tuple[str, list[Any]]:
    """A filter as a condition with its values; attributes stand in `columns`, values are always parameters."""
    values: list[Any] = []
    return (_sql(asked, columns, values) if asked is not None else "true"), values


def _sql(asked: Condition, columns: Mapping[str, Column], values: list[Any]) -> str:
    if isinstance(asked, Match):
        return f"coalesce({_test(asked, columns, values)}, false)"
    if isinstance(asked, No):
        return f"NOT {_sql(asked.of, columns, values)}"
    parts = [_sql(part, columns, values) for part in asked.of]
    if isinstance(asked, Every):
        return f"({' AND '.join(parts)})" if parts else "true"
    assert isinstance(asked, Some)
    return f"({' OR '.join(parts)})" if parts else "false"


def _test(asked: Match, columns: Mapping[str, Column], values: list[Any]) -> str:
    column = columns.get(asked.attribute)
    if column is None:
        raise NotAskable(f"A list cannot be narrowed by {asked.attribute}.")
    if asked.op == "pr" or asked.value is None:
        there = f"{column.sql} IS NOT NULL"
        return there if asked.op in ("pr", "ne") else f"NOT ({there})"
    exact = asked.case_exact or not column.text
    left = column.sql if exact or column.folded else f"lower({column.sql})"
    right = "%s" if exact else "lower(%s)"
    values.append(asked.value)
    if asked.op == "co":
        return f"position({right} IN {left}) > 0"
    if asked.op == "sw":
        return f"starts_with({left}, {right})"
    if asked.op == "ew":
        values.append(asked.value)
        return f"right({left}, length({right})) = {right}"
    differs = f" OR {left} IS NULL" if asked.op == "ne" else ""
    return f"({left} {COMPARED[asked.op]} {right}{differs})"


IN_CARE = """
(p.id IN (SELECT a.person_id FROM institutions_assignment a JOIN institutions_body b ON b.id = a.body_id
          WHERE a.during @> %s::date AND b.lower >= %s AND b.lower < %s
          UNION SELECT person_id FROM institutions_provisionedperson WHERE client_id = %s AND until IS NULL
              AND NOT EXISTS (SELECT 1 FROM institutions_assignment s WHERE s.person_id
                              = institutions_provisionedperson.person_id AND s.during @> %s::date))
 AND (l.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM institutions_provisionedperson e
                                      WHERE e.client_id = %s AND e.person_id = p.id)))
"""
"""Who serves in the subtree, and whom the client has in its care while they serve nowhere; not whom it gave up."""

FROM = """
FROM institutions_person p
JOIN institutions_account u ON u.person_id = p.id
LEFT JOIN institutions_provisionedperson l ON l.person_id = p.id AND l.client_id = %s AND l.until IS NULL
LEFT JOIN LATERAL (
    SELECT a.body_id, b.name AS body_name, a.supervisor_id, m.name AS leader FROM institutions_assignment a
    JOIN institutions_body b ON b.id = a.body_id LEFT JOIN institutions_person m ON m.id = a.supervisor_id
    WHERE a.person_id = p.id AND a.kind = 'substantive' AND a.during @> %s::date
    ORDER BY a.id LIMIT 1) s ON true
"""
SELECT = """
SELECT p.id, u.login, p.name, u.is_active, u.email, coalesce(l.external_id, ''), coalesce(p.employee_code, ''),
       s.body_id, s.body_name, CASE WHEN s.leader IS NOT NULL THEN s.supervisor_id END, s.leader,
       l.since, l.id, coalesce(l.enrolled, false), l.closed_at
"""
PEOPLE: dict[str, Column] = {
    "id": Column("p.id::text"),
    "externalId": Column("nullif(l.external_id, '')"),
    "userName": Column("u.login", folded=True),
    "displayName": Column("p.name"),
    "active": Column("u.is_active", text=False),
    "emails.value": Column("nullif(u.email, '')"),
    "emails.type": Column("CASE WHEN u.email <> '' THEN 'work' END", folded=True),
    "employeeNumber": Column("p.employee_code"),
    "department": Column("s.body_name"),
    "groups.value": Column("s.body_id::text"),
    "groups.display": Column("s.body_name"),
    "manager.value": Column("CASE WHEN s.leader IS NOT NULL THEN s.supervisor_id::text END"),
    "manager.displayName": Column("s.leader"),
    "meta.created": Column("l.since", text=False),
    "meta.resourceType": Column("'User'"),
}
ENROL = (
    "INSERT INTO institutions_person (id, employee_code, name, language) VALUES (%s, %s, %s, 'en')",
    "INSERT INTO institutions_account (person_id, login, email, mobile, is_active, password)"
    " VALUES (%s, %s, %s, '', %s, '!')",
)
LINK = (
    "INSERT INTO institutions_provisionedperson (id, client_id, person_id, external_id, enrolled, since, closed_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
ORDERED = """
SELECT EXISTS (SELECT 1 FROM institutions_assignment WHERE person_id = %s)
    OR EXISTS (SELECT 1 FROM institutions_grant WHERE person_id = %s)
"""
"""Whether an order of today or a grant, of whatever day, names the person."""
