"""The statement as a document: what it says, in English, with nothing that the certificate does not show."""

import datetime as dt
from typing import Any
from uuid import UUID

from karmayogi.credentials.grounds import Earned
from karmayogi.credentials.keys import timestamp
from karmayogi.registry import codes

TYPE = "StatementOfLevel"
ISSUER = "Karmayogi"


def make(
    earned: Earned, *, id: UUID, code: str, holder: str, issuer: str, now: dt.datetime, until: dt.date
) -> dict[str, Any]:
    """The document before it is signed; whole numbers and text only, so that its canonical form is exact."""
    competency = earned.competency
    level = competency.levels[earned.level - 1]
    return {
        "type": TYPE,
        "id": f"urn:uuid:{id}",
        "code": codes.shown(code),
        "issuer": issuer,
        "holder": {"name": holder},
        "competency": {
            "id": f"urn:uuid:{competency.id}",
            "framework": competency.framework,
            "key": competency.key,
            "name": competency.name,
        },
        "level": {
            "number": level.number,
            "of": len(competency.levels),
            "name": level.name,
            "text": level.text,
        },
        "evidence": [
            {"kind": k.name, "times": k.times, "newest": k.newest.isoformat()} for k in earned.kinds
        ],
        "rules": [{"key": r.key, "version": r.version, "order": r.order_no} for r in earned.rules],
        "issued": timestamp(now),
        "validUntil": until.isoformat(),
    }
