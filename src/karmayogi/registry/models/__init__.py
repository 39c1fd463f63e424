"""Private to the registry: other rooms call its noun modules."""

from karmayogi.registry.models.limits import Tally
from karmayogi.registry.models.translations import Translation

__all__ = ["Tally", "Translation"]
