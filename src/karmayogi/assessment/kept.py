"""What is kept of response matrices taken over before, to compare the same file with when it comes again."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

Answers = Mapping[str, int]
"""item name -> 1 (right) or 0; items that were not answered are absent."""


def items(name: str) -> dict[UUID, frozenset[str]]:
    """competency -> names of the items in its pool of the matrix `name`; {} where it was never taken over."""
    return {competency: frozenset(_plain(name, keys)) for competency, keys in _fetch(_ITEMS, {"name": name})}


def answers(name: str, people: Collection[UUID]) -> dict[UUID, dict[UUID, Answers]]:
    """person -> competency -> what they answered in the matrix `name`. Read it as the worker. One statement."""
    found: dict[UUID, dict[UUID, Answers]] = {}
    for person, competency, keys, right in _fetch(_ANSWERS, {"name": name, "people": list(people)}):
        found.setdefault(person, {})[competency] = dict(zip(_plain(name, keys), right, strict=True))
    return found


def _plain(name: str, keys: Collection[str]) -> list[str]:
    return [key.removeprefix(f"{name}/") for key in keys]


def _fetch(query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_ITEMS = """
SELECT DISTINCT ON (p.id) p.competency_id, ARRAY(
    SELECT i.key FROM assessment_itemversion w JOIN assessment_item i ON i.id = w.item_id WHERE w.id = ANY(v.items))
FROM assessment_pool p JOIN assessment_poolversion v ON v.pool_id = p.id
WHERE p.name = %(name)s AND p.kind = 'external'
ORDER BY p.id, v.number DESC
"""

_ANSWERS = """
SELECT s.person_id, s.competency_id, array_agg(i.key), array_agg((r.option = k.right)::int)
FROM assessment_pool p
JOIN assessment_poolversion v ON v.pool_id = p.id
JOIN assessment_sitting s ON s.pool_version_id = v.id
JOIN assessment_response r ON r.sitting_id = s.id
JOIN assessment_itemversion w ON w.id = r.item_version_id
JOIN assessment_item i ON i.id = w.item_id
JOIN assessment_answerkey k ON k.item_version_id = w.id
WHERE p.name = %(name)s AND p.kind = 'external' AND s.person_id = ANY(%(people)s::uuid[])
GROUP BY s.id
"""
