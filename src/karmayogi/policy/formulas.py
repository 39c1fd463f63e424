"""Formulas as orders write them, e.g. "2n+4" or "max(1.5n rounded up + 3, 24)", worked out without `eval`.

sum     = product (("+" | "-") product)*
product = factor (("*" | nothing) factor)* "rounded up"?
factor  = number | "n" | "(" sum ")" | ("max" | "min") "(" sum ("," sum)* ")"
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

_TOKEN = re.compile(r"\s*(rounded up|max|min|n|\d+(?:\.\d+)?|[-+*(),])")
_LONGEST = 200


class FormulaNotUnderstood(ValueError):
    """The text of a rule is no formula of the known form; correct the rule."""


def value(formula: str | int | float, *, n: int) -> Fraction:
    """The formula at `n`, exactly. Raises `FormulaNotUnderstood`."""
    reader = _Reader(str(formula), n)
    result = reader.sum()
    if reader.tokens:
        raise FormulaNotUnderstood(f"'{formula}' is not a formula from '{reader.tokens[0]}' on.")
    return result


def by_count(table: Mapping[str, Any], *, n: int) -> Fraction:
    """The entry of a table by count (keys such as "3", "5-10", "11+"), worked out at `n`.

    Raises `FormulaNotUnderstood` when no entry covers `n`.
    """
    for key, formula in table.items():
        low, high = _bounds(key)
        if low <= n <= high:
            return value(formula, n=n)
    raise FormulaNotUnderstood(f"The table has no entry for {n}.")


def _bounds(key: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d+)(?:(\+)|-(\d+))?", key)
    if not found:
        return math.inf, -math.inf
    low = int(found[1])
    return low, math.inf if found[2] else int(found[3] or low)


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str, n: int) -> None:
        self.text, self.n = text, n
        self.tokens = self._split(text)

    def _split(self, text: str) -> list[str]:
        if len(text) > _LONGEST:
            raise FormulaNotUnderstood(f"A formula has at most {_LONGEST} characters.")
        tokens, place = [], 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise FormulaNotUnderstood(f"'{text}' is not a formula from '{text[place:].strip()}' on.")
            tokens.append(found[1])
            place = found.end()
        return tokens

    def sum(self) -> Fraction:
        total = self.product()
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.tokens.pop(0) == "+" else -1
            total += sign * self.product()
        return total

    def product(self) -> Fraction:
        total = self.factor()
        while self.tokens and (
            self.tokens[0] in {"*", "n", "(", "max", "min"} or self.tokens[0][0].isdigit()
        ):
            if self.tokens[0] == "*":
                self.tokens.pop(0)
            total *= self.factor()
        if self.tokens and self.tokens[0] == "rounded up":
            self.tokens.pop(0)
            total = Fraction(math.ceil(total))
        return total

    def factor(self) -> Fraction:
        word = self._take()
        if word == "n":
            return Fraction(self.n)
        if word == "(":
            inner = self.sum()
            self._expect(")")
            return inner
        if word in {"max", "min"}:
            return self._of_several(word)
        if word[0].isdigit():
            return Fraction(word)
        raise FormulaNotUnderstood(f"'{self.text}' has '{word}' where a number should stand.")

    def _of_several(self, name: str) -> Fraction:
        self._expect("(")
        values = [self.sum()]
        while self.tokens and self.tokens[0] == ",":
            self.tokens.pop(0)
            values.append(self.sum())
        self._expect(")")
        return max(values) if name == "max" else min(values)

    def _take(self) -> str:
        if not self.tokens:
            raise FormulaNotUnderstood(f"'{self.text}' ends too early.")
        return self.tokens.pop(0)

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise FormulaNotUnderstood(f"'{self.text}' lacks '{token}'.")
