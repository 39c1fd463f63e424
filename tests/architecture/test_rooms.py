"""The house keeps its shape: imports and relations point down, models stay private, names say what they hold.

Each rule is a function that lists what breaks it, and is shown to catch a fault planted for it.
"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "karmayogi"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(c for c in CONTRACTS if c["id"] == "rooms")["layers"]
HEIGHT = {room.strip(): -level for level, layer in enumerate(LAYERS) for room in layer.split("|")}
PRIVATE = {"models", "admin", "apps", "migrations"}
DRAWERS = re.compile(r"^(utils?|helpers?|services?|signals?|common|core|misc)(\.py)?$")


def private_imports(edges):
    """Imports of another room's private modules, as "importer -> imported"."""
    found = []
    for importer, imported in edges:
        a, b = importer.split("."), imported.split(".")
        if len(a) > 1 and len(b) > 2 and a[1] != b[1] and (b[2] in PRIVATE or b[2].startswith("_")):
            found.append(f"{importer} -> {imported}")
    return found


def upward_relations(relations):
    """Model relations to a room above or beside, as "room.Model.field -> room"."""
    return [f"{a}.{name} -> {b}" for a, name, b in relations if a != b and HEIGHT[b] >= HEIGHT[a]]


def drawers(paths):
    """Modules and folders with a name that holds anything."""
    return [str(p) for p in paths if any(DRAWERS.match(part) for part in p.parts)]


def _edges():
    graph = grimp.build_graph("karmayogi", cache_dir=None)
    return [(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)]


def _relations():
    for model in apps.get_models(include_auto_created=True):
        room = model.__module__.split(".")
        if room[0] != "karmayogi":
            continue
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model is not None:
                other = field.related_model.__module__.split(".")
                if other[0] == "karmayogi":
                    yield room[1], f"{model.__name__}.{field.name}", other[1]


def test_models_stay_private_to_their_room():
    assert private_imports(_edges()) == []


def test_relations_between_models_point_down():
    relations = list(_relations())
    assert relations
    assert upward_relations(relations) == []


def test_no_module_is_named_for_anything_and_everything():
    assert drawers(p.relative_to(SOURCE) for p in SOURCE.rglob("*.py")) == []


def test_every_room_says_what_it_is_for():
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(HEIGHT) - {"settings"}
    assert [r for r in sorted(rooms) if not (SOURCE / r / "README.md").exists()] == []


def test_no_signals_are_connected():
    users = [
        str(p.relative_to(SOURCE))
        for p in SOURCE.rglob("*.py")
        if any(
            isinstance(n, (ast.Import, ast.ImportFrom)) and "signals" in ast.dump(n)
            for n in ast.walk(ast.parse(p.read_text()))
        )
    ]
    assert users == []


def test_the_private_rule_catches_a_planted_import():
    planted = [("karmayogi.planning.needs", "karmayogi.competency.models")]
    assert private_imports(planted) == ["karmayogi.planning.needs -> karmayogi.competency.models"]


def test_the_relation_rule_catches_a_planted_foreign_key():
    planted = [("competency", "Evidence.course", "learning"), ("ehrms", "Post.course", "learning")]
    assert len(upward_relations(planted)) == 2


def test_the_name_rule_catches_a_planted_drawer():
    assert drawers([Path("learning/utils.py"), Path("learning/courses.py")]) == ["learning/utils.py"]


def _lint(folder):
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("competency/planted.py", "from karmayogi.learning import planted2\n", "Rooms point down"),
        ("science/planted.py", "import django\n", "The benches know no Django"),
    ],
)
def test_the_import_contract_catches_a_planted_import(tmp_path, module, line, contract):
    shutil.copytree(
        SOURCE, tmp_path / "src" / "karmayogi", ignore=shutil.ignore_patterns("__pycache__", "content")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "karmayogi" / "learning" / "planted2.py").write_text('"""Planted."""\n')
    (tmp_path / "src" / "karmayogi" / module).write_text(line)
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports;"
            " sys.exit(lint_imports(no_cache=True))",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    broken = [text for text in run.stdout.splitlines() if "BROKEN" in text]
    assert any(contract in text for text in broken), run.stdout
