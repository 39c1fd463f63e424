"""What a drill found: rows for people, one line of JSON for machines, and whether the promise held."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Found:
    """`figures`: what was counted, in the order it is told; `broken`: sentences on what did not hold."""

    drill: str
    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Nothing broke."""
        return not self.broken

    def expect(self, true: bool, sentence: str) -> None:
        """Notes the sentence as broken unless it is true."""
        if not true:
            self.broken.append(sentence)

    def lines(self) -> Iterator[str]:
        """A table for people."""
        yield f"drill {self.drill}: {'held' if self.held else 'BROKEN'}"
        for name, value in self.figures.items():
            shown = f"{value:.2f}" if isinstance(value, float) else value
            yield f"  {name.replace('_', ' '):<28} {shown}"
        yield from (f"  BROKEN  {sentence}" for sentence in self.broken)

    def as_json(self) -> str:
        """One line."""
        told = {"drill": self.drill, "held": self.held, **self.figures, "broken": self.broken}
        return json.dumps(told, default=str)
