"""Scanners over the source: bandit finds nothing that was not judged line by line, detect-secrets no key of anybody."""

import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings, transient_settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "karmayogi"
RUFF = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
SAME = {"B703": "S308", "B404": "S404", "B704": "S308"}
"""bandit's number -> ruff's, where they differ; otherwise B608 is S608."""
BY_RULE = {*RUFF["ignore"], "S404"}
"""Ruff's rules that are off for everything: the same findings of bandit are no news."""
JUDGED = {
    ("src/karmayogi/web/templatetags/ui.py", "B703"): "joins tags that format_html made",
    ("src/karmayogi/cli/cluster.py", "B105"): "the name of a way to keep passwords",
}
"""(file, number of bandit) -> why it is none, where ruff has no mark to look for."""

NO_SECRET = {
    ("src/karmayogi/cli/cluster.py", "Secret Keyword"): "the name of a file",
    ("src/karmayogi/registry/codes.py", "Base64 High Entropy String"): "an alphabet",
    ("src/karmayogi/standards/signing.py", "Base64 High Entropy String"): "an alphabet",
    ("src/karmayogi/web/templates/mfa/webauthn/add_form.html", "Secret Keyword"): "the id of a form",
    ("docs/how-to/run-on-a-server.md", "Secret Keyword"): "choose-your-own in an example",
    ("docs/how-to/run-on-a-server.md", "Basic Auth Credentials"): "choose-your-own in an example",
}
"""(file, kind of finding) -> why it is none."""
OF_TESTS = [
    {"name": name}
    for name in ("AWSKeyDetector", "GitHubTokenDetector", "PrivateKeyDetector", "JwtTokenDetector")
]
"""In tests made-up passwords, digests and addresses are the matter itself; keys of real services never are."""
TOKENS_OF_NOBODY = {"tests/unit/standards/test_organogram.py"}
"""A column of masked names looks like a token."""


def bandit(*paths: Path) -> list[dict]:
    """Its findings: test_id, filename, line_range."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", "-f", "json", *map(str, paths)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return json.loads(found.stdout)["results"]


def judged(finding: dict) -> bool:
    """True where the rule is off by decision, or the statement carries the mark of the same rule of ruff."""
    code = SAME.get(finding["test_id"], f"S{finding['test_id'][1:]}")
    path = Path(finding["filename"])
    shown = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    if code in BY_RULE or (shown, finding["test_id"]) in JUDGED:
        return True
    if (
        "/migrations/" in shown and code == "S608"
    ):  # constants of the code; no address or form reaches a migration
        return True
    if any(code in off and fnmatch(shown, pattern) for pattern, off in RUFF["per-file-ignores"].items()):
        return True
    lines = path.read_text().splitlines()[min(finding["line_range"]) - 1 : max(finding["line_range"]) + 1]
    return any(re.search(rf"# noqa: [^#]*\b{code}\b", line) for line in lines)


def test_bandit_finds_nothing_that_was_not_judged():
    unjudged = [
        f"{f['test_id']} {f['filename']}:{f['line_number']} {f['issue_text']}"
        for f in bandit(SOURCE)
        if not judged(f)
    ]
    assert unjudged == []


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess\nsubprocess.run(given, shell=True)",
        "import pickle\npickle.loads(given)",
        "import yaml\nyaml.load(given)",
        "import hashlib\nhashlib.md5(given)",
        "eval(given)",
        "cursor.execute(\"SELECT * FROM t WHERE name = '%s'\" % given)",
    ],
)
def test_a_careless_line_is_caught(tmp_path, line):
    """Planted bug."""
    (tmp_path / "careless.py").write_text(line)
    assert [f for f in bandit(tmp_path / "careless.py") if not judged(f)]


def test_a_rule_waived_on_a_line_says_why_unless_it_is_about_sql_made_of_our_own_constants():
    bare = re.compile(r"# noqa: (?!S608)S\d+\s*$")
    silent = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCE.rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    }
    assert silent == set()


def secrets(*files: Path) -> set[tuple[str, str]]:
    """(file, kind) of what looks like a secret, with the detectors that are on."""
    found = SecretsCollection()
    for file in files:
        found.scan_file(str(file))
    return {
        (str(Path(name).relative_to(ROOT)) if name.startswith(str(ROOT)) else name, s.type)
        for name, s in found
    }


def files(*places: str) -> list[Path]:
    """Text files of ours under the places."""
    known = subprocess.run(
        ["git", "ls-files", "-z", *places], capture_output=True, text=True, cwd=ROOT, check=True
    )
    kinds = {".py", ".md", ".html", ".js", ".toml", ".json", ".csv", ""}
    paths = (ROOT / name for name in known.stdout.split("\0") if name)
    return [p for p in paths if p.suffix in kinds and p.is_file() and p.stat().st_size < 200_000]


def test_no_file_that_is_shipped_holds_a_secret():
    with default_settings():
        assert (
            secrets(*files("src", "docs", "bench", ".ci", "Makefile", "README.md")) - set(NO_SECRET) == set()
        )


def test_no_test_holds_a_key_of_a_real_service():
    with transient_settings({"plugins_used": OF_TESTS}):
        found = secrets(*files("tests"))
    assert {(file, kind) for file, kind in found if file not in TOKENS_OF_NOBODY} == set()


@pytest.mark.parametrize(
    "line",
    [
        'password = "Tr0ub4dor&3-horse"',
        "postgresql://app:hunter2secret@db/karmayogi",
        "AKIA" + "IOSFODNN7EXAMPLQ",
    ],
)
def test_a_secret_left_in_a_file_is_caught(tmp_path, line):
    """Planted bug."""
    (tmp_path / "left.py").write_text(f"{line}\n")
    with default_settings():
        assert secrets(tmp_path / "left.py")
