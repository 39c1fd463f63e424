"""sqlmap and wapiti as programs of their own: their environment, one run of each, and what it found.

Both send to loopback only, have a folder of the test for everything they write, and end by themselves.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..journeys.served import HOST
from .surface import Surface, Target

PINNED = Path(__file__).with_name("attackers.txt")
FOUND, CLEAN = "identified the following injection point", "do not appear to be injectable"
TYPE = re.compile(r"Type: (.+)")
MODULES = "sql,timesql,xss,permanentxss,exec,file,crlf,redirect"
"""Modules of wapiti that need no server of theirs outside."""
OFTEN = 2
"""Runs of sqlmap at the same time."""


@dataclass
class Report:
    """What one tool did to one site as one person: `tried`, what it `found`, and what it could not try."""

    tool: str
    who: str
    tried: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.tool} as {self.who}: {len(self.tried)} tried, {len(self.found)} found"]
        lines += [f"  found    {what}" for what in self.found]
        lines += [f"  untried  {what}" for what in self.untried]
        return "\n".join([*lines, *(f"  tried    {what}" for what in self.tried)])


class Tools:
    """The environment of the tools, made once for each state of the pinned file, beside the project's own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / f"attackers-{hashlib.sha256(PINNED.read_bytes()).hexdigest()[:12]}"

    def make(self) -> None:
        """Installs what is pinned, unless it is there."""
        done = self.home / "done"
        if done.exists():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(self.home)], check=True)
        pip = [str(self.home / "bin" / "pip"), "install", "--quiet", "--no-deps", "-r", str(PINNED)]
        subprocess.run(pip, check=True, timeout=900)
        done.touch()

    def run(self, tool: str, *arguments: str, folder: Path, seconds: float) -> str:
        """What a tool printed until it ended, or was ended; it knows nothing of our environment."""
        given = {"PATH": f"{self.home / 'bin'}:{os.defpath}", "HOME": str(folder), "LANG": "C.UTF-8"}
        command = ["nice", "-n", "5", str(self.home / "bin" / tool), *arguments]
        said = (folder / f"{tool}.log").open("w+")
        with said:
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    command, env=given, cwd=folder, stdout=said, stderr=said, timeout=seconds, check=False
                )
            said.seek(0)
            return said.read()


def inject(tools: Tools, site: Any, client: Any, surface: Surface, *, who: str, folder: Path) -> Report:
    """sqlmap against every target: errors, and what is true against what is false, in PostgreSQL's words."""
    report = Report("sqlmap", who)

    def attack(target: Target) -> tuple[Target, str]:
        return target, _sqlmap(tools, site, client, target, folder)

    with ThreadPoolExecutor(OFTEN) as threads:
        for target, said in threads.map(attack, surface.targets.values()):
            if FOUND in said:
                report.found.append(f"{target}: {TYPE.findall(said)[0]}")
            if FOUND in said or CLEAN in said:
                report.tried.append(str(target))
            else:
                report.untried.append(f"{target}: {said.strip().splitlines()[-3:]}")
    return report


def _sqlmap(tools: Tools, site: Any, client: Any, target: Target, folder: Path) -> str:
    mine = folder / hashlib.sha256(repr(target).encode()).hexdigest()[:12]
    mine.mkdir(parents=True, exist_ok=True)
    url = f"{site.url}{target.path}"
    if target.method == "POST":
        told = [
            (n, client.cookies["csrftoken"] if n == "csrfmiddlewaretoken" else v) for n, v in target.fields
        ]
        what = ["-u", url, "--data", Target("", "", "", tuple(told)).data]
        what += [] if target.mark else ["-p", ",".join(target.names)]
    elif target.mark:
        what = ["-u", url]
    else:
        what = ["-u", f"{url}?{target.data}", "-p", ",".join(target.names)]
    return tools.run(
        "sqlmap", *what, "--cookie", _cookies(client), "--batch", "--disable-coloring", "--drop-set-cookie",
        "--dbms", "PostgreSQL", "--technique", "BE", "--level", "1", "--risk", "1", "--ignore-code", "*",
        "--retries", "1", "--timeout", "30", "--skip-waf", "--text-only", "--answers", "resend=N", "--disable-precon",
        "--output-dir", str(mine), folder=mine, seconds=300,
    )  # fmt: skip


def scan(
    tools: Tools, site: Any, client: Any, surface: Surface, *, who: str, folder: Path, seconds: int
) -> Report:
    """wapiti from every page that was walked, for at most `seconds` in each of its modules."""
    folder.mkdir(parents=True, exist_ok=True)
    jar, out = folder / "cookies.json", folder / "report.json"
    jar.write_text(json.dumps(_jar(client)))
    starts = [part for page in surface.pages for part in ("-s", site.url + page)]
    leave = [part for path in ("account/*", "demo/*", "language/*") for part in ("-x", f"{site.url}/{path}")]
    said = tools.run(
        "wapiti", "-u", f"{site.url}/", *starts, *leave, "-d", "1", "--scope", "folder", "-m", MODULES,
        "-c", str(jar), "--skip", "csrfmiddlewaretoken", "-S", "normal", "-t", "30",
        "--max-scan-time", str(seconds), "--max-attack-time", str(seconds), "--flush-session", "--no-bugreport",
        "--store-session", str(folder / "session"), "--store-config", str(folder / "config"), "--tasks", "4",
        "-v", "1", "-f", "json", "-o", str(out), folder=folder, seconds=seconds * 12,
    )  # fmt: skip
    report = Report("wapiti", who)
    if not out.exists():
        report.untried.append(said[-1500:])
        return report
    told = json.loads(out.read_text())
    for kind, cases in told["vulnerabilities"].items():
        report.found += [
            f"{kind}: {c['method']} {urlsplit(c['path']).path} ({c['parameter']})" for c in cases
        ]
    report.tried = [f"{told['infos']['crawled_pages_nbr']} pages and forms with {MODULES}"]
    return report


def _cookies(client: Any) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def _jar(client: Any) -> dict[str, Any]:
    """Cookies as wapiti's files have them."""
    plain = {"version": 0, "expires": None, "secure": False, "port": None}
    return {HOST: {"/": {n: {"value": v, **plain} for n, v in client.cookies.items()}}}
