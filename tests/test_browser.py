"""The lessons in a real JupyterLab, in a real browser: needs playwright and Chromium."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from conftest import missing

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as `make lab` starts it, on a copy of the lessons; its address."""
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, folder)
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", "--no-browser",
        "--allow-root", "--IdentityProvider.token=", "--ServerApp.port=8877",
    ]  # fmt: skip
    environment = os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    address = "http://127.0.0.1:8877"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1).close()
                break
            except OSError:
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed")
    if not os.path.exists(CHROMIUM):
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


def run_all(browser, lab, lesson):
    """The page of a lesson with every cell running, once its explorer is there."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.goto(f"{lab}/lab/tree/{lesson}.ipynb?reset")
    # 'Run All' is lost while the kernel is not connected yet.
    page.wait_for_selector("text=/\\| Idle/", timeout=60_000)
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells >> nth=0")
    picture(page).wait_for(state="attached", timeout=300_000)
    return page


def picture(page):
    return page.locator(".jupyter-widgets img[alt]").first


@pytest.mark.parametrize("lesson", [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))])
def test_the_explorer_answers_to_the_keyboard(browser, lab, lesson):
    page = run_all(browser, lab, lesson)
    picture(page).scroll_into_view_if_needed()
    before = picture(page).get_attribute("alt")
    page.locator(".jupyter-widgets .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.jupyter-widgets img[alt]').alt !== before",
        arg=before,
        timeout=300_000,  # the kernel answers when it has run every cell
    )
    assert (
        page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count()
        == 0
    )
    page.close()
