"""Every test can fail: it asserts something itself, or through a helper of its file that does."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
SAYS = {"raises", "expect"}


def silent(code: str) -> list[str]:
    """Names of the tests in which nothing is asserted, raised or expected, nor in a helper they call."""
    functions = {node.name: node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)}
    speaking = {name for name, node in functions.items() if _says(node)}
    helpers = {name for name in speaking if not name.startswith("test")}
    return [
        name
        for name, node in functions.items()
        if name.startswith("test_") and name not in speaking and not helpers & set(_called(node))
    ]


def _says(node: ast.FunctionDef) -> bool:
    return bool(SAYS & set(_called(node))) or any(
        isinstance(n, ast.Assert | ast.Raise) for n in ast.walk(node)
    )


def _called(node: ast.FunctionDef) -> Iterator[str]:
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        yield call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_test_asserts_something() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): names
        for path in sorted(TESTS.rglob("test_*.py"))
        if (names := silent(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_test_that_asserts_nothing_would_be_found() -> None:
    assert silent("def test_a():\n    work()\n\n\ndef test_b():\n    assert work()\n") == ["test_a"]
