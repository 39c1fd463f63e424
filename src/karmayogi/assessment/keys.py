"""Answer keys, readable by the scorer alone. What comes back never leaves the room."""

from collections.abc import Iterable
from uuid import UUID

from karmayogi.assessment.models import AnswerKey
from karmayogi.registry import roles
from karmayogi.registry.acting import as_role


def right_options(versions: Iterable[UUID]) -> dict[UUID, str]:
    """item version -> key of the right option, read under the scorer's role for this one query."""
    wanted = list(set(versions))
    if not wanted:
        return {}
    with as_role(roles.SCORER):
        return dict(
            AnswerKey.objects.filter(item_version_id__in=wanted).values_list("item_version_id", "right")
        )
