"""Private to the registry: other rooms call its noun modules."""

from karmayogi.registry.models.limits import Tally

__all__ = ["Tally"]
