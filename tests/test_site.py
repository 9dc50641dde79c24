"""The site: lessons in a real browser in which Python runs too. `make test-browser` runs these.

It is written twice. One site has Pyodide in it, and lesson 1 there may ask no other machine for
anything; the other is the published one, which loads Pyodide from its own address, and lesson 4
there is answered from the first site in that address's place.
"""

import functools
import http.server
import re
import threading
from importlib.util import find_spec
from urllib.parse import urlsplit

import lite
import nbformat
import pytest
from conftest import missing

MINUTES = 60_000  # milliseconds
PYODIDE = "cdn.jsdelivr.net"
EXPLORER = ".jp-OutputArea-output:has(.noUi-handle):has(img)"
WRONG = "def squared_error(prediction, y):\n    return np.sum((prediction - y) ** 2)"
RIGHT = "def squared_error(prediction, y):\n    return np.mean((prediction - y) ** 2)"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def sites(browser, tmp_path_factory):
    """The folders of the complete site and of the published one."""
    if not find_spec("jupyterlite_core") or not lite.WHEELS.is_dir():
        missing("what `make site` needs is not installed")
    complete, published = (tmp_path_factory.mktemp(name) for name in ("complete", "published"))
    lite.write(complete, complete=True)
    lite.write(published)
    return complete, published


class Lesson:
    """A lesson of a site in a tab of the browser."""

    def __init__(self, browser, site, number, instead=None):
        handler = functools.partial(Handler, directory=site)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        [self.file] = (p for p in lite.lessons() if p.name.startswith(f"{number:02}_"))
        self.code = [c for c in self.stored().cells if c.cell_type == "code"]
        self.asked = []
        self.context = browser.new_context(viewport={"width": 1200, "height": 1000})
        self.context.on("request", lambda request: self.asked.append(request.url))

        def answer(route):
            address = urlsplit(route.request.url)
            if instead and address.hostname == PYODIDE:
                allowed = {"access-control-allow-origin": "*"}
                path = instead / "kernel" / address.path.split("/")[-1]
                route.fulfill(path=path, headers=allowed | {"content-type": kind(path)})
            else:
                route.abort()

        self.context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", answer)
        self.page = self.context.new_page()
        port = self.server.server_address[1]
        self.page.goto(f"http://127.0.0.1:{port}/lab/index.html?path={self.file.name}")
        self.wait_for_python()

    def wait_for_python(self):
        self.page.wait_for_selector("text=/\\| Idle/", timeout=3 * MINUTES)
        self.page.wait_for_function(
            "count => document.querySelectorAll('.jp-CodeCell').length === count",
            arg=len(self.code),
            timeout=MINUTES,
        )

    def run(self):
        self.page.click("text=Run >> nth=0")
        self.page.click("text=Run All Cells >> nth=0")
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
                 .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))""",
            timeout=8 * MINUTES,
        )

    def cell(self, name):
        """The code cell of that id."""
        return self.page.locator(".jp-CodeCell").nth([c.id for c in self.code].index(name))

    def answer(self, name, source, says):
        """Write into a cell, run it, and wait for what is said."""
        cell = self.cell(name)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").fill(source)
        self.page.keyboard.press("Control+Enter")
        cell.locator(".jp-OutputArea-output", has_text=says).wait_for(timeout=2 * MINUTES)
        cell.locator(".jp-InputArea-prompt", has_text=re.compile(r"\d")).wait_for(timeout=MINUTES)

    def stored(self):
        return nbformat.read(self.file, as_version=4)

    def complaints(self):
        return self.page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error'],"
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'],"
            ".jp-OutputArea-output:has-text('Error displaying widget'),"
            ".jp-OutputArea-output:has-text('Traceback')"
        ).all_text_contents()

    def hosts(self):
        return {urlsplit(url).hostname for url in self.asked if url.startswith("http")}

    def close(self):
        self.context.close()
        self.server.shutdown()
        self.server.server_close()


def kind(path):
    return {".wasm": "application/wasm", ".mjs": "text/javascript"}.get(
        path.suffix, "application/octet-stream"
    )


@pytest.fixture(scope="module", params=[1, 4])
def lesson(request, browser, sites):
    complete, published = sites
    if request.param == 1:
        lesson = Lesson(browser, complete, 1)
    else:
        lesson = Lesson(browser, published, 4, instead=complete)
    lesson.run()
    yield lesson
    lesson.close()


def test_lessons_of_the_site_lead_only_to_each_other():
    names = {path.name for path in lite.lessons()}
    found = set()
    for path in lite.lessons():
        notebook = nbformat.reads(lite.for_the_site(path).decode(), as_version=4)
        assert len(notebook.cells) == len(nbformat.read(path, as_version=4).cells)
        found |= set(re.findall(r"\]\((\w+\.ipynb)\)", str(notebook.cells)))
    assert found and found <= names


def test_every_cell_runs_without_a_complaint(lesson):
    assert lesson.complaints() == []


def test_every_picture_is_shown(lesson):
    pictures = lesson.page.evaluate(
        """async () => Promise.all(
             [...document.querySelectorAll('.jp-OutputArea-output img')].map(async img => {
               await img.decode().catch(() => null);
               return [img.alt, img.naturalWidth];
             }))"""
    )
    outputs = [output for cell in lesson.code for output in cell.outputs]
    stored = sum("<img" in output.get("data", {}).get("text/html", "") for output in outputs)
    assert len(pictures) >= stored > 5
    assert [alt for alt, width in pictures if width == 0 or len(alt) < 20] == []


def test_the_explorer_answers(lesson):
    explorer = lesson.page.locator(EXPLORER).first
    explorer.scroll_into_view_if_needed()
    before = explorer.locator("img").get_attribute("src")
    explorer.locator(".noUi-handle").first.focus()
    lesson.page.keyboard.press("ArrowRight")
    lesson.page.wait_for_function(
        "([selector, before]) => document.querySelector(selector + ' img').src !== before",
        arg=[EXPLORER, before],
        timeout=MINUTES / 4,
    )


def test_the_kernel_came_from_where_it_should_and_nothing_else_was_asked(lesson):
    elsewhere = {PYODIDE} if lesson.file.name.startswith("04") else set()
    assert lesson.hosts() == {"127.0.0.1"} | elsewhere
    wasm = [urlsplit(url) for url in lesson.asked if url.endswith("pyodide.asm.wasm")]
    assert {address.hostname for address in wasm} == (elsewhere or {"127.0.0.1"})


@pytest.mark.parametrize("lesson", [1], indirect=True)
def test_answers_are_checked_and_kept(lesson):
    """A wrong one, one that never ends, a right one; and all is still there the next day."""
    decorator = '@exercise("1.1")\n'
    lesson.answer("ex-1-1", decorator + WRONG, "That is the sum of the squared errors")
    endless = "def squared_error(prediction, y):\n    while True: pass"
    lesson.answer("ex-1-1", decorator + endless, "was stopped")
    lesson.answer("ex-1-1", decorator + RIGHT, "The lesson goes on with your squared_error")
    lesson.page.keyboard.press("Control+s")
    lesson.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    lesson.page.reload()
    lesson.wait_for_python()
    cell = lesson.cell("ex-1-1")
    cell.scroll_into_view_if_needed()  # what is not seen may not be drawn yet
    cell.locator(".cm-content", has_text="return np.mean(").wait_for(timeout=MINUTES)
    both = "from course_utils.exercises import progress\nprogress()"
    lesson.answer("setup", both, "1 of")
    row = lesson.cell("setup").locator("tr", has_text="squared_error").first
    assert row.inner_text().split() == ["✓", "1.1", "squared_error", "right", "3"]
