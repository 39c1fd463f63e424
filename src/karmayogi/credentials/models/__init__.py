"""Private to credentials: other rooms call its noun modules."""

from karmayogi.credentials.models.keys import Key, KeySeed
from karmayogi.credentials.models.statements import PublishedStatement, Statement

__all__ = ["Key", "KeySeed", "PublishedStatement", "Statement"]
