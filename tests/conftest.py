"""What several test files share."""

import importlib
import os
import re
import warnings
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

BROWSER = pytest.StashKey()
LATENCIES = pytest.StashKey()  # of explorers: rows (lesson, explorer, median, most)


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="run the browser tests too")


def pytest_configure(config):
    config.stash[LATENCIES] = []


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[LATENCIES]
    if rows:
        terminalreporter.section("milliseconds from key to picture")
        terminalreporter.write_line(f"{'lesson':<24}{'explorer':>8}{'median':>8}{'most':>8}")
    for lesson, number, median, most in rows:
        terminalreporter.write_line(f"{lesson:<24}{number:>8}{median:>8.0f}{most:>8.0f}")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def torch():
    """PyTorch, where it is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module("torch")
        except ImportError:
            missing("PyTorch is not installed")


@pytest.fixture(scope="module")
def browser(pytestconfig):
    """Chromium without a network, where the browser tests are wanted."""
    if not pytestconfig.getoption("browser"):
        missing("the browser tests are run by make test-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed")
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(chromium):
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        pytestconfig.stash[BROWSER] = browser
        yield browser
        del pytestconfig.stash[BROWSER]
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Where a test fails, keep a picture of each page that is open in the browser."""
    report = yield
    browser = item.config.stash.get(BROWSER, None)
    if report.failed and browser:
        folder = item.config.cache.mkdir("screenshots")
        name = re.sub(r"\W+", "-", item.nodeid.removeprefix("tests/"))
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            page.screenshot(path=folder / f"{name}{number}.png")
    return report


@pytest.fixture(scope="session")
def debian_folder():
    """The folder with the full Fashion-MNIST that Debian's package installs."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    if not folder.is_dir():
        missing("Debian's package dataset-fashion-mnist is not installed")
    return folder


def missing(reason):
    """Skip the test; fail it where COURSE_REQUIRE_ALL=1 says that nothing may be missing."""
    if os.environ.get("COURSE_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def serious_faults(page, *within):
    """What axe-core finds on a page, or within what these selectors find, that bars somebody."""
    try:
        script = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except ImportError:
        missing("axe-playwright-python, which brings axe-core, is not installed")
    page.evaluate(script)
    found = page.evaluate(
        "within => axe.run(within.length ? {include: within.map(one => [one])} : document)",
        list(within),
    )
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
