"""Identifiers: UUIDv7, made in Python, so that rows sort by birth and no table hands out numbers."""

import uuid

import uuid_utils


def new() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562, 5.7) as a standard `uuid.UUID`."""
    return uuid.UUID(int=uuid_utils.uuid7().int)
