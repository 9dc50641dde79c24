"""The lessons in a real JupyterLab, in a real browser: `make test-browser` runs them.

They need playwright and Chromium, and a few minutes; `make test` skips them.
One JupyterLab and one browser serve all of it, and each lesson is run once: what is seen on its
page is looked at by many tests.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
from conftest import LATENCIES, serious_faults
from workspace import update

import course_utils as cu

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
LESSONS = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
TOKEN = secrets.token_hex()  # another JupyterLab on the same port would not answer to it
MINUTES = 60_000  # milliseconds
# Buttons that do, and have no state.
ACTIONS = ("one step", "ten steps", "100 steps", "play", "reset", "empty paper")
EXPLORER = ".jp-OutputArea-output:has(.noUi-handle):has(img)"

# Python runs this at its start, in JupyterLab and in each kernel: it notes whom they speak to.
LISTENER = """
import os, sys

def listen(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    with open(os.environ["SPOKEN_TO"], "a") as file:
        file.write(f"{host}\\n")

sys.addaudithook(listen)
"""


class Lab:
    """JupyterLab as `make lab` starts it, on a student's copy and on the originals."""

    def __init__(self, folder):
        self.folder = folder
        self.spoken_to = folder / "spoken to"
        update(NOTEBOOKS, folder / "mine")
        (folder / "originals").mkdir()
        for path in NOTEBOOKS.glob("*.ipynb"):
            shutil.copy(path, folder / "originals")
        (folder / "listener").mkdir()
        (folder / "listener" / "sitecustomize.py").write_text(LISTENER)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        paths = [str(folder / "listener"), os.environ.get("PYTHONPATH")]
        settings = {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "SPOKEN_TO": str(self.spoken_to),
            "JUPYTER_CONFIG_DIR": str(folder / "settings"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "settings"),
            "XDG_DATA_HOME": str(folder / "data"),  # where progress is kept
        }
        with open(folder / "log", "w") as log:
            self.server = subprocess.Popen(
                [
                    *(sys.executable, str(ROOT / "tools" / "lab.py"), str(folder)),
                    *("--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}"),
                    *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
                    "--ServerApp.port_retries=0",
                ],
                stdout=log,
                stderr=log,
                env=os.environ | settings,
            )
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                return self.ask("GET", "api/status")
            except OSError:
                time.sleep(0.2)
            if self.server.poll() is not None:
                break
        raise RuntimeError(f"JupyterLab does not start: {(self.folder / 'log').read_text()}")

    def ask(self, method, path):
        request = urllib.request.Request(
            f"{self.address}/{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def shut_kernels_down(self):
        for kernel in json.loads(self.ask("GET", "api/kernels")):
            self.ask("DELETE", f"api/kernels/{kernel['id']}")

    def close(self):
        self.shut_kernels_down()
        self.server.terminate()
        self.server.wait()


@pytest.fixture(scope="module")
def window(browser):
    """A window of the browser, which notes every address that its pages ask for."""
    window = browser.new_context(viewport={"width": 1200, "height": 1000})
    window.asked_for = []
    window.on("request", lambda request: window.asked_for.append(request.url))
    window.on(
        "page",
        lambda page: page.on("websocket", lambda ws: window.asked_for.append(ws.url)),
    )
    yield window
    window.close()


@pytest.fixture(scope="module")
def lab(window, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


class Lesson:
    """A lesson in a tab of the window, and its file."""

    def __init__(self, window, lab, folder, name):
        self.file = lab.folder / folder / f"{name}.ipynb"
        self.page = window.new_page()
        self.page.goto(f"{lab.address}/lab/tree/{folder}/{name}.ipynb?reset&token={TOKEN}")
        # 'Run All' is lost while the kernel is not connected yet.
        self.page.wait_for_selector("text=/\\| Idle/", timeout=MINUTES)
        self.page.wait_for_function(
            "count => document.querySelectorAll('.jp-Notebook .jp-Cell').length === count",
            arg=len(self.stored().cells),
            timeout=MINUTES,
        )
        self.outputs_at_first = self.page.locator(".jp-Notebook .jp-OutputArea-output").count()

    def run(self):
        self.page.click("text=Run >> nth=0")
        self.page.click("text=Run All Cells >> nth=0")
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
                 .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))""",
            timeout=10 * MINUTES,
        )

    def save(self):
        self.page.locator(".jp-Notebook .jp-Cell").first.click()
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function(
            "() => !document.querySelector('.jp-mod-dirty')", timeout=MINUTES
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(nbformat.reader.NotJSONError):  # half written
                code = [c for c in self.stored().cells if c.cell_type == "code"]
                if all(cell.execution_count for cell in code):
                    return
            time.sleep(0.2)
        raise TimeoutError(f"{self.file.name} is not saved")

    def stored(self):
        return nbformat.read(self.file, as_version=4)

    def stored_pictures(self):
        """How many pictures the file holds."""
        outputs = [output for cell in self.stored().cells for output in cell.get("outputs", [])]
        return sum(
            "image/png" in data or "<img" in data.get("text/html", "")
            for data in (output.get("data", {}) for output in outputs)
        )

    def pictures(self):
        """What the page shows: for each picture in an output its alternative text, its width."""
        return self.page.evaluate(
            """async () => Promise.all(
                 [...document.querySelectorAll('.jp-OutputArea-output img')].map(async img => {
                   await img.decode().catch(() => null);
                   return [img.alt, img.naturalWidth];
                 }))"""
        )

    def complaints(self):
        """What a reader should not have to see."""
        found = self.page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error'],"
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'],"
            ".jp-OutputArea-output:has-text('Error displaying widget'),"
            ".jp-OutputArea-output:has-text('Traceback')"
        )
        return found.all_text_contents()


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, window, lab):
    """A lesson of the student's own copy, run from its first cell to its last."""
    lesson = Lesson(window, lab, "mine", request.param)
    lesson.run()
    yield lesson
    lesson.page.close()
    lab.shut_kernels_down()


@pytest.fixture(scope="module")
def again(lesson, window, lab):
    """The lesson saved, closed, and opened again with a new kernel."""
    lesson.save()
    lesson.page.close()
    lab.shut_kernels_down()
    again = Lesson(window, lab, "mine", lesson.file.stem)
    yield again
    again.page.close()


@pytest.fixture(scope="module")
def original(window, lab):
    """The first lesson as it is stored, which JupyterLab does not trust.

    It stands for all: notebook_rules.py says what every lesson has to store.
    """
    original = Lesson(window, lab, "originals", LESSONS[0])
    yield original
    original.page.close()
    lab.shut_kernels_down()


def check_pictures(lesson):
    """Every stored picture is shown."""
    pictures = lesson.pictures()
    assert len(pictures) >= lesson.stored_pictures() > 0
    assert [alt for alt, width in pictures if width == 0] == []


def check_descriptions(lesson):
    """Every picture has its alternative text."""
    descriptions = [alt for alt, _ in lesson.pictures()]
    assert descriptions
    assert [alt for alt in descriptions if len(alt) < 20] == []


def test_the_students_copy_came_without_outputs(lesson):
    assert lesson.outputs_at_first == 0


def test_every_cell_runs_without_a_complaint(lesson):
    assert lesson.complaints() == []


def test_jupyterlab_asks_nothing(lesson):
    assert lesson.page.locator(".Toastify__toast, .jp-Dialog").all_inner_texts() == []


def test_no_code_is_hidden_at_the_side(lesson):
    """Neither in a window 1000 pixels wide nor in one of 1200 at 150 %, file browser open."""
    page = lesson.page
    try:
        for width in (1000, 800):
            page.set_viewport_size({"width": width, "height": 800})
            hidden = page.evaluate(
                """() => [...document.querySelectorAll('.jp-CodeCell .cm-scroller')]
                     .filter(code => code.scrollWidth > code.clientWidth + 1)
                     .map(code => code.innerText.slice(0, 60))"""
            )
            assert hidden == []
    finally:
        page.set_viewport_size({"width": 1200, "height": 1000})


def watch(explorer, event):
    """Note, from now on, the milliseconds from the last such event to each new picture."""
    explorer.evaluate(
        """(explorer, event) => {
             const picture = () => explorer.querySelector('img').src;
             let since, before = picture();
             window.milliseconds = [];
             document.addEventListener(event, () => { since = performance.now(); }, true);
             new MutationObserver(() => {
               if (explorer.querySelector('img') && picture() !== before) {
                 before = picture();
                 requestAnimationFrame(() => milliseconds.push(performance.now() - since));
               }
             }).observe(explorer, {subtree: true, childList: true, attributes: true});
           }""",
        event,
    )


def test_each_explorer_answers_to_the_keyboard(lesson, pytestconfig):
    page = lesson.page
    for number, explorer in enumerate(page.locator(EXPLORER).all(), start=1):
        explorer.scroll_into_view_if_needed()
        explorer.locator(".noUi-handle").first.focus()
        watch(explorer, "keydown")
        for key in range(10):
            page.keyboard.press("ArrowLeft" if key % 2 else "ArrowRight")
            page.wait_for_function("key => milliseconds.length > key", arg=key, timeout=MINUTES / 4)
        milliseconds = page.evaluate("milliseconds")
        median, most = statistics.median(milliseconds), max(milliseconds)
        pytestconfig.stash[LATENCIES].append((lesson.file.stem, number, median, most))


def test_each_explorer_follows_the_mouse_and_drops_what_is_overtaken(lesson):
    page = lesson.page
    for explorer in page.locator(EXPLORER).all():
        explorer.scroll_into_view_if_needed()
        slider = explorer.locator(".widget-slider").first
        handle, track = slider.locator(".noUi-handle"), slider.locator(".noUi-base").bounding_box()
        across = np.linspace(track["x"], track["x"] + track["width"], 80)
        height = track["y"] + track["height"] / 2
        handle.hover()
        watch(explorer, "pointermove")
        page.mouse.down()
        for x in (*across, *across[::-1], *across[:40]):  # it stays in the middle
            page.mouse.move(x, height)
        page.mouse.up()
        page.wait_for_timeout(1500)  # of 200 pictures, one after the other, some would be missing
        assert page.evaluate("milliseconds.length")
        # By keyboard one step back and forth: the picture is that of where the slider stands.
        at_the_end = explorer.locator("img").first.get_attribute("alt")
        for key, there in (("ArrowLeft", False), ("ArrowRight", True)):
            handle.focus()
            page.keyboard.press(key)
            page.wait_for_function(
                """([explorer, alt, there]) =>
                     (explorer.querySelector('img')?.alt === alt) === there""",
                arg=[explorer.element_handle(), at_the_end, there],
                timeout=MINUTES / 4,
            )


def test_nothing_of_an_explorer_is_cut_off(lesson):
    """In a window 1000 pixels wide and in one of 1280 x 720 at 150 %, file browser open."""
    try:
        for width, height in ((1000, 720), (853, 480)):
            lesson.page.set_viewport_size({"width": width, "height": height})
            lesson.page.wait_for_timeout(500)
            for explorer in lesson.page.locator(EXPLORER).all():
                explorer.scroll_into_view_if_needed()
                assert explorer.evaluate("e => e.scrollWidth - e.clientWidth") == 0
                outer, inner = explorer.bounding_box(), explorer.locator("img").bounding_box()
                assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] <= width
                if not explorer.locator("canvas, code").count():  # paper, many controls
                    assert outer["height"] < height  # sliders and picture together
    finally:
        lesson.page.set_viewport_size({"width": 1200, "height": 1000})


def test_the_controls_of_each_explorer_say_what_they_are(lesson):
    for explorer in lesson.page.locator(EXPLORER).all():
        names = explorer.evaluate(
            """explorer => [...explorer.querySelectorAll('.noUi-handle, input, button')]
                 .filter(e => e.offsetParent)  // what is shown
                 .map(e => [e.getAttribute('aria-label') || e.labels?.[0]?.textContent
                       || e.textContent || e.title,
                       e.getAttribute('aria-valuetext') || e.getAttribute('aria-pressed')
                       || e.value])
            """
        )
        assert [name for name, _ in names if not name.strip()] == []
        assert [name for name, state in names if not state and name not in ACTIONS] == []
        assert len({name for name, _ in names}) == len(names)


def test_a_digit_that_is_drawn_by_mouse_is_recognised(lesson):
    explorer = lesson.page.locator(EXPLORER).filter(has=lesson.page.locator("canvas"))
    assert explorer.count() == (lesson.file.stem[:2] in ("05", "07"))
    if not explorer.count():
        return
    turns = np.linspace(0, 2 * np.pi, 40)
    strokes = {
        0: np.column_stack([0.5 + 0.2 * np.sin(turns), 0.5 - 0.3 * np.cos(turns)]),
        1: np.array([(0.5, 0.15), (0.49, 0.5), (0.48, 0.85)]),
        7: np.array([(0.25, 0.2), (0.5, 0.2), (0.7, 0.2), (0.55, 0.5), (0.45, 0.85)]),
    }
    best = {5: "100 units", 7: "CNN"}[int(lesson.file.stem[:2])]
    for digit, points in strokes.items():
        explorer.get_by_role("button", name="empty paper").click()
        explorer.locator("img[alt^='Empty paper']").wait_for(timeout=MINUTES / 4)
        explorer.locator("canvas").scroll_into_view_if_needed()
        paper = explorer.locator("canvas").bounding_box()
        points = points * (paper["width"], paper["height"]) + (paper["x"], paper["y"])
        lesson.page.mouse.move(*points[0])
        lesson.page.mouse.down()
        for point in points[1:]:
            lesson.page.mouse.move(*point, steps=3)
        lesson.page.mouse.up()
        explorer.locator(f"img[alt*='{best}: {digit}, with']").wait_for(timeout=MINUTES / 4)
    explorer.get_by_role("button", name="empty paper").click()
    explorer.locator("img[alt^='Empty paper']").wait_for(timeout=MINUTES / 4)
    explorer.locator("canvas").click()
    explorer.locator("img[alt^='A drawing of']").wait_for(timeout=MINUTES / 4)


def test_steps_of_gradient_descent_are_exact_though_sliders_are_not(lesson):
    if lesson.file.stem[:2] != "01":
        return
    page, explorer = lesson.page, lesson.page.locator(EXPLORER).filter(has_text="ten steps")

    def said_after(do):
        before = explorer.locator("img").get_attribute("alt")
        do()
        page.wait_for_function(
            "([e, alt]) => ![undefined, alt].includes(e.querySelector('img')?.alt)",
            arg=[explorer.element_handle(), before],
            timeout=MINUTES / 4,
        )
        page.wait_for_timeout(200)  # for what the sliders send back
        return explorer.locator("img").get_attribute("alt")

    explorer.locator(".noUi-handle").first.focus()
    start = said_after(lambda: page.keyboard.press("Home"))  # far from the lowest point
    button = explorer.get_by_role("button", name="ten steps")
    losses = [float(re.search(r"loss (\d+\.\d+)", said_after(button.click))[1]) for _ in range(8)]
    assert losses == sorted(losses, reverse=True) and losses[-1] == 0.273, losses
    # The way is kept: it leads back to its start, and not to what the sliders made of it.
    assert said_after(explorer.get_by_role("button", name="reset").click) == start


def test_a_playground_plays_pauses_and_lets_the_kernel_answer(lesson):
    page = lesson.page
    playground = page.locator(EXPLORER).filter(has=page.locator("code"))
    assert playground.count() == (lesson.file.stem[:2] in ("04", "08", "10"))
    if not playground.count():
        return

    def alt(explorer):
        return explorer.locator("img").get_attribute("alt")

    def changes(explorer, before):
        page.wait_for_function(
            "([e, alt]) => e.querySelector('img')?.alt !== alt",
            arg=[explorer.element_handle(), before],
            timeout=MINUTES / 12,
        )

    playground.scroll_into_view_if_needed()
    playground.get_by_title("play", exact=True).click()
    for _ in range(5):
        changes(playground, alt(playground))
    other = page.locator(EXPLORER).filter(has_not=page.locator("code")).first
    before = alt(other)
    other.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    changes(other, before)  # while it plays
    playground.scroll_into_view_if_needed()
    playground.get_by_title("pause", exact=True).click()
    page.wait_for_timeout(1000)
    before = alt(playground)
    page.wait_for_timeout(1000)
    assert alt(playground) == before
    playground.get_by_role("button", name="reset").click()
    playground.locator("img[alt*='After 0 steps']").wait_for(timeout=MINUTES / 12)
    again = eval(playground.locator("code").inner_text(), {"cu": cu})
    assert f'alt="{alt(playground)}"' in again.picture.value  # the line of code begins as this does


def test_arrows_stay_in_the_menu_of_an_explorer(lesson):
    buttons = lesson.page.locator(EXPLORER).first.locator("button")
    if buttons.count():
        buttons.first.focus()
        lesson.page.keyboard.press("ArrowDown")
        assert buttons.first.evaluate("button => button === document.activeElement")


def test_a_number_in_a_box_counts_at_once(lesson):
    explorer = lesson.page.locator(EXPLORER).first
    boxes = explorer.locator("input[type=number]")
    if boxes.count():
        boxes.nth(5).click()
        lesson.page.keyboard.press("Control+a")
        lesson.page.keyboard.type("7")  # and no Enter
        explorer.locator("img[alt*=', 7 /']").wait_for(timeout=MINUTES / 4)


def test_a_typed_word_counts_at_once(lesson):
    explorer = lesson.page.locator(EXPLORER).first
    boxes = explorer.locator("input[type=text]")
    if boxes.count():
        boxes.first.click()
        lesson.page.keyboard.press("Control+a")
        lesson.page.keyboard.type("tiger")  # and no Enter
        explorer.locator("img[alt*='In .tiger each']").wait_for(timeout=MINUTES / 4)


def test_axe_finds_nothing_in_our_outputs_that_bars_somebody(lesson):
    page = lesson.page
    if lesson.file.stem[:2] in ("01", "04"):
        answer_wrongly(lesson)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.click("text=Settings >> nth=0")
        page.hover("text=Theme >> nth=0")
        page.click(f"text={theme} >> nth=0")
        chosen = f"body[data-jp-theme-name='{theme}']"
        page.wait_for_selector(chosen, state="attached", timeout=MINUTES / 4)
        assert serious_faults(page, ".jp-OutputArea-output") == []


def answer_wrongly(lesson):
    """Answer the first exercise so that its verdict has all that a verdict can have."""
    exercise = next(c for c in lesson.stored().cells if "# your code here" in c.source)
    line = next(line for line in exercise.source.splitlines() if line.startswith("@exercise"))
    cell = lesson.page.locator(".jp-CodeCell").filter(has_text=line).first
    cell.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+a")
    lesson.page.keyboard.insert_text(exercise.source.replace("...  # your code here", "return 0.0"))
    lesson.page.keyboard.press("Control+Enter")
    cell.locator("[role=status]:has-text('✗')").wait_for(timeout=MINUTES / 4)


def test_every_picture_is_shown(lesson):
    lesson.save()
    check_pictures(lesson)


def test_every_picture_has_its_alternative_text(lesson):
    check_descriptions(lesson)


def test_pictures_are_there_when_opened_again(again):
    assert again.outputs_at_first > 0
    check_pictures(again)


def test_no_complaint_when_opened_again(again):
    assert again.complaints() == []


def test_alternative_text_when_opened_again(again):
    check_descriptions(again)


def test_an_original_shows_its_outputs_where_it_is_not_trusted(original):
    assert original.outputs_at_first > 0
    assert original.complaints() == []
    check_pictures(original)


def test_alternative_text_where_an_original_is_not_trusted(original):
    check_descriptions(original)


def test_nothing_left_the_machine(window, lab, original):
    """Neither from the pages nor from JupyterLab and its kernels, in all of the above."""
    hosts = {urlsplit(url).hostname for url in window.asked_for if url.split(":")[0] != "data"}
    assert hosts - {None} == {"127.0.0.1"}  # None is a picture that the page holds itself
    spoken_to = set(lab.spoken_to.read_text().split("\n")) - {"", "None"}
    assert "127.0.0.1" in spoken_to
    assert spoken_to <= {"127.0.0.1", "::1", "localhost", "0.0.0.0"}
