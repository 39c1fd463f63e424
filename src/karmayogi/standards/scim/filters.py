"""A filter (RFC 7644, 3.4.2.2) as a tree of tests on attributes, for whoever turns it into a query.

The grammar and the types are the library's; here names become one spelling each, and what cannot be asked is refused.
"""

from dataclasses import dataclass
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)

LONGEST = 2000
"""Characters of a filter; those of real clients have under 200."""
WIDEST = 60
"""Tests in one filter."""


@dataclass(frozen=True, slots=True)
class Match:
    """One comparison. `attribute`: e.g. "emails.value"; `op`: eq ne co sw ew gt ge lt le, or pr without a value."""

    attribute: str
    op: str
    value: Any = None
    case_exact: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """True where all hold."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True where any holds."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class No:
    """True where it does not hold."""

    of: "Condition"


Condition = Match | Every | Some | No


def condition(asked: "ScimFilter[Any] | None", kind: type[Any]) -> Condition | None:
    """The tree of a filter about resources of `kind`; None for no filter.

    An attribute that this kind does not have holds nowhere (RFC 7644, 3.4.2.1). Raises `InvalidFilterException`.
    """
    if asked is None:
        return None
    if len(asked) > LONGEST:
        raise InvalidFilterException(detail=f"A filter has at most {LONGEST} characters.")
    reading = _Reading(ScimFilter[kind](asked.ast))  # type: ignore[valid-type]
    found = reading.visit(asked.ast)
    if reading.tests > WIDEST:
        raise InvalidFilterException(detail=f"A filter has at most {WIDEST} comparisons.")
    return found


NOWHERE = Some(())


class _Reading(FilterVisitor[Condition]):
    def __init__(self, bound: "ScimFilter[Any]", inside: str = "") -> None:
        self.bound, self.inside, self.tests = bound, inside, 0

    def visit_comparison(self, node: Comparison) -> Condition:
        self.tests += 1
        found = self.bound.resolve_comparison(self._whole(node.attr_path), strict=False)
        if found is None:
            return NOWHERE
        value = coerce_value(found, node.value, node.op)
        if isinstance(value, str) and "\0" in value:
            raise InvalidFilterException(detail="A text holds a character that is never kept.")
        return Match(_name(found.urn), node.op.value, value, found.case_exact)

    def visit_present(self, node: Present) -> Condition:
        self.tests += 1
        found = self.bound.resolve_comparison(self._whole(node.attr_path), strict=False)
        return NOWHERE if found is None else Match(_name(found.urn), "pr")

    def visit_not(self, node: Not) -> Condition:
        return No(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Condition:
        parts = tuple(self.visit(term) for term in node.terms)
        return Every(parts) if node.op == LogicalOperator.and_ else Some(parts)

    def visit_value_path(self, node: ValuePath) -> Condition:
        # Of every attribute with several values at most one is kept: a test inside is a test on that one.
        before, self.inside = self.inside, node.attr_path.attr
        try:
            return self.visit(node.val_filter)
        finally:
            self.inside = before

    def _whole(self, path: AttrPath) -> AttrPath:
        return AttrPath(attr=self.inside, sub_attr=path.attr, uri=path.uri) if self.inside else path


def _name(urn: str) -> str:
    """The attribute alone: "emails.value" of "urn:…:User:emails.value"."""
    return urn.rpartition(":")[2]


__all__ = ["Condition", "Every", "FilterNode", "Match", "No", "Some", "condition"]
