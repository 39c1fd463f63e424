"""Browser journeys: the whole system as a person meets it, in a real Chromium against real second processes.

Where Chromium or Playwright is missing the files of this folder are not collected, and one line says so.
"""

import functools
import importlib.util
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the modules beside the tests, which pytest does not put on the path by itself

CHROMIUM = Path(os.environ.get("KARMAYOGI_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 180_000
"""Milliseconds."""
MISSING = [
    what
    for what, there in (
        (str(CHROMIUM), CHROMIUM.exists()),
        ("playwright", importlib.util.find_spec("playwright")),
        ("axe-playwright-python", importlib.util.find_spec("axe_playwright_python")),
    )
    if not there
]
if MISSING:
    collect_ignore_glob = ["test_*.py"]
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        sys.stderr.write(f"\nbrowser journeys are not collected: {', '.join(MISSING)} not found\n")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(item.path).parent == HERE:
            item.add_marker(pytest.mark.browser)


def _settling(act: Callable[..., Any]) -> Callable[..., Any]:
    """`act` of a page or a locator, ended when the page it led to has loaded.

    The driver comes back as soon as that page has begun to arrive: what is read next might not be there yet.
    """

    @functools.wraps(act)
    def settled(self: Any, *args: Any, **named: Any) -> Any:
        done = act(self, *args, **named)
        page = getattr(self, "page", self)
        if not page.is_closed():
            page.wait_for_load_state()
        return done

    return settled


def _patient(new_context: Callable[..., Any]) -> Callable[..., Any]:
    """`new_context`, whose pages wait for a slow machine and end only what hangs."""

    @functools.wraps(new_context)
    def made(self: Any, **named: Any) -> Any:
        context = new_context(self, **named)
        context.set_default_timeout(PATIENCE)
        return context

    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of this process; a click or a key ends with the page it leads to."""
    from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        for kind, name in itertools.product((Page, Locator), ("click", "press")):
            patch.setattr(kind, name, _settling(getattr(kind, name)))
        expect.set_options(timeout=PATIENCE)
        patch.setattr(Browser, "new_context", _patient(Browser.new_context))
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=PATIENCE)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve(databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """`serve(worker=False)` starts pages (and jobs) on a fresh demonstration; all are ended with the session."""
    from served import Site

    with ExitStack() as stack:

        def start(*, worker: bool = False, settings: dict[str, str] | None = None) -> Site:
            folder = tmp_path_factory.mktemp("site")
            return stack.enter_context(Site(databases, folder, worker=worker, settings=settings))

        yield start


@pytest.fixture(scope="session")
def site(serve: Callable[..., Any]) -> Any:
    """The demonstration for tests that look and leave no trace others would mind."""
    return serve()


@pytest.fixture(scope="module")
def eyes(browser: Any, site: Any) -> Iterator[Any]:
    """The browser's contexts on the demonstration, one for each persona and language."""
    from eyes import Eyes

    made = Eyes(browser, site)
    yield made
    made.close()


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a line past the capture, so that it is read also when the tests pass."""

    def tell(text: str) -> None:
        with capfd.disabled():
            sys.stderr.write(text + "\n")

    return tell
