"""The lessons as slides, measured in Chromium; run by `make test-browser`."""

import base64
import importlib
import io
import re
from pathlib import Path

import nbformat
import pytest
from conftest import missing, serious_faults
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
DESCRIPTION = 'A "grey" pixel, 1 < 2.'
ESCAPED = "A &quot;grey&quot; pixel, 1 &lt; 2."


@pytest.fixture(scope="module")
def slides():
    """The tool, where the packages that it needs are installed."""
    try:
        return importlib.import_module("slides")
    except (ImportError, AttributeError):
        missing("what `make slides` needs is not installed")


class Lesson:
    def __init__(self, slides, browser, name, folder):
        self.name = name
        self.path = slides.write(NOTEBOOKS / f"{name}.ipynb", folder)
        self.slides, self.asked, self.errors = slides.measure(browser, self.path)


@pytest.fixture(scope="module", params=[path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))])
def lesson(request, slides, browser, tmp_path_factory):
    return Lesson(slides, browser, request.param, tmp_path_factory.mktemp("slides"))


def test_every_slide_fits(lesson, slides, capsys):
    found = [
        f"{slides.named(lesson.name, slide)}: {slides.too_large(slide)}"
        for slide in lesson.slides
        if slides.too_large(slide)
    ]
    with capsys.disabled():
        print("\n".join(["", *found]))
    assert found == []


def test_every_slide_can_be_read(lesson, slides):
    """Large letters, described pictures, something to see, and every formula that was written."""
    assert len(lesson.slides) > 10
    wrong = [(slides.named(lesson.name, slide), slides.faults(slide)) for slide in lesson.slides]
    assert [slide for slide in wrong if slide[1]] == []
    assert any(slide["code"] < 99 for slide in lesson.slides)
    written = [
        formula
        for cell in nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4).cells
        if cell.cell_type == "markdown"
        and cell.metadata.get("slideshow", {}).get("slide_type") not in ("skip", "notes")
        for formula in re.findall(r"\$\$?[^$]+\$\$?", cell.source)
    ]
    assert sum(slide["formulas"] for slide in lesson.slides) == len(written)


def test_slides_ask_for_nothing_and_have_no_errors(lesson):
    assert lesson.asked == []
    assert lesson.errors == []


def text(source, kind="-"):
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}})


def code(source, *outputs, kind="-", tags=()):
    metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def printed(said):
    return new_output("stream", text=said)


def html(shown, plain=""):
    return new_output("display_data", {"text/html": shown, "text/plain": plain})


def rendered(slides, *cells):
    """Of each stack of slides its HTML, without line breaks."""
    return [stack.replace("\n", "") for stack in slides.stacks(new_notebook(cells=list(cells)))]


def test_axe_finds_nothing_that_bars_somebody(lesson, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{lesson.path.as_uri()}?print-pdf")  # all slides, one below the other
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.wait_for_selector(".pdf-page", state="attached", timeout=20_000)
    assert serious_faults(page) == []
    page.close()


def test_slide_types(slides):
    stacks = rendered(
        slides,
        text("one", "slide"),
        text("two", "subslide"),
        text("lost", "skip"),
        text("with two"),
        text("answer", "fragment"),
        text("more of it"),
        text("last", "fragment"),
        text("three", "slide"),
    )
    plain = [re.sub("</?p>", "", stack) for stack in stacks]
    assert plain == [
        '<section><div class="slide">one</div></section>'
        '<section><div class="slide">twowith two'
        '<div class="fragment">answermore of it</div><div class="fragment">last</div>'
        "</div></section>",
        '<section><div class="slide">three</div></section>',
    ]


def test_notes_are_unfolded_and_not_on_the_slide(slides):
    note = "<details><summary>For the instructor</summary>\n\nWait *long*.\n\n</details>"
    [stack] = rendered(
        slides, text("shown", "slide"), text("seen", "fragment"), text(note, "notes")
    )
    assert stack.endswith('</div><aside class="notes"><p>Wait <em>long</em>.</p></aside></section>')
    assert "details" not in stack and "For the instructor" not in stack


def test_a_folded_answer_is_a_fragment(slides):
    question = "Which?\n\n<details><summary>An answer</summary>\n\nThe *first*.\n\n</details>"
    [stack] = rendered(slides, text(question, "slide"))
    answer = "<p><strong>An answer.</strong></p><p>The <em>first</em>.</p>"
    assert f'<p>Which?</p><div class="fragment">{answer}</div>' in stack


@pytest.mark.parametrize(
    ("tags", "source_shown", "output_shown"),
    [
        ((), True, True),
        (("hide-input",), False, True),
        (("hide-output",), True, False),
    ],
)
def test_tags_hide_the_source_or_the_outputs(slides, tags, source_shown, output_shown):
    [stack] = rendered(slides, text("# A"), code("source", printed("a < b\n"), tags=tags))
    assert ("source</span>" in stack) == source_shown
    assert ('<pre class="output">a &lt; b</pre>' in stack) == output_shown


def test_explorers_and_exercises_not_attempted_are_left_out(slides):
    [stack] = rendered(
        slides,
        code("stub", html("<div>not attempted yet</div>", "Exercise 1.1: not attempted yet.")),
        code("explore()", printed("Explorer"), kind="subslide", tags=["explorer"]),
        code("", printed("beside it"), kind="subslide"),
    )
    assert "stub" in stack and "attempted" not in stack
    assert "xplore" not in stack and stack.count("<section>") == 2


PICTURES = {
    "png": [
        new_output(
            "display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": DESCRIPTION}}
        ),
        html(f"<details><summary>Description</summary>{ESCAPED}</details>"),
    ],
    "html": [
        html(
            f'<img alt="{ESCAPED}" width="1" src="data:image/png;base64,{PIXEL}">'
            f"<details><summary>Description</summary>{ESCAPED}</details>",
            f"Figure: {DESCRIPTION}",
        )
    ],
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_keeps_its_alternative_text(slides, kind):
    [stack] = rendered(slides, code("", *PICTURES[kind], tags=["hide-input"]))
    assert stack.count(ESCAPED) == 1 and stack.count(PIXEL) == 1
    assert f'<img class="figure" alt="{ESCAPED}"' in stack


def test_links_lead_from_slides_to_slides(slides):
    [stack] = rendered(slides, text("[next](02_forward_pass.ipynb)"))
    assert 'href="02_forward_pass.html"' in stack


def opened(slides, browser, folder, *cells):
    path = folder / "small.html"
    path.write_text(slides.page(new_notebook(cells=list(cells)), "small"), encoding="utf-8")
    return path, slides.measure(browser, path)


def test_a_slide_that_fits(slides, browser, tmp_path):
    cells = [text("# A\n\nFor $x = -1$:", "slide"), code("1 + 1", printed("2")), *SEEN]
    _, ([slide], asked, errors) = opened(slides, browser, tmp_path, *cells)
    assert slides.too_large(slide) == ""
    assert slides.faults(slide) == []
    assert (slide["title"], slide["code"], slide["text"], slide["formulas"]) == ("A", 18, 24, 1)
    assert asked == errors == []


SEEN = [code("", *PICTURES["html"], tags=["hide-input"])]
WORDS = "word\n\n" * 30


@pytest.mark.parametrize(
    "cells",
    [
        [text(WORDS)],
        [text("seen"), text(WORDS, "fragment")],
        [text(f"<details><summary>An answer</summary>\n\n{WORDS}</details>")],
        [text('<div style="height: 40px; overflow: hidden">' + "word<br>" * 60 + "</div>")],
        [code("x = " + "1 + " * 40 + "1")],
        [text("word\n\n" * 14), *SEEN, text("word\n\n" * 2)],
    ],
)
def test_too_large_is_found(slides, browser, tmp_path, cells):
    _, ([slide], _, _) = opened(slides, browser, tmp_path, *cells)
    assert slides.too_large(slide)


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (text('<p style="font-size: 19px">small</p>'), "text of 19 px"),
        (text('<code style="font-size: 15px">small</code>'), "code of 15 px"),
        (text(f'<img src="data:image/png;base64,{PIXEL}">'), "a picture without alternative text"),
        (text("$\\unheard{x}$"), "a formula that is not understood"),
        (text("late", "fragment"), "nothing on it at first"),
        (text("only said", "notes"), "nothing on it at first"),
    ],
)
def test_faults_are_found(slides, browser, tmp_path, cell, fault):
    _, ([slide], _, _) = opened(slides, browser, tmp_path, cell)
    assert fault in slides.faults(slide)


def test_requests_and_errors_are_found(slides, browser, tmp_path):
    sources = ["<script>throw 'ouch'</script>", '<img alt="gone" src="elsewhere.png">']
    _, ([slide], asked, errors) = opened(slides, browser, tmp_path, *map(text, sources))
    assert "a picture that is not shown" in slides.faults(slide)
    assert [url.split("/")[-1] for url in asked] == ["elsewhere.png"]
    assert "ouch" in errors


def test_figures_take_the_room_that_is_left(slides, browser, tmp_path):
    """A figure is never smaller than in the notebook: then rather the slide is too large."""
    buffer = io.BytesIO()
    Image.new("L", (800, 300)).save(buffer, "PNG")
    png = base64.b64encode(buffer.getvalue()).decode()
    picture = code(
        "", html(f'<img alt="a" src="data:image/png;base64,{png}">'), tags=["hide-input"]
    )
    heights = []
    for words in (1, 6, 20):
        path, _ = opened(slides, browser, tmp_path, text("word\n\n" * words), picture)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(path.as_uri())
        heights.append(page.locator("img").bounding_box()["height"])
        page.close()
    assert heights[0] == 444  # as wide as the slide
    assert 300 < heights[1] < 444
    assert heights[2] == 300


def test_the_speakers_view_has_the_notes(slides, browser, tmp_path):
    path, _ = opened(slides, browser, tmp_path, text("seen"), text("said", "notes"))
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_function("Reveal.isReady()")
    with context.expect_page() as speaker:
        page.keyboard.press("s")
    speaker.value.locator(".speaker-controls-notes >> text=said").wait_for()
    assert not page.locator("text=said").is_visible()
    context.close()


def test_a_slide_with_its_fragments_is_printed_on_one_page(slides, browser, tmp_path):
    cells = [text("one"), text("more", "fragment"), text("two", "slide"), text("three", "subslide")]
    path, _ = opened(slides, browser, tmp_path, *cells)
    page = browser.new_page()
    page.goto(f"{path.as_uri()}?view=print")
    page.wait_for_selector(".pdf-page")
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type */Page\b", pdf)) == 3
