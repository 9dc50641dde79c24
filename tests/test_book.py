"""The book: built without a warning, complete by itself, readable on a phone."""

import html.parser
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lite
import pytest
from conftest import missing, serious_faults

ROOT = Path(__file__).parent.parent
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
LAYOUTS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]


class Page(html.parser.HTMLParser):
    """What a page links to, loads and shows."""

    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links, self.loaded, self.alts = path, set(), [], [], []
        self.formulas, self.text, self.headings = 0, "", []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        self.formulas += tag == "math"
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.alts.append(attributes.get("alt", ""))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag in ("script", "img", "source", "iframe"):
            self.loaded.append(attributes.get("src"))
        if tag == "link" and attributes.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(attributes["href"])

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The folder of the book; building it says nothing and runs nothing."""
    needed = ("sphinx", "furo", "myst_nb", "numpydoc", "ziamath", "latex2mathml")
    if not all(map(find_spec, needed)):
        missing("what `make book` needs is not installed")
    folder = tmp_path_factory.mktemp("book")
    settings = {"REPOSITORY": "owner/course", "BROWSER": "https://owner.github.io/course/try"}
    built = subprocess.run(
        [sys.executable, ROOT / "tools" / "book.py", folder],
        capture_output=True,
        text=True,
        env=os.environ | settings,
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    return folder


@pytest.fixture(scope="module")
def pages(book):
    return {path: Page(path) for path in book.rglob("*.html")}


def test_every_lesson_is_there(book, pages):
    for lesson in LESSONS:
        page = pages[book / "lessons" / f"{lesson}.html"]
        assert page.formulas > 0
        assert len(page.alts) > 3
        assert "$" not in page.text.replace("$ make", "")
        assert "For the instructor" not in page.text
        assert "Run this cell to move its controls" not in page.text


def test_each_picture_has_its_alternative_text(pages):
    alts = [alt for page in pages.values() for alt in page.alts]
    assert len(alts) > 60
    assert all(len(alt) > 30 for alt in alts)


def test_pages_load_nothing_from_elsewhere(pages):
    loaded = [urlsplit(address) for page in pages.values() for address in page.loaded if address]
    assert {address.scheme for address in loaded} <= {"", "data"}
    assert not any(address.netloc for address in loaded)


def test_links_within_the_book_lead_somewhere(book, pages):
    for page in pages.values():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (
                (page.path.parent / unquote(address.path)).resolve() if address.path else page.path
            )
            assert target.exists(), (page.path.name, link)
            if address.fragment and target in pages:
                assert unquote(address.fragment) in pages[target].ids, (page.path.name, link)


def test_headings_are_in_order(pages):
    for path, page in pages.items():
        if path.name == "search.html":  # its heading comes by script
            continue
        assert page.headings[0] == 1, path
        jumps = zip(page.headings, page.headings[1:], strict=False)
        assert all(next_ - before <= 1 for before, next_ in jumps), page.path


def test_a_lesson_says_where_it_can_be_run(book, pages):
    links = pages[book / "lessons" / "01_logistic_unit.html"].links
    for start in (
        "https://owner.github.io/course/try/lab/index.html?path=",
        "https://mybinder.org/v2/gh/owner/course/HEAD?labpath=notebooks/",
        "https://colab.research.google.com/github/owner/course/blob/HEAD/notebooks/",
    ):
        assert f"{start}01_logistic_unit.ipynb" in [unquote(link) for link in links]


def test_only_lessons_of_the_site_lead_there(book, pages):
    there = [path.stem for path in lite.lessons()]
    for lesson in LESSONS:
        links = pages[book / "lessons" / f"{lesson}.html"].links
        leads_there = any("course/try" in link for link in links)
        assert leads_there == (lesson in there), lesson


@pytest.mark.parametrize("width, scheme", LAYOUTS)
def test_pages_are_readable_at_every_width(browser, book, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked, errors = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in [
        *book.glob("*.html"),
        *book.glob("lessons/*.html"),
        *book.glob("reference/*.html"),
    ]:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
        assert page.evaluate(broken) == 0, path
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (light == "rgb(255, 255, 255)") == (scheme == "light"), path
    assert errors == []
    assert all(address.startswith((book.as_uri(), "data:")) for address in asked)
    context.close()


@pytest.mark.parametrize("width, scheme", LAYOUTS)
def test_axe_finds_nothing_that_bars_somebody(browser, book, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    pages = ["index", "search", "reference/layers", *(f"lessons/{name}" for name in LESSONS)]
    faults = []
    for name in pages:
        page.goto((book / f"{name}.html").as_uri())
        page.evaluate("document.fonts.ready")
        faults += [f"{name}: {fault}" for fault in serious_faults(page)]
    assert faults == []
    context.close()


def test_formulas_are_drawn_with_the_font_that_comes_along(browser, book):
    page = browser.new_page()
    page.goto((book / "lessons" / "03_losses.html").as_uri())
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family).join()"
    assert "STIX Two Math" in page.evaluate(loaded)
    page.close()


def test_the_search_works_from_the_disk(browser, book):
    page = browser.new_page()
    page.goto(f"{(book / 'search.html').as_uri()}?q=backpropagation")
    page.wait_for_selector("ul.search li", timeout=20_000)
    assert page.locator("ul.search li").count() >= 2
    page.close()
