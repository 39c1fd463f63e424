"""The wheel holds everything that is no Python, and works where nothing of the source is."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from karmayogi.cli.cluster import free_port
from karmayogi.cli.drills.ground import ready, until

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "karmayogi"
LEFT_OUT = {".pyc", ".pot"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q"]
    subprocess.run([*command, "-w", folder, ROOT], check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel; its dependencies are those of this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "-q",
        wheel,
    ]
    subprocess.run(command, check=True, capture_output=True)
    (packages,) = home.glob("lib/python3*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return home


@pytest.fixture
def run(installed, tmp_path):
    """Runs a program of the fresh environment with a data folder of its own; the folder is removed by `db reset`."""
    tmp_path.chmod(0o711)
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("KARMAYOGI_", "DATABASE", "PYTHON", "DJANGO"))
    }
    given = {**clean, "KARMAYOGI_DATA": str(tmp_path / "data"), "KARMAYOGI_DURABLE": "0"}

    def start(*command, wait=True):
        program = [installed / "bin" / command[0], *command[1:]]
        if not wait:
            return subprocess.Popen(program, env=given, cwd=tmp_path)
        return subprocess.run(program, env=given, cwd=tmp_path, capture_output=True, text=True, check=False)

    yield start
    start("karmayogi", "db", "reset", "--yes")


@pytest.mark.drill
def test_the_wheel_holds_every_file_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(p.relative_to(SOURCE.parent))
        for p in SOURCE.rglob("*")
        if p.is_file() and p.suffix not in LEFT_OUT and "__pycache__" not in p.parts
    }
    assert {p.rpartition(".")[2] for p in wanted} >= {"py", "html", "css", "js", "csv", "json", "md", "mo"}
    assert sorted(wanted - inside) == []


@pytest.mark.drill
def test_a_fresh_environment_migrates_serves_and_is_looked_at_by_its_doctor(run, installed):
    where = run("python", "-c", "import karmayogi; print(karmayogi.__file__)")
    assert str(installed) in where.stdout, where.stderr
    migrated = run("karmayogi", "db", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    looked = run("karmayogi", "doctor")
    assert looked.returncode == 0, looked.stdout
    assert "forced on every table" in looked.stdout
    port = free_port()
    pages = run("karmayogi", "serve", "--port", str(port), "--workers", "1", wait=False)
    try:
        assert until(lambda: ready(port) == 200, seconds=60)
    finally:
        pages.terminate()
        pages.wait(20)
